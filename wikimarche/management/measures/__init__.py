"""Measures of `./wm bench`: generated pièces of growing size, one module per measure.

Each measure yields dicts, one per JSON line; the last one has ``passed``, goal by goal.
"""
