"""How long the stages take, and exactly how much work they do."""
