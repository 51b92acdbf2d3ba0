"""What holds of every library's autolog: whose run it is, what is left out, what never breaks."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

import pytest

import mainstay
from mainstay.entities.runs import Run
from mainstay.spool.reports import SpoolWarning


class AutologContract:
    """Subclass it; ``fit`` is a quick training of the real library."""

    library: ClassVar[str]
    """What the tag ``mlflow.autologging`` says."""

    face: ClassVar[str] = ""
    """The module of the face below ``mainstay``; default: the library's name."""

    quick: ClassVar[dict[str, Any]] = {"log_models": False}
    """Options that leave out what takes long."""

    broken_part: ClassVar[str]
    """What the warning says if ``break_library`` was called."""

    def autolog(self, **options: Any) -> None:
        """Switch on, or off, by the library's own face."""
        found: Any = mainstay
        for part in (self.face or self.library).split("."):
            found = getattr(found, part)
        found.autolog(**options)

    def fit(self) -> Any:
        """Train something small and return it."""
        raise NotImplementedError

    def fit_badly(self) -> None:
        """Train something that raises in the library itself."""
        raise NotImplementedError

    def hooked(self) -> Any:
        """Return a function of the library that is replaced."""
        raise NotImplementedError

    def break_library(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Take something away that recording reads and training does not, as a release may."""
        raise NotImplementedError

    def test_a_fit_has_a_run_of_its_own(self) -> None:
        self.autolog(**self.quick, extra_tags={"team": "a"})
        assert self.fit() is not None
        run = only_run()
        assert run.info.status == "FINISHED"
        assert run.data.tags["mlflow.autologging"] == self.library
        assert run.data.tags["team"] == "a"
        assert run.data.params
        assert mainstay.active_run() is None

    def test_a_fit_inside_a_run_goes_into_it_and_leaves_it_open(self) -> None:
        self.autolog(**self.quick)
        with mainstay.start_run() as outer, mainstay.start_run(nested=True) as inner:
            self.fit()
            assert mainstay.active_run() is inner
        found = {run.info.run_id: run for run in runs()}
        assert set(found) == {outer.run_id, inner.run_id}
        assert found[inner.run_id].data.params
        assert not found[outer.run_id].data.params

    def test_what_the_script_logged_under_the_same_name_stands(self) -> None:
        self.autolog(**self.quick)
        self.fit()
        name = min(only_run().data.params)
        with mainstay.start_run() as run, warnings.catch_warnings():
            warnings.simplefilter("error", SpoolWarning)
            mainstay.log_param(name, "mine")
            self.fit()
        again = mainstay.get_run(run.run_id)
        assert again.data.params[name] == "mine"
        assert again.info.status == "FINISHED"

    def test_exclusive_recording_leaves_the_users_runs_alone(self) -> None:
        self.autolog(**self.quick, exclusive=True)
        with mainstay.start_run():
            self.fit()
        assert (only_run().data.params, only_run().data.metrics) == ({}, {})

    def test_a_training_that_raises_fails_its_run(self) -> None:
        self.autolog(**self.quick)
        with pytest.raises(Exception) as told:
            self.fit_badly()
        assert not isinstance(told.value, mainstay.MainstayError)
        assert only_run().info.status == "FAILED"

    def test_switched_off_the_library_is_as_it_was(self) -> None:
        before = self.hooked()
        self.autolog(**self.quick)
        assert self.hooked() is not before
        self.autolog(disable=True)
        assert self.hooked() is before
        self.fit()
        assert runs() == []

    def test_a_part_that_breaks_warns_once_and_training_goes_on(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.autolog(**self.quick)
        self.break_library(monkeypatch)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            for _ in range(2):
                assert self.fit() is not None
        said = [str(one.message) for one in caught if issubclass(one.category, SpoolWarning)]
        assert len(said) == 1, said
        assert f"autolog for {self.library} could not record {self.broken_part}" in said[0]
        assert [run.info.status for run in runs()] == ["FINISHED", "FINISHED"]

    def test_silent_recording_that_breaks_does_not_warn(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.autolog(**self.quick, silent=True)
        self.break_library(monkeypatch)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            assert self.fit() is not None
        assert [one for one in caught if issubclass(one.category, SpoolWarning)] == []
        assert only_run().info.status == "FINISHED"


def runs() -> list[Run]:
    """Return every run, the first one first."""
    found: list[Run] = mainstay.search_runs(output_format="list")
    return sorted(found, key=lambda run: run.info.start_time)


def only_run() -> Run:
    """Return the one run that there is."""
    (run,) = runs()
    return run
