"""The object everyone shares: the marché, its lots, criteria and people."""
