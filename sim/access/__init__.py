"""Fixed access: the passive optical network."""
