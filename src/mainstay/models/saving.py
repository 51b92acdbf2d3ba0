"""Save a model as a folder that mainstay and MLflow load."""

from __future__ import annotations

import os
import platform
import secrets
import shutil
import tempfile
import time
import uuid
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pandas as pd

from mainstay.environments import requirements
from mainstay.errors import BadInput, MainstayError
from mainstay.models import enforce, examples, steps, trust
from mainstay.models.examples import Example
from mainstay.models.flavors import FLAVORS, candidates
from mainstay.models.flavors.base import Flavor, Saved
from mainstay.models.steps_model import StepsModel
from mainstay.packaging import environment_files, manifest, mlmodel
from mainstay.packaging.hints import infer_from_hints
from mainstay.packaging.inference import infer_signature
from mainstay.packaging.mlmodel import MLmodel
from mainstay.packaging.profile import Profile
from mainstay.packaging.signature import ModelSignature

CODE = "code"


class Package(msgspec.Struct, frozen=True, kw_only=True):
    """What goes into the folder beside the model itself.

    ``options`` are the flavor's own. ``signature`` None is inferred from ``input_example``, which
    is data or a pair of data and parameters; False leaves it out. ``pip_requirements`` replaces
    the inferred requirements (a list, or a file), ``extra_pip_requirements`` adds to them.
    ``code_paths`` are files and folders importable when the model loads. ``profile_data`` are the
    training data (or some of them) that a profile is made of; none of their rows are kept.
    ``preprocess`` and ``postprocess`` are functions, or fitted objects with ``transform`` (after
    the model also ``inverse_transform``), one or several: they become part of the model, which then
    takes raw data. ``labels`` are the names of its classes, put in the place of their numbers.
    """

    flavor: str | None = None
    options: dict[str, Any] = {}
    signature: ModelSignature | bool | None = None
    input_example: Any = None
    pip_requirements: Any = None
    extra_pip_requirements: Any = None
    conda_env: Any = None
    code_paths: Sequence[str] | None = None
    extra_files: Sequence[str] | None = None
    metadata: dict[str, Any] | None = None
    profile_data: Any = None
    preprocess: Any = None
    postprocess: Any = None
    labels: Any = None
    run_id: str | None = None
    model_id: str | None = None
    artifact_path: str | None = None


def save_model(model: Any, path: str | os.PathLike[str], package: Package | None = None) -> MLmodel:
    """Write ``model`` as the folder ``path`` and return its MLmodel.

    The folder appears when it is complete. Raises: BadInput (it is there already and not empty,
    no flavor owns the model, or an argument is wrong).
    """
    target = Path(path)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BadInput(f"{target} exists already and is not an empty folder; choose another path")
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.parent / f".{target.name}.{secrets.token_hex(4)}.partial"
    partial.mkdir()
    try:
        made = write(model, partial, package or Package())
        if target.exists():
            target.rmdir()
        os.replace(partial, target)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return made


def write(model: Any, folder: Path, package: Package) -> MLmodel:
    """Write everything into the empty folder ``folder``; the manifest comes last.

    Raises:
        BadInput: no flavor owns the model, or an argument is wrong.
    """
    if any(step is not None for step in (package.preprocess, package.postprocess, package.labels)):
        return _write_with_steps(model, folder, package)
    flavor = choose(model, package.flavor)
    saved = flavor.save(model, folder, package.options)
    _copy_all(package.code_paths, folder / CODE, "code_paths")
    _copy_all(package.extra_files, folder / "extra_files", "extra_files")
    draft = _describe(saved, package)
    example = None if package.input_example is None else examples.split(package.input_example)
    if example is not None:
        info = examples.write(folder, example)
        draft = msgspec.structs.replace(draft, saved_input_example_info=info)
    draft, answers = _with_signature(flavor, model, folder, draft, package, example)
    if answers is not None:
        _write_expected(folder, answers)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    draft = msgspec.structs.replace(draft, model_size_bytes=size)
    _write_environment(folder, saved, draft, package)
    if package.profile_data is not None:
        predictor = flavor.predictor(_loaded(flavor, model, folder, draft), draft)
        _write_profile(folder, predictor, package.profile_data, draft)
    mlmodel.write(folder, draft)
    trust.vouch(manifest.write(folder).digest)
    return draft


