"""Radio: path loss and link budgets."""
