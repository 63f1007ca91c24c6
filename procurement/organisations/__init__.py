"""Who works for whom: organisations, directions, memberships."""
