"""Formulas: numpy in, numbers out. Nothing here reads, writes or knows a store."""
