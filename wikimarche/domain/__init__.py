"""Rules of the Wiki-Marché in plain Python: schema, steps, numbering, comparison. No Django here."""
