"""The durability contract (docs/reliability.md), clause by clause, against real processes."""
