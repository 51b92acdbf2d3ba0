"""Runs kept as bytes are those that a search finds, whatever happens to them."""

from __future__ import annotations

from mainstay.entities.inputs import Dataset, DatasetInput
from mainstay.entities.metrics import Metric
from mainstay.entities.pages import Search
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.kept import KeptRuns
from mainstay.stores.sql.tracking import SqlTracking
from mainstay.wire import codec
from mainstay.wire.endpoints.runs import SEARCH
from mainstay.wire.runs import RunsPage, write_page, write_rest


def test_no_change_of_a_run_is_ever_missed(database_uri: str) -> None:
    here, elsewhere = Database(database_uri), Database(database_uri)
    kept, tracking = KeptRuns(here, write_rest), SqlTracking(elsewhere)
    run = tracking.create_run("0", tags={"a": "1"}).info.run_id
    other = tracking.create_run("0").info.run_id
    dataset = DatasetInput(dataset=Dataset(name="d", digest="1", source_type="local", source="{}"))
    changes = (
        lambda: tracking.log_batch(run, metrics=[Metric("loss", float("nan"), 1)]),
        lambda: tracking.log_batch(run, metrics=[Metric("loss", 0.5, 2)], params={"p": "v"}),
        lambda: tracking.log_batch(run, tags={"a": "2", "mlflow.runName": "renamed"}),
        lambda: tracking.delete_tag(run, "a"),
        lambda: tracking.log_inputs(run, datasets=[dataset]),
        lambda: tracking.update_run(run, status="FINISHED", end_time=5),
        lambda: tracking.delete_run(run),
        lambda: tracking.restore_run(run),
    )
    _same(kept, tracking)
    for change in changes:
        change()
        _same(kept, tracking)
        _same(kept, tracking)
    assert {run, other} == set(kept._kept)
    here.close()
    elsewhere.close()


def test_what_is_kept_is_bounded(database_uri: str) -> None:
    database = Database(database_uri)
    tracking = SqlTracking(database)
    for _ in range(20):
        tracking.create_run("0")
    kept = KeptRuns(database, write_rest, room=4000)
    _same(kept, tracking)
    _same(kept, tracking)
    assert 0 < len(kept._kept) < 20
    assert kept._size <= 4000
    database.close()


def _same(kept: KeptRuns, tracking: SqlTracking) -> None:
    """See that an answer put together from bytes is the answer made from the records."""
    search = Search(view="ALL", max_results=50)
    expected = RunsPage.of(tracking.search_runs(["0"], search))
    assert write_page(kept.search(["0"], search)) == codec.encode_answer(SEARCH, expected)
