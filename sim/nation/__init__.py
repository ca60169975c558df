"""The nation: totals and provinces, fitted to what was observed up to a month and forecast from there."""
