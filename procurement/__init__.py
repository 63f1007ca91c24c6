"""The Wiki-Marché project: settings, entry points and the kernel shared by the three products."""
