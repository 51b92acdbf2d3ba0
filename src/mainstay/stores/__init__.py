"""Stores: the contracts in ``base``, and what fulfils them."""
