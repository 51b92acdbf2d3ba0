"""Every setting, in one table; the only place that reads the environment.

A setting ``TRACKING_URI`` is read from ``MAINSTAY_TRACKING_URI``, else from
``MLFLOW_TRACKING_URI``, else it has its default. Values are read when asked for, since
scripts set variables after the import.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from mainstay.errors import BadInput

T = TypeVar("T")

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


@dataclass(frozen=True)
class Setting(Generic[T]):
    """One variable: its name, how to read it, its default and what it means."""

    name: str
    parse: Callable[[str], T]
    default: T
    help: str
    mlflow: str | None = None
    """The suffix behind ``MLFLOW_`` where it differs from ``name``; "" where there is none."""

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables that are looked at, in order."""
        other = self.name if self.mlflow is None else self.mlflow
        return (f"MAINSTAY_{self.name}", f"MLFLOW_{other}") if other else (f"MAINSTAY_{self.name}",)

    def get(self) -> T:
        """Return the value in force.

        Raises:
            BadInput: the variable holds something that cannot be read.
        """
        for variable in self.variables:
            text = os.environ.get(variable)
            if text is not None and text != "":
                try:
                    return self.parse(text)
                except ValueError as error:
                    raise BadInput(f"{variable}={text!r} cannot be read: {error}") from error
        return self.default

    def is_set(self) -> bool:
        """Say whether the environment says something of it."""
        return any(os.environ.get(variable) for variable in self.variables)

    def set(self, value: T | None) -> None:
        """Put ``value`` into this process's environment, or remove it; children inherit it."""
        if value is None:
            os.environ.pop(self.variables[0], None)
        else:
            os.environ[self.variables[0]] = str(value)


def boolean(text: str) -> bool:
    """Read a switch."""
    lowered = text.strip().lower()
    if lowered in TRUE:
        return True
    if lowered in FALSE:
        return False
    raise ValueError("expected true or false")


def synchronous(text: str) -> str:
    """Read when SQLite flushes, in its own words."""
    if text.strip().upper() in ("FULL", "NORMAL"):
        return text.strip().upper()
    raise ValueError("expected FULL or NORMAL")


def flushing(text: str) -> str:
    """Read when the spool is flushed."""
    if text.strip().lower() in ("interval", "always", "never"):
        return text.strip().lower()
    raise ValueError("expected interval, always or never")


def positive(text: str) -> float:
    """Read a number above zero."""
    number = float(text)
    if not number > 0:
        raise ValueError("expected a number above zero")
    return number


def size(text: str) -> int:
    """Read a number of bytes, with an optional K, M, G or T.

    >>> size("2G")
    2147483648
    """
    units = {"K": 10, "M": 20, "G": 30, "T": 40}
    cleaned = text.strip().upper().removesuffix("B").removesuffix("I")
    shift = units.get(cleaned[-1:], 0)
    return int(float(cleaned[:-1] if shift else cleaned) * (1 << shift))


def paths(text: str) -> tuple[Path, ...]:
    """Read paths, separated as in ``PATH``."""
    return tuple(Path(part) for part in text.split(os.pathsep) if part)


def none_or_text(text: str) -> str | None:
    """Read text."""
    return text


def pairs(text: str) -> dict[str, str]:
    """Read names and values.

    >>> pairs("campaign=spring, team=risk")
    {'campaign': 'spring', 'team': 'risk'}
    """
    found = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = part.partition("=")
        if not (equals and name.strip()):
            raise ValueError(f"{part!r} is not name=value")
        found[name.strip()] = value.strip()
    return found


def _cache_home() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mainstay"


