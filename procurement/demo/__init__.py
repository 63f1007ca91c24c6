"""The demonstration: an invented région at work. Installed only where DEMO is on."""
