"""One module per marché: its fiche and its story."""