TRACKING_URI = Setting("TRACKING_URI", none_or_text, None, "Where runs go: a URL or a database.")
REGISTRY_URI = Setting("REGISTRY_URI", none_or_text, None, "The registry, if it is elsewhere.")
ARTIFACTS_DESTINATION = Setting(
    "ARTIFACTS_DESTINATION", none_or_text, None, "Where `mlflow-artifacts:/` is kept on disk."
)
BACKEND_STORE_URI = Setting(
    "BACKEND_STORE_URI", none_or_text, None, "The database of a server: `--backend-store-uri`."
)
REGISTRY_STORE_URI = Setting(
    "REGISTRY_STORE_URI", none_or_text, None, "A server's other one: `--registry-store-uri`."
)
DEFAULT_ARTIFACT_ROOT = Setting(
    "DEFAULT_ARTIFACT_ROOT", none_or_text, None, "A server's `--default-artifact-root`."
)
STATIC_PREFIX = Setting("STATIC_PREFIX", str, "", "A server's `--static-prefix`.")
SERVER_ALLOWED_HOSTS = Setting("SERVER_ALLOWED_HOSTS", str, "", "A server's `--allowed-hosts`.")
SERVER_CORS_ALLOWED_ORIGINS = Setting(
    "SERVER_CORS_ALLOWED_ORIGINS", str, "", "A server's `--cors-allowed-origins`."
)
SERVER_SPOOL_DIR = Setting[tuple[Path, ...]](
    "SERVER_SPOOL_DIR",
    paths,
    (),
    "A server's `--spool-dir`; several are separated as in `PATH`.",
    mlflow="",
)
EXPERIMENT_NAME = Setting("EXPERIMENT_NAME", none_or_text, None, "The experiment of new runs.")
EXPERIMENT_ID = Setting("EXPERIMENT_ID", none_or_text, None, "The same, by id.")
RUN_ID = Setting("RUN_ID", none_or_text, None, "The run that `start_run()` resumes.")
TRACKING_TOKEN = Setting("TRACKING_TOKEN", none_or_text, None, "The token sent to the server.")
TRACKING_USERNAME = Setting("TRACKING_USERNAME", none_or_text, None, "User name sent to it.")
TRACKING_PASSWORD = Setting("TRACKING_PASSWORD", none_or_text, None, "Password sent to it.")
OWNER = Setting("OWNER", none_or_text, None, "Who answers for new runs: tag `owner`.", mlflow="")
PIPELINE_ID = Setting(
    "PIPELINE_ID", none_or_text, None, "What started new runs: tag `pipeline_id`.", mlflow=""
)
CONTEXT: Setting[dict[str, str]] = Setting(
    "CONTEXT", pairs, {}, "Tags of every new run: `campaign=spring,team=risk`.", mlflow=""
)
CAPTURE_DIFF = Setting(
    "CAPTURE_DIFF", boolean, True, "Keep what differs from the commit with the run.", mlflow=""
)
CAPTURE_OUTPUT = Setting(
    "CAPTURE_OUTPUT", boolean, False, "Log stdout and stderr of every run.", mlflow=""
)
TRACKING_SERVER_CERT_PATH = Setting(
    "TRACKING_SERVER_CERT_PATH", none_or_text, None, "Certificates to trust for https, a PEM file."
)
TRACKING_INSECURE_TLS = Setting(
    "TRACKING_INSECURE_TLS", boolean, False, "Do not check the server's certificate."
)
HTTP_TIMEOUT = Setting(
    "HTTP_REQUEST_TIMEOUT", positive, 120.0, "Seconds that one request may take."
)
HTTP_RETRIES = Setting("HTTP_REQUEST_MAX_RETRIES", int, 5, "Tries of a request that may be resent.")
ENABLE_SYSTEM_METRICS_LOGGING = Setting(
    "ENABLE_SYSTEM_METRICS_LOGGING", boolean, False, "Record system metrics of every run."
)
SYSTEM_METRICS_SAMPLING_INTERVAL = Setting(
    "SYSTEM_METRICS_SAMPLING_INTERVAL", positive, 10.0, "Seconds between two samples of them."
)
SYSTEM_METRICS_SAMPLES_BEFORE_LOGGING = Setting(
    "SYSTEM_METRICS_SAMPLES_BEFORE_LOGGING", int, 1, "Samples whose mean is one logged point."
)
SYSTEM_METRICS_NODE_ID = Setting(
    "SYSTEM_METRICS_NODE_ID", none_or_text, None, "This machine's part in the metrics' names."
)
OFFLINE = Setting("OFFLINE", boolean, False, "Write to the spool only; send later.", mlflow="")
SPOOL_DIR = Setting(
    "SPOOL_DIR", Path, _cache_home() / "spool", "Where log calls are kept until sent.", mlflow=""
)
READ_WAIT = Setting(
    "READ_WAIT",
    positive,
    30.0,
    "Seconds that a read waits for this process's earlier records.",
    mlflow="",
)
END_WAIT = Setting(
    "END_WAIT",
    positive,
    10.0,
    "Seconds that `end_run` and the end of the program wait for the spool.",
    mlflow="",
)
SPOOL_FSYNC = Setting(
    "SPOOL_FSYNC",
    flushing,
    "interval",
    "When the spool is flushed to the disk: interval (each second), always or never.",
    mlflow="",
)
SPOOL_CAP = Setting("SPOOL_CAP", size, 2 << 30, "Bytes that the spool may take.", mlflow="")
CACHE_DIR = Setting(
    "CACHE_DIR", Path, _cache_home() / "models", "Where downloaded models are kept.", mlflow=""
)
S3_ENDPOINT_URL = Setting(
    "S3_ENDPOINT_URL", none_or_text, None, "Where S3 artifacts are, if not at Amazon."
)
ENABLE_PROXY_MULTIPART_UPLOAD = Setting(
    "ENABLE_PROXY_MULTIPART_UPLOAD", boolean, True, "A server may send uploads to its bucket."
)
ENABLE_PROXY_MULTIPART_DOWNLOAD = Setting(
    "ENABLE_PROXY_MULTIPART_DOWNLOAD", boolean, True, "The same, for downloads."
)
DISK_RESERVE = Setting(
    "DISK_RESERVE", size, 256 << 20, "Bytes that a server keeps free on its disks.", mlflow=""
)
TRUST = Setting(
    "TRUST", str, "server", "Whose code-bearing models may load: server, signed or none.", mlflow=""
)
TRUSTED_KEYS = Setting[tuple[Path, ...]](
    "TRUSTED_KEYS",
    paths,
    (),
    "Public keys (PEM files, or folders of them) whose signatures count with TRUST=signed.",
    mlflow="",
)
MODELS_WORKERS = Setting("MODELS_WORKERS", int, 1, "Processes that serve the model of an image.")
MODELS_PORT = Setting(
    "MODELS_PORT", int, 8080, "The port that an image's model is served on.", mlflow=""
)
WEBHOOK_SECRET_ENCRYPTION_KEY = Setting(
    "WEBHOOK_SECRET_ENCRYPTION_KEY",
    none_or_text,
    None,
    "The Fernet key that secrets of webhooks are stored under.",
)
OPENLINEAGE = Setting(
    "OPENLINEAGE",
    none_or_text,
    None,
    "Where a server sends OpenLineage events: an http(s) address, or a file.",
    mlflow="",
)
SQLITE_SYNCHRONOUS = Setting(
    "SQLITE_SYNCHRONOUS",
    synchronous,
    "FULL",
    "FULL flushes each commit to the disk; with NORMAL a power cut takes the last ones.",
    mlflow="",
)
SLOW_QUERY_SECONDS = Setting(
    "SLOW_QUERY_SECONDS",
    positive,
    None,
    "Statements of the database that take longer are logged.",
    mlflow="",
)
DEBUG = Setting("DEBUG", boolean, False, "Show tracebacks on the command line.", mlflow="")
REQUIRE = Setting("REQUIRE", none_or_text, None, "Tests: 'all' fails on missing parts.", mlflow="")
KILL_AT = Setting("KILL_AT", none_or_text, None, "Tests: the named point to die at.", mlflow="")


def all_settings() -> list[Setting[object]]:
    """Return every setting of this table, by name."""
    found = [value for value in globals().values() if isinstance(value, Setting)]
    return sorted(found, key=lambda setting: setting.name)
