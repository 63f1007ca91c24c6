"""Plain rules on a marché: the words of its fiche."""
