"""Bytes: stored files, the child processes that judge or draw them, the door to WeasyPrint."""
