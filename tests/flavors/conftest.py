"""The libraries have an environment of their own: ``make test-flavors`` runs these tests in it."""

from __future__ import annotations

from tests.models.conftest import iris, places

__all__ = ["iris", "places"]
