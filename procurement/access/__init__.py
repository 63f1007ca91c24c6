"""Who may do what: roles, decisions, the gate, the registry of matrices."""