def _write_with_steps(model: Any, folder: Path, package: Package) -> MLmodel:
    """Write the model and what surrounds it as one model of raw data."""
    bare = msgspec.structs.replace(package, preprocess=None, postprocess=None, labels=None)
    if package.postprocess is None and package.labels is None and package.flavor in _PIPELINES:
        whole = steps.pipeline(model, package.preprocess)
        if whole is not None:
            return write(whole, folder, bare)
    surrounding = steps.surround(package.preprocess, package.postprocess, package.labels)
    flavor = choose(model, package.flavor)
    with private_folder() as place:
        inner = Path(place) / "model"
        inner.mkdir()
        own = Package(flavor=flavor.name, options=package.options, signature=False)
        made = write(model, inner, own)
        surrounding.ask = steps.with_params(
            flavor.predictor(_loaded(flavor, model, inner, made), made)
        )
        needs = environment_files.read(inner).requirements
        extra = package.extra_pip_requirements
        if package.pip_requirements is None and package.conda_env is None:
            given = [] if extra is None else requirements.read(extra)
            extra = requirements.merge(needs, given)
        outer = msgspec.structs.replace(
            bare,
            flavor="pyfunc",
            options={"artifacts": {"model": str(inner)}},
            extra_pip_requirements=extra,
        )
        return write(surrounding, folder, outer)


_PIPELINES = (None, "sklearn")
"""Flavors under which steps and estimator may become one pipeline."""


def choose(model: Any, name: str | None) -> Flavor:
    """Return the flavor called ``name``, else the first that owns the model. Raises: BadInput."""
    if name is not None:
        return FLAVORS.get(name)
    for known in candidates():
        flavor = FLAVORS.get(known)
        if flavor.owns(model):
            return flavor
    raise BadInput(
        f"no flavor saves a {type(model).__module__}.{type(model).__name__}; wrap it in a "
        f"mainstay.pyfunc.PythonModel. Known flavors: {', '.join(FLAVORS.names())}"
    )


def private_folder() -> tempfile.TemporaryDirectory[str]:
    """Return a temporary folder that only this user may enter."""
    return tempfile.TemporaryDirectory(prefix="mainstay-model-")


def _describe(saved: Saved, package: Package) -> MLmodel:
    code = CODE if package.code_paths else None
    pyfunc = {
        "loader_module": saved.loader_module,
        "python_version": platform.python_version(),
        "env": dict(environment_files.ENV_FIELD),
        **saved.pyfunc,
        **({"code": code} if code else {}),
    }
    flavors: dict[str, dict[str, Any]] = {mlmodel.PYFUNC: pyfunc}
    if saved.name:
        flavors[saved.name] = {**saved.fields, **({"code": code} if code else {})}
    return MLmodel(
        flavors=flavors,
        artifact_path=package.artifact_path,
        run_id=package.run_id,
        model_id=package.model_id,
        model_uuid=package.model_id or uuid.uuid4().hex,
        utc_time_created=_now(),
        metadata={**(package.metadata or {}), **saved.metadata} or None,
    )


def _with_signature(
    flavor: Flavor,
    model: Any,
    folder: Path,
    draft: MLmodel,
    package: Package,
    example: Example | None,
) -> tuple[MLmodel, Any]:
    """Return MLmodel with its signature, and what the model answers to its example."""
    given = package.signature
    hinted = infer_from_hints(model) if given is None else None
    if isinstance(given, ModelSignature):
        draft = msgspec.structs.replace(draft, signature=given)
    elif hinted is not None:
        other = {**draft.other, "is_signature_from_type_hint": True}
        draft = msgspec.structs.replace(draft, signature=hinted, other=other)
    if example is None:
        return draft, None
    answers = _answers(flavor, model, folder, draft, example)
    if given is None and hinted is None:
        gave = _shaped_like(example.data, answers)
        signature = infer_signature(example.data, gave, example.params)
        draft = msgspec.structs.replace(draft, signature=signature)
    return draft, answers


