"""Programs that run in a closed child: plain Python files, never imported by the site."""
