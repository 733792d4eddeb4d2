"""What decides a run's bits besides its seeds, and where and with what it ran."""

from __future__ import annotations

import contextlib
import os
import platform
import subprocess
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from seedwise._version import __version__
from seedwise.errors import SeedwiseError

PLACE = "SEEDWISE_WORKER"
"""Environment variable with the number of a worker among those of a run, from 0."""

_LIBRARIES = (
    "numpy",
    "torch",
    "scikit-learn",
    "safetensors",
    "transformers",
    "tokenizers",
    "peft",
    "accelerate",
)


def signature(device: str, dtype: str) -> dict[str, Any]:
    """Return what decides the bits: backend, type, threads, device, libraries."""
    return {
        "backend": "loop",
        "dtype": dtype,
        "threads": 1,
        "device": device,
        "machine": platform.machine(),
        "versions": versions(),
    }


@cache
def versions() -> dict[str, str]:
    """Return the versions of the libraries that compute."""
    found = {"python": platform.python_version(), "seedwise": __version__}
    for name in _LIBRARIES:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


@cache
def git_state(folder: str) -> dict[str, Any] | None:
    """Return commit and cleanliness of the checkout a study file lies in, None outside one."""
    commit = _git(folder, "rev-parse", "HEAD")
    if commit is None:
        return None
    return {"commit": commit, "dirty": bool(_git(folder, "status", "--porcelain"))}


def prepare(wish: str) -> str:
    """Set one thread and deterministic kernels; return the device to use.

    Worker processes take turns at the GPUs: `cuda` is a worker's own from here on.

    Args:
        wish: `auto`, `cpu`, `cuda` or `mps`.

    Raises:
        SeedwiseError: If the device is not there.
    """
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(1)
        torch.use_deterministic_algorithms(mode=True)
    device = find_device(wish)
    if torch is not None and device == "cuda":
        torch.cuda.set_device(int(os.environ.get(PLACE, "0")) % torch.cuda.device_count())
    return device


def find_device(wish: str) -> str:
    """Return the device to use; a domain that has not loaded torch by now computes on the CPU.

    Args:
        wish: `auto`, `cpu`, `cuda` or `mps`.

    Raises:
        SeedwiseError: If the device is not there.
    """
    torch = sys.modules.get("torch")
    if torch is None:
        return "cpu"
    there = ["cpu"]
    there += ["mps"] if torch.backends.mps.is_available() else []
    there += ["cuda"] if torch.cuda.is_available() else []
    device = there[-1] if wish == "auto" else wish
    if device not in there:
        raise SeedwiseError(f"there is no device '{wish}' here; available: {', '.join(there)}")
    return device


@cache
def warm_up() -> None:
    """Use torch.func once: its first use imports a compiler, which is no cost of unlearning."""
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.func.grad(torch.sum)(torch.zeros(1))


class PeakMemory:
    """Peak memory of a block.

    `bytes` is what the block took above what was in use before it: resident memory of the process,
    or the device's allocator on CUDA. `resident` is the greatest resident memory of the process
    while it ran, libraries and data included: what a worker must be given. Both are None where the
    system does not tell.
    """

    def __init__(self, device: str) -> None:
        self.device = device
        self.bytes: int | None = None
        self.resident: int | None = None
        self._before: int | None = None

    def __enter__(self) -> PeakMemory:
        if self.device == "cuda":
            sys.modules["torch"].cuda.reset_peak_memory_stats()
        with contextlib.suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")
        self._before = self._peak()
        return self

    def __exit__(self, *_: object) -> None:
        self.resident = _resident_peak()
        after = self._peak()
        if after is not None and self._before is not None:
            self.bytes = max(0, after - self._before)

    def _peak(self) -> int | None:
        if self.device == "cuda":
            return int(sys.modules["torch"].cuda.max_memory_allocated())
        return _resident_peak()


def _resident_peak() -> int | None:
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    if sys.platform == "win32":
        return None
    import resource

    scale = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale


def _git(folder: str, *arguments: str) -> str | None:
    try:
        done = subprocess.run(  # noqa: S603 - an argument vector of our own
            ["git", "-C", folder, *arguments],  # noqa: S607 - the person's own git
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
