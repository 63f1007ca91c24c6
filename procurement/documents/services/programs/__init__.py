"""Programs that run in a child process, by path, never imported by the server.

Each is one file: ``main(stdin, stdout)`` reads everything from ``stdin`` and writes its answer on
``stdout``. It sees the standard library and the installed packages, not this project: no settings,
no database. ``start.py`` closes the doors before running it.
"""
