"""Rules of operations, in plain Python."""
