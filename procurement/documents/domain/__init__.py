"""Plain rules on names and containers: what a file may be before anything opens it."""