def _answers(flavor: Flavor, model: Any, folder: Path, draft: MLmodel, example: Example) -> Any:
    """Return what the model answers to its example; None with a warning where it fails."""
    from_hints = bool(draft.other.get("is_signature_from_type_hint"))
    decoder = enforce.compile(draft.signature, as_list=from_hints)
    try:
        predict = flavor.predictor(_loaded(flavor, model, folder, draft), draft)
        params = dict(example.params or {})
        if draft.signature is not None:
            params = decoder.params.fit(example.params)
        return predict(decoder.fit(example.data), params)
    except MainstayError:
        raise
    except Exception as error:  # noqa: BLE001  (the user's model: whatever it raises is told)
        warnings.warn(
            f"the model fails on its input example ({type(error).__name__}: {error}); the "
            "signature has no outputs",
            stacklevel=4,
        )
        return None


def _loaded(flavor: Flavor, model: Any, folder: Path, draft: MLmodel) -> Any:
    """Return what the flavor's predictor takes: Python models need their context.

    A model with steps answers as it stands, so that what is recorded are the answers of training.
    """
    if flavor.name != "pyfunc" or isinstance(model, StepsModel):
        return model
    return flavor.load(folder, draft, dict(draft.pyfunc.get("config") or {}))


def _shaped_like(data: Any, answers: Any) -> Any:
    """Return the answers to a table as a table, so that they get columns, as in MLflow."""
    if isinstance(data, pd.DataFrame | pd.Series) and type(answers).__module__ == "numpy":
        return pd.Series(answers) if answers.ndim == 1 else pd.DataFrame(answers)
    return answers


def _write_expected(folder: Path, answers: Any) -> None:
    try:
        body = msgspec.json.encode({"predictions": examples.plain(answers)})
    except BadInput:
        return
    (folder / examples.EXPECTED_FILE).write_bytes(body)


def _write_environment(folder: Path, saved: Saved, draft: MLmodel, package: Package) -> None:
    """Write the requirement files: given, or inferred from the modules that the files name."""
    if package.pip_requirements is not None and package.conda_env is not None:
        raise BadInput("give pip_requirements or conda_env, not both")
    if package.pip_requirements is not None:
        lines = requirements.read(package.pip_requirements)
    else:
        inputs = draft.signature.inputs if draft.signature else None
        tables = inputs is not None and not inputs.is_tensor_spec()
        lines = requirements.infer([*saved.modules, *(["pandas"] if tables else [])])
    if package.extra_pip_requirements is not None:
        lines = requirements.merge(lines, requirements.read(package.extra_pip_requirements))
    environment_files.write(
        folder, lines, lock=requirements.lock(lines), conda_env=_conda(package.conda_env)
    )


def _conda(given: Any) -> Mapping[str, Any] | None:
    if given is None or isinstance(given, Mapping):
        return given
    return environment_files.read_yaml(Path(given))


def _write_profile(folder: Path, predict: Any, data: Any, draft: MLmodel) -> None:
    decoder = enforce.compile(draft.signature)
    try:
        answers = predict(decoder.fit(data), decoder.params.fit(None))
        predictions = answers if len(answers) == len(data) else None
    except TypeError:
        predictions = None
    Profile.from_data(data, predictions).write(folder)


def _copy_all(given: Sequence[str] | None, target: Path, name: str) -> None:
    for item in given or ():
        source = Path(item)
        if not source.exists():
            raise BadInput(f"{name}: there is no file or folder {str(source)!r}")
        target.mkdir(exist_ok=True)
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
            shutil.copytree(source, target / source.name, ignore=ignored)
        else:
            shutil.copy(source, target / source.name)


def _now() -> str:
    """Return the time in UTC as MLflow writes it."""
    seconds = time.time()
    text = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds))
    return f"{text}.{int(seconds % 1 * 1e6):06d}"
