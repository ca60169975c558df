"""Scenario files: YAML read with care, composed, checked, and told back with the origin of each value."""
