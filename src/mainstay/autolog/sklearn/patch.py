"""Hook the ``fit`` methods of scikit-learn's estimators, existing and yet to be defined.

Estimators are reached through ``BaseEstimator``: its subclasses now, and ``__init_subclass__``
for those of modules that load later. Nothing of scikit-learn is imported for it.
"""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Callable
from types import FunctionType
from typing import Any

from mainstay.autolog import imports, nesting
from mainstay.autolog.guard import aside
from mainstay.autolog.options import Options
from mainstay.autolog.patching import MARK
from mainstay.autolog.sklearn.options import SklearnOptions

METHODS = ("fit", "fit_predict", "fit_transform")


class SklearnIntegration:
    """Recording for scikit-learn."""

    name = "sklearn"

    def __init__(self) -> None:
        self.options: SklearnOptions | None = None
        self._patched: list[tuple[Any, str, Any]] = []
        self._watching = False
        self._lock = threading.Lock()

    def install(self, options: Options) -> None:
        """Record from now on."""
        self.options = SklearnOptions.of(options)
        imports.when_imported("sklearn.base", self._patch_all)

    def remove(self) -> None:
        """Record no more, and put the original methods back."""
        self.options = None
        with self._lock:
            for owner, name, original in reversed(self._patched):
                setattr(owner, name, original)
            self._patched.clear()
            if self._watching:
                base = sys.modules["sklearn.base"].BaseEstimator
                del base.__init_subclass__
                self._watching = False

    def _patch_all(self) -> None:
        if self.options is None:
            return
        base: type = sys.modules["sklearn.base"].BaseEstimator
        with self._lock:
            for mixin in ("ClassifierMixin", "RegressorMixin", "ClusterMixin"):
                self._patch(getattr(sys.modules["sklearn.base"], mixin))
            waiting = [base]
            while waiting:
                owner = waiting.pop()
                waiting += owner.__subclasses__()
                self._patch(owner)
            if not self._watching and "__init_subclass__" not in base.__dict__:
                base.__init_subclass__ = classmethod(self._watch(base))  # type: ignore[assignment]
                self._watching = True

    def _watch(self, base: Any) -> Callable[..., None]:
        def init_subclass(cls: Any, **options: Any) -> None:
            super(base, cls).__init_subclass__(**options)
            self._patch(cls)

        return init_subclass

    def _patch(self, owner: type) -> None:
        """Wrap the methods that this class itself defines."""
        if not owner.__module__.startswith("sklearn."):
            return
        for name in METHODS:
            original = owner.__dict__.get(name)
            if isinstance(original, FunctionType) and not hasattr(original, MARK):
                setattr(owner, name, self._wrapped(original))
                self._patched.append((owner, name, original))
        self._patch_score(owner)

    def _patch_score(self, owner: type) -> None:
        """Wrap ``score``; where it is there only for some instances, what is behind that."""
        found = owner.__dict__.get("score")
        place: tuple[Any, str] = (owner, "score")
        if found is not None and isinstance(getattr(found, "fn", None), FunctionType):
            place, found = (found, "fn"), found.fn
        if isinstance(found, FunctionType) and not hasattr(found, MARK):
            setattr(*place, self._scored(found))
            self._patched.append((*place, found))

    def _scored(self, original: FunctionType) -> Callable[..., Any]:
        @functools.wraps(original)
        def score(estimator: Any, *arguments: Any, **keywords: Any) -> Any:
            options = self.options
            if options is None or nesting.inside() or not options.log_post_training_metrics:
                return original(estimator, *arguments, **keywords)
            with nesting.outermost():
                value = original(estimator, *arguments, **keywords)
            with aside("sklearn", "a score", silent=options.silent):
                from mainstay.autolog.sklearn import after

                after.log_score(estimator, arguments, keywords, value)
            return value

        setattr(score, MARK, original)
        return score

    def _wrapped(self, original: FunctionType) -> Callable[..., Any]:
        @functools.wraps(original)
        def fit(estimator: Any, *arguments: Any, **keywords: Any) -> Any:
            options = self.options
            if options is None or nesting.inside():
                return original(estimator, *arguments, **keywords)
            with nesting.outermost():
                return _record(original, options, estimator, arguments, keywords)

        setattr(fit, MARK, original)
        return fit


def _record(
    original: FunctionType,
    options: SklearnOptions,
    estimator: Any,
    arguments: tuple[Any, ...],
    keywords: dict[str, Any],
) -> Any:
    # On first use: what is recorded needs numpy, which is there once a model is fitted.
    from mainstay.autolog.sklearn.record import FitRecording

    recording = FitRecording.of(options, estimator, arguments, keywords)
    try:
        result = original(estimator, *arguments, **keywords)
    except BaseException:
        if recording is not None:
            recording.failed()
        raise
    if recording is not None:
        recording.done()
    return result


INTEGRATION = SklearnIntegration()
