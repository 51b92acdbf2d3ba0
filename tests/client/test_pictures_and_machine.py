"""Pictures with steps, streams, active models, and what the machine did meanwhile."""

from __future__ import annotations

import io
import time
from pathlib import Path

import numpy as np
import pytest

import mainstay
from mainstay.errors import BadInput

pytestmark = pytest.mark.usefixtures("face")


def test_a_picture_of_each_step_is_kept_in_two_sizes() -> None:
    pixels = np.zeros((600, 300, 3), dtype=np.uint8)
    with mainstay.start_run() as run:
        mainstay.log_image(pixels, key="val/mask", step=3, timestamp=1700000000000)
        mainstay.log_image(mainstay.Image(pixels), "one.png")
        with pytest.raises(BadInput, match="either"):
            mainstay.log_image(pixels)
        with pytest.raises(BadInput, match="key"):
            mainstay.log_image(pixels, key="a+b")
    client = mainstay.MlflowClient()
    names = sorted(file.path for file in client.list_artifacts(run.info.run_id, "images"))
    assert len(names) == 2
    begin = "images/val~mask+step+3+timestamp+1700000000000+"
    assert all(name.startswith(begin) for name in names)
    assert [name.rpartition(".")[2] for name in names] == ["webp", "png"]
    full = mainstay.artifacts.load_image(f"runs:/{run.info.run_id}/{names[1]}")
    assert full.size == (300, 600)
    quick = mainstay.artifacts.load_image(f"runs:/{run.info.run_id}/{names[0]}")
    assert quick.size == (128, 256)
    assert mainstay.artifacts.load_image(f"runs:/{run.info.run_id}/one.png").size == (300, 600)
    assert mainstay.get_run(run.info.run_id).data.tags["mlflow.loggedImages"] == "True"


def test_a_stream_is_logged_from_where_it_stands() -> None:
    stream = io.BytesIO(b"skipped,kept")
    stream.seek(8)
    with mainstay.start_run() as run:
        mainstay.log_stream(stream, "raw/part.bin")
    text = mainstay.artifacts.load_text(f"runs:/{run.info.run_id}/raw/part.bin")
    assert text == "kept"


def test_metrics_are_about_the_active_model() -> None:
    with mainstay.start_run():
        made = mainstay.create_external_model("elsewhere", params={"k": 1}, model_type="agent")
        assert (made.status, made.tags) == ("READY", {"mlflow.model.isExternal": "true"})
        with mainstay.set_active_model(name="elsewhere") as active:
            assert active.model_id == made.model_id == mainstay.get_active_model_id()
            mainstay.log_metric("quality", 0.75)
        assert mainstay.get_active_model_id() is None
        other = mainstay.set_active_model(name="new here")
        assert other.model_id != made.model_id
        mainstay.clear_active_model()
        assert mainstay.get_active_model_id() is None
    about = mainstay.get_logged_model(made.model_id).metrics
    assert [(point.key, point.value) for point in about] == [("quality", 0.75)]
    names = {model.name for model in mainstay.search_logged_models(output_format="list")}
    assert {"elsewhere", "new here"} <= names
    assert set(mainstay.search_logged_models()["name"]) == names
    with pytest.raises(BadInput, match="either"):
        mainstay.set_active_model()


def test_system_metrics_are_sampled_until_the_run_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAINSTAY_SYSTEM_METRICS_SAMPLING_INTERVAL", "0.05")
    client = mainstay.MlflowClient()
    with mainstay.start_run(log_system_metrics=True) as run:
        deadline = time.monotonic() + 120
        while not mainstay.get_run(run.info.run_id).data.metrics:
            assert time.monotonic() < deadline
    found = mainstay.get_run(run.info.run_id).data.metrics
    assert 0 <= found["system/cpu_utilization_percentage"] <= 100
    assert found["system/system_memory_usage_megabytes"] > 0
    assert found["system/disk_available_megabytes"] > 0
    assert found["system/network_receive_megabytes"] >= 0
    count = len(client.get_metric_history(run.info.run_id, "system/disk_usage_percentage"))
    steps = client.get_metric_history(run.info.run_id, "system/disk_usage_percentage")
    assert [point.step for point in steps] == list(range(count))


def test_a_short_run_has_one_sample_and_others_have_none() -> None:
    mainstay.system_metrics.set_system_metrics_node_id("worker-3")
    mainstay.enable_system_metrics_logging()
    try:
        with mainstay.start_run() as run:
            pass
    finally:
        mainstay.disable_system_metrics_logging()
        mainstay.set_system_metrics_node_id(None)
    assert "system/worker-3/disk_usage_percentage" in mainstay.get_run(run.info.run_id).data.metrics
    with mainstay.start_run() as without:
        pass
    assert mainstay.get_run(without.info.run_id).data.metrics == {}
    with pytest.raises(BadInput, match="above zero"):
        mainstay.set_system_metrics_sampling_interval(0)
    with pytest.raises(BadInput, match="1 or more"):
        mainstay.set_system_metrics_samples_before_logging(0)


def test_doctor_prints_what_it_finds(capsys: pytest.CaptureFixture[str], address: str) -> None:
    mainstay.doctor()
    printed = capsys.readouterr().out
    assert "versions: mainstay" in printed
    assert f"tracking: {address}" in printed


def test_a_version_is_copied_to_another_model(tmp_path: Path) -> None:
    client = mainstay.MlflowClient()
    name = f"copied-{tmp_path.name}-{time.time_ns()}"
    client.create_registered_model(name)
    source = client.create_model_version(name, "s3://models/first", description="the first")
    copy = client.copy_model_version(f"models:/{name}/{source.version}", f"{name}-prod")
    assert (copy.name, copy.version, copy.description) == (f"{name}-prod", 1, "the first")
    with pytest.raises(BadInput, match="names no version"):
        client.copy_model_version("runs:/x/model", "other")
