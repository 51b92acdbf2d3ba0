"""What every suite of the registry contract starts from."""

from __future__ import annotations

from uuid import uuid4

import pytest

from mainstay.entities.registry import ModelVersion
from mainstay.stores.base import RegistryStore

DIGEST = "ab" * 32


class Given:
    """Gives each test a model name that no other test uses."""

    @pytest.fixture
    def name(self) -> str:
        """A model name of its own."""
        return f"model-{uuid4().hex[:12]}"


def versions(store: RegistryStore, name: str, count: int) -> list[ModelVersion]:
    """Create a model with so many versions."""
    store.create_registered_model(name)
    return [store.create_model_version(name, f"s3://bucket/{n + 1}") for n in range(count)]


def numbers(found: list[ModelVersion]) -> list[int]:
    """Return version numbers."""
    return [version.version for version in found]
