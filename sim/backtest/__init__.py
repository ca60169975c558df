"""What a run said against what came: history rows matched to indicators, and how far off they were."""
