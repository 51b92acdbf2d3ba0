"""One row of the table of endpoints, and who may call it."""

from __future__ import annotations

import re
from enum import Enum
from typing import Any, Literal
from urllib.parse import quote

import msgspec

MLFLOW = "/api/2.0/mlflow/"
OWN = "/api/mainstay/1.0/"
_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")

Format = Literal["json", "msgpack", "bytes", "text", "events"]
"""How a body is written; ``bytes`` are those of a file, ``events`` is text/event-stream."""


class Action(Enum):
    """What a caller does, in rising order of harm; roles are granted up to one of them."""

    PUBLIC = "public"
    READ = "read"
    WRITE = "write"
    MANAGE = "manage"
    ADMIN = "admin"


class Kind(Enum):
    """What it is done to."""

    EXPERIMENT = "experiment"
    RUN = "run"
    LOGGED_MODEL = "logged_model"
    ARTIFACT = "artifact"
    REGISTERED_MODEL = "registered_model"
    MODEL_VERSION = "model_version"
    ALIAS = "alias"
    EVIDENCE = "evidence"
    POLICY = "policy"
    VERDICT = "verdict"
    APPROVAL = "approval"
    AUDIT = "audit"
    EVENT = "event"
    MONITORING = "monitoring"
    DEPLOYMENT = "deployment"
    WEBHOOK = "webhook"
    STANDARD = "standard"
    ACCOUNT = "account"
    SERVER = "server"


class Permission(msgspec.Struct, frozen=True):
    """An action on a kind of object."""

    action: Action
    kind: Kind


PUBLIC = Permission(Action.PUBLIC, Kind.SERVER)
"""Open to everybody: only what says that the server is alive, and which."""


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """One door. ``name`` is ``noun.verb``; ``path`` may hold ``{field}`` and ``{field:path}``.

    The fields of ``request`` come from the path, and from the query (GET, HEAD, and where the body
    holds a file) or the body; a DELETE may use either. A row of MLflow's answers under
    ``/ajax-api`` too. ``once`` marks what would have a second effect, or fail, if a client whose
    answer got lost sent it again.
    """

    name: str
    methods: tuple[str, ...]
    path: str
    request: type[msgspec.Struct]
    response: type[msgspec.Struct]
    permission: Permission
    body: Format = "json"
    answer: Format = "json"
    once: bool = False

    @property
    def own(self) -> bool:
        """Whether the row is ours and not MLflow's."""
        return self.path.startswith(OWN)

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path that leads here."""
        if self.path.startswith("/api/") and not self.own:
            return (self.path, "/ajax-" + self.path.removeprefix("/"))
        return (self.path,)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The fields that are part of the path."""
        return tuple(_PARAMETER.findall(self.path))

    def reads_query(self, method: str) -> bool:
        """Whether a request of this method carries its fields in the query."""
        return method in ("GET", "HEAD") or self.body == "bytes"

    def url(self, values: dict[str, Any]) -> str:
        """Return the path with its parameters filled in, percent-encoded."""
        return _PARAMETER.sub(lambda match: quote(str(values[match[1]]), safe="/"), self.path)


def mlflow(
    name: str,
    methods: str,
    path: str,
    request: type[msgspec.Struct],
    response: type[msgspec.Struct],
    permission: tuple[Action, Kind],
    *,
    once: bool = False,
) -> Endpoint:
    """Return a row under MLflow's prefix; ``methods`` are separated by spaces."""
    return Endpoint(
        name=name,
        methods=tuple(methods.split()),
        path=MLFLOW + path,
        request=request,
        response=response,
        permission=Permission(*permission),
        once=once,
    )


def own(
    name: str,
    method: str,
    path: str,
    request: type[msgspec.Struct],
    response: type[msgspec.Struct],
    permission: tuple[Action, Kind],
    **rest: Any,
) -> Endpoint:
    """Return a row under our own prefix; ``rest`` sets other fields."""
    return Endpoint(
        name=name,
        methods=(method,),
        path=OWN + path,
        request=request,
        response=response,
        permission=Permission(*permission),
        **rest,
    )
