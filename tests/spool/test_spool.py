"""Log calls return and never raise; everything arrives, in order, once, when the target is up."""

from __future__ import annotations

import os
import stat
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from mainstay.connect import Stores, connect
from mainstay.entities.metrics import Metric
from mainstay.entities.spool import CreateRun, LogBatch, UpdateRun
from mainstay.errors import NotYetSent
from mainstay.spool.reports import SpoolWarning
from mainstay.spool.segment import segments
from mainstay.spool.sender import HOPELESS
from mainstay.spool.spool import Spool
from mainstay.spool.store import SpooledTracking
from mainstay.spool.sync import pending, sync
from tests.faults.proxy import Fault, FaultProxy
from tests.spool.conftest import Outage, eventually

RUN = "a" * 32
MakeSpool = Callable[..., Spool]


def begin(spool: Spool, run_id: str = RUN) -> None:
    spool.append(CreateRun(run_id=run_id, experiment_name="e", start_time=5))


def log(spool: Spool, number: int, run_id: str = RUN) -> None:
    spool.append(LogBatch(run_id=run_id, metrics=[Metric("loss", number / 2, 7, number)]))


def steps(stores: Stores, run_id: str = RUN) -> list[int]:
    return [m.step for m in stores.tracking.get_metric_history(run_id, "loss").items]


def test_a_flush_waits_until_everything_is_at_the_target(
    make_spool: MakeSpool, stores: Stores
) -> None:
    spool = make_spool()
    begin(spool)
    for number in range(2000):
        log(spool, number)
    assert spool.flush(180)
    assert steps(stores) == list(range(2000))


def test_a_closed_spool_that_was_sent_leaves_nothing_behind(
    make_spool: MakeSpool, root: Path
) -> None:
    spool = make_spool()
    begin(spool)
    assert spool.close(60)
    assert segments(root) == []


def test_offline_nothing_is_sent_and_a_read_says_so(
    make_spool: MakeSpool, uri: str, root: Path, tmp_path: Path
) -> None:
    spool = make_spool(offline=True)
    begin(spool)
    log(spool, 1)
    assert not spool.flush(1)
    with pytest.raises(NotYetSent, match="MAINSTAY_OFFLINE"):
        SpooledTracking(spool).get_run(RUN)
    assert not (tmp_path / "runs.db").exists()
    spool.close(0.1)
    assert [one.uri for one in pending(root)] == [uri]
    assert [one.state for one in sync(root, lambda target: connect(target.uri))] == ["sent"]
    with connect(uri) as stores:
        assert steps(stores) == [1]
    assert segments(root) == []


def test_sync_sends_what_a_living_offline_process_has_written_so_far(
    make_spool: MakeSpool, root: Path, stores: Stores
) -> None:
    spool = make_spool(offline=True)
    begin(spool)
    log(spool, 1)
    assert [one.state for one in sync(root, lambda _: stores)] == ["sent"]
    assert steps(stores) == [1]
    log(spool, 2)
    assert [one.state for one in sync(root, lambda _: stores)] == ["sent"]
    assert steps(stores) == [1, 2]


def test_sync_leaves_the_segment_of_a_process_that_sends_itself(
    make_spool: MakeSpool, root: Path, stores: Stores
) -> None:
    spool = make_spool()
    begin(spool)
    assert [one.state for one in sync(root, lambda _: stores)] == ["in use"]


def test_a_server_that_is_down_does_not_stop_logging_and_gets_all_when_it_is_up(
    make_spool: MakeSpool, outage: Outage
) -> None:
    spool = make_spool(outage.uri)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        begin(spool)
        for number in range(300):
            log(spool, number)
        eventually(lambda: any("cannot take records" in str(one.message) for one in caught))
    said = [one for one in caught if "cannot take records" in str(one.message)]
    assert len(said) == 1, "the outage was said more than once"
    with pytest.raises(NotYetSent):
        SpooledTracking(spool).get_run(RUN)
    outage.start()
    assert spool.flush(180)
    with connect(outage.uri) as stores:
        assert steps(stores) == list(range(300))


def test_a_server_killed_in_between_loses_and_doubles_nothing(
    make_spool: MakeSpool, outage: Outage
) -> None:
    outage.start()
    spool = make_spool(outage.uri)
    begin(spool)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SpoolWarning)
        for number in range(900):
            log(spool, number)
            if number in (300, 600):
                outage.kill()
                outage.start()
        assert spool.flush(180)
    with connect(outage.uri) as stores:
        assert steps(stores) == list(range(900))


