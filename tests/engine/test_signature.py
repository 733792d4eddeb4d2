"""What a record says of where and with what it was made."""

import subprocess
import sys

import numpy as np
import pytest

from seedwise.engine import signature as module
from seedwise.engine.signature import PeakMemory, git_state, prepare, signature, versions
from seedwise.errors import SeedwiseError


def test_the_signature_names_device_threads_and_libraries():
    said = signature("cpu", "bfloat16")
    assert (said["device"], said["threads"], said["dtype"]) == ("cpu", 1, "bfloat16")
    assert said["versions"]["numpy"] == np.__version__
    assert said["versions"]["python"] == ".".join(str(part) for part in sys.version_info[:3])


def test_a_library_that_is_not_installed_is_left_out(monkeypatch):
    monkeypatch.setattr(module, "_LIBRARIES", ("numpy", "no-such-library"))
    versions.cache_clear()
    assert set(versions()) == {"python", "seedwise", "numpy"}
    versions.cache_clear()


def test_a_device_that_is_not_there_is_said():
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("there is one")
    with pytest.raises(SeedwiseError, match="there is no device 'cuda' here; available: cpu"):
        prepare("cuda")
    assert prepare("auto") in ("cpu", "mps")
    assert torch.get_num_threads() == 1


def test_a_checkout_has_commit_and_cleanliness(tmp_path):
    assert git_state(str(tmp_path)) is None

    def git(*arguments):
        name = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        subprocess.run(["git", "-C", str(tmp_path), *name, *arguments], check=True)

    git("init", "-q")
    (tmp_path / "study.yaml").write_text("a")
    git("add", ".")
    git("commit", "-q", "-m", "one")
    git_state.cache_clear()
    clean = git_state(str(tmp_path))
    assert len(clean["commit"]) == 40
    assert clean["dirty"] is False
    (tmp_path / "study.yaml").write_text("b")
    git_state.cache_clear()
    assert git_state(str(tmp_path)) == {**clean, "dirty": True}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems tell less")
def test_peak_memory_is_what_the_block_took():
    with PeakMemory("cpu") as small:
        pass
    with PeakMemory("cpu") as large:
        np.ones(8_000_000).sum()
    assert small.bytes < 20e6
    assert large.bytes > 50e6


@pytest.mark.skipif(sys.platform != "linux", reason="other systems tell less")
def test_a_worker_needs_what_it_held_before_as_well():
    held = np.ones(8_000_000)
    with PeakMemory("cpu") as idle:
        pass
    assert idle.bytes < 20e6
    assert idle.resident > held.nbytes


@pytest.mark.parametrize(("place", "own"), [("0", 0), ("1", 1), ("3", 1), (None, 0)])
def test_workers_take_turns_at_the_gpus(monkeypatch, place, own):
    torch = pytest.importorskip("torch")
    chosen = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "set_device", chosen.append)
    if place is not None:
        monkeypatch.setenv(module.PLACE, place)
    assert prepare("auto") == "cuda"
    assert prepare("cpu") == "cpu"
    assert chosen == [own]
