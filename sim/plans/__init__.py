"""Plans without construction: the best use of a horizon's money, and what it would reach."""