def test_a_flush_that_was_asked_for_outlasts_failures_that_a_read_gives_up_on(
    make_spool: MakeSpool, outage: Outage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAINSTAY_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setenv("MAINSTAY_READ_WAIT", "3600")
    outage.start()
    refused = 0

    def plan(number: int) -> Fault:
        nonlocal refused
        refused = number
        return "refuse" if patient is None or number < patient else "none"

    patient: int | None = None
    with FaultProxy(outage.uri, plan) as proxy, warnings.catch_warnings():
        warnings.simplefilter("ignore", SpoolWarning)
        spool = make_spool(proxy.url)
        begin(spool)
        log(spool, 1)
        with pytest.raises(NotYetSent):
            SpooledTracking(spool).get_run(RUN)
        patient = refused + 3 * HOPELESS
        assert spool.flush(600)
        assert refused >= patient
    with connect(outage.uri) as stores:
        assert steps(stores) == [1]


def test_what_an_earlier_process_left_is_sent_by_the_next_one(
    make_spool: MakeSpool, stores: Stores, root: Path
) -> None:
    left = make_spool(offline=True)
    begin(left)
    log(left, 1)
    left.close(0.1)
    assert len(segments(root)) == 1
    spool = make_spool()
    begin(spool, "b" * 32)
    eventually(lambda: len(segments(root)) == 1)
    assert steps(stores) == [1]


def test_a_wrong_call_is_said_once_with_its_line_and_again_in_the_summary(
    make_spool: MakeSpool,
) -> None:
    spool = make_spool()
    tracking = SpooledTracking(spool)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run_id = tracking.create_run(None, experiment_name="e").info.run_id
        tracking.log_batch(run_id, params={"p": "1"})
        tracking.log_batch(run_id, params={"p": "2"})  # the wrong line
        assert spool.flush(180)
        refused = [one for one in caught if "not recorded" in str(one.message)]
        assert len(refused) == 1
        line = next(
            number
            for number, text in enumerate(Path(__file__).read_text().splitlines(), 1)
            if "# the wrong line" in text and "params" in text
        )
        assert (refused[0].filename, refused[0].lineno) == (__file__, line)
        spool.reports.summarise()
        assert any(f"{__file__}:{line}" in str(one.message) for one in caught[-1:])
        spool.reports.summarise()
    assert sum("were refused" in str(one.message) for one in caught) == 1


def test_reads_see_what_was_written_before(make_spool: MakeSpool) -> None:
    tracking = SpooledTracking(make_spool())
    run_id = tracking.create_run(None, experiment_name="e").info.run_id
    tracking.log_batch(run_id, params={"p": "1"}, tags={"t": "x"})
    tracking.update_run(run_id, status="FINISHED", end_time=9)
    run = tracking.get_run(run_id)
    assert run.data.params == {"p": "1"}
    assert (run.info.status, run.info.end_time) == ("FINISHED", 9)


def test_a_spool_folder_that_cannot_be_used_moves_to_another_and_says_so(
    uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    spool = Spool(uri, lambda: connect(uri), root=blocked / "spool")
    with pytest.warns(SpoolWarning, match="cannot be used"):
        begin(spool)
    assert spool.flush(180)
    assert stat.S_IMODE(next(tmp_path.glob("mainstay-spool-*")).stat().st_mode) == 0o700
    spool.close(10)


def test_a_full_spool_warns_once_and_the_caller_goes_on(
    make_spool: MakeSpool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAINSTAY_SPOOL_CAP", "2000")
    spool = make_spool(offline=True)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        begin(spool)
        for number in range(100):
            log(spool, number)
    assert len([one for one in caught if "being lost" in str(one.message)]) == 1


def test_an_ended_run_sends_no_more_heartbeats(make_spool: MakeSpool) -> None:
    spool = make_spool()
    begin(spool)
    assert spool._sender is not None
    assert spool._sender._beating == {RUN}
    spool.append(UpdateRun(run_id=RUN, status="FINISHED", end_time=1))
    assert spool._sender._beating == set()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_has_a_segment_of_its_own_and_both_arrive(
    make_spool: MakeSpool, stores: Stores, root: Path
) -> None:
    spool = make_spool()
    begin(spool)
    log(spool, 1)
    assert spool.flush(180)
    child = os.fork()
    if child == 0:
        try:
            log(spool, 2)
            done = spool.close(30)
        except BaseException:  # noqa: BLE001 - the child must never run the rest of the test session
            os._exit(2)
        os._exit(0 if done else 1)
    log(spool, 3)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert spool.flush(180)
    assert steps(stores) == [1, 2, 3]
    assert len(segments(root)) == 1


def test_a_file_beyond_the_cap_is_uploaded_at_once_where_the_target_answers(
    make_spool: MakeSpool, stores: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAINSTAY_SPOOL_CAP", "20000")
    (tmp_path / "large.bin").write_bytes(b"x" * 100_000)
    spool = make_spool()
    begin(spool)
    with warnings.catch_warnings():
        warnings.simplefilter("error", SpoolWarning)
        spool.add_file(tmp_path / "large.bin", "in/large.bin", run_id=RUN)
    files = stores.artifacts_at(stores.tracking.get_run(RUN).info.artifact_uri)
    assert [(one.path, one.file_size) for one in files.list("in")] == [("in/large.bin", 100_000)]


def test_a_file_beyond_the_cap_is_lost_loudly_where_the_target_is_away(
    make_spool: MakeSpool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAINSTAY_SPOOL_CAP", "20000")
    (tmp_path / "large.bin").write_bytes(b"x" * 100_000)
    spool = make_spool(offline=True)
    begin(spool)
    with pytest.warns(SpoolWarning, match=r"in/large.bin was not kept: .*MAINSTAY_SPOOL_CAP"):
        spool.add_file(tmp_path / "large.bin", "in/large.bin", run_id=RUN)
