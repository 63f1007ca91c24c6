"""Writing the pièces of a marché together."""
