"""What the machine is doing: processor, memory, disk, network and, where there is one, the GPU.

Names are MLflow's. ``psutil`` and ``pynvml`` are asked for on first use; without psutil there is
nothing to sample, without pynvml or a GPU there are no GPU metrics.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

MB = 1_000_000

Sampler = Callable[[], dict[str, float]]


def samplers() -> list[Sampler]:
    """Return what can be sampled here. Raises: ImportError without psutil."""
    import psutil

    psutil.cpu_percent()  # the first call has nothing to compare with
    found: list[Sampler] = [_cpu_and_memory, _disk, Network()]
    gpus = _gpus()
    return [*found, gpus] if gpus is not None else found


def mean(samples: Sequence[dict[str, float]]) -> dict[str, float]:
    """Return the mean of each metric over the samples that have it.

    >>> mean([{"a": 1.0}, {"a": 3.0, "b": 5.0}])
    {'a': 2.0, 'b': 5.0}
    """
    values: dict[str, list[float]] = {}
    for sample in samples:
        for key, value in sample.items():
            values.setdefault(key, []).append(value)
    return {key: sum(found) / len(found) for key, found in values.items()}


def _cpu_and_memory() -> dict[str, float]:
    import psutil

    memory = psutil.virtual_memory()
    return {
        "cpu_utilization_percentage": float(psutil.cpu_percent()),
        "system_memory_usage_megabytes": memory.used / MB,
        "system_memory_usage_percentage": float(memory.percent),
    }


def _disk() -> dict[str, float]:
    import psutil

    disk = psutil.disk_usage("/")
    return {
        "disk_usage_percentage": float(disk.percent),
        "disk_usage_megabytes": disk.used / MB,
        "disk_available_megabytes": disk.free / MB,
    }


class Network:
    """Megabytes sent and received since it was made."""

    def __init__(self) -> None:
        self._sent, self._received = self._counted()

    def __call__(self) -> dict[str, float]:
        sent, received = self._counted()
        return {
            "network_receive_megabytes": (received - self._received) / MB,
            "network_transmit_megabytes": (sent - self._sent) / MB,
        }

    def _counted(self) -> tuple[int, int]:
        import psutil

        counters = psutil.net_io_counters()
        return (counters.bytes_sent, counters.bytes_recv) if counters is not None else (0, 0)


def _gpus() -> Sampler | None:
    """Return a sampler of NVIDIA's GPUs; None without the library, the driver or a GPU."""
    try:
        import pynvml

        pynvml.nvmlInit()
        handles = [
            pynvml.nvmlDeviceGetHandleByIndex(index) for index in range(pynvml.nvmlDeviceGetCount())
        ]
    except Exception:  # noqa: BLE001 - a driver's border: whatever it raises, there is no GPU
        return None
    if not handles:
        return None

    def sample() -> dict[str, float]:
        found: dict[str, float] = {}
        for index, handle in enumerate(handles):
            found |= {f"gpu_{index}_{key}": value for key, value in _gpu(pynvml, handle).items()}
        return found

    return sample


def _gpu(nvml: Any, handle: Any) -> dict[str, float]:
    """Return what one GPU tells; what it does not support is left out."""
    found: dict[str, float] = {}
    try:
        memory = nvml.nvmlDeviceGetMemoryInfo(handle)
        found["memory_usage_megabytes"] = memory.used / MB
        found["memory_usage_percentage"] = round(memory.used / memory.total * 100, 1)
        found["utilization_percentage"] = float(nvml.nvmlDeviceGetUtilizationRates(handle).gpu)
        watts = nvml.nvmlDeviceGetPowerUsage(handle) / 1000
        found["power_usage_watts"] = watts
        limit = nvml.nvmlDeviceGetEnforcedPowerLimit(handle) / 1000
        found["power_usage_percentage"] = watts / limit * 100
    except nvml.NVMLError:
        pass
    return found
