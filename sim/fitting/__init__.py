"""Curves estimated from observations, and how good a forecast was."""
