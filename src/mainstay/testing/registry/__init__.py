"""The contract of registries as tests: subclass it, and give a fixture ``store``.

Every test uses a model name of its own, so that one store may serve all of them.
"""

from mainstay.testing.registry.aliases import AliasesContract
from mainstay.testing.registry.models import ModelsContract
from mainstay.testing.registry.search import RegistrySearchContract
from mainstay.testing.registry.versions import VersionsContract


class RegistryContract(ModelsContract, VersionsContract, AliasesContract, RegistrySearchContract):
    """All of it."""


__all__ = [
    "AliasesContract",
    "ModelsContract",
    "RegistryContract",
    "RegistrySearchContract",
    "VersionsContract",
]
