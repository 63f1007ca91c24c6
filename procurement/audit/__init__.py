"""Journal, versions and the only door to django-reversion."""
