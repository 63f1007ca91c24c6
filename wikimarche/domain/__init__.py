"""Rules of the Wiki-Marché as plain Python: no Django, no database, no network."""
