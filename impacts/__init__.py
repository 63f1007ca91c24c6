"""The canevas d’analyse: one environmental logbook from sourcing to execution."""
