"""The administrative dossier of a supplier, given once."""
