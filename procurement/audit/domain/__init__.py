"""Hashes, Merkle root, roles: plain Python, without Django."""
