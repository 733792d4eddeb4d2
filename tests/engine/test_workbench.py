"""Models obtained the cheapest way, and never the wrong ones."""

import numpy as np
import pytest

from seedwise.engine.workbench import Workbench, read_arrays, write_arrays
from seedwise.errors import NotReproducibleError, SeedwiseError, StoreError


@pytest.fixture
def made(lab):
    lab.run("keep=all")
    return lab


def bench(lab, *overrides):
    return Workbench(lab.lock(*overrides), lab.store, "cpu")


def cells(bench, stage):
    return [cell for cell in bench.design.cells.values() if cell.stage == stage]


@pytest.fixture
def counted(monkeypatch):
    """How often a model was made again."""
    times = []
    really = Workbench._replay

    def replay(self, *arguments):
        times.append(1)
        return really(self, *arguments)

    monkeypatch.setattr(Workbench, "_replay", replay)
    return times


def test_kept_weights_are_read_and_memory_serves_the_rest(made, counted):
    one = bench(made, "keep=all")
    cell = cells(one, "unlearn")[0]
    model = one.model(cell)
    assert one.problem(0, 0).digest(model) == one.snapshot.records[cell.key]["digest"]
    assert one.model(cell) is model
    assert counted == []


@pytest.mark.parametrize("harm", [lambda p: p.unlink(), lambda p: p.write_bytes(b"other")])
def test_weights_that_are_gone_or_damaged_are_made_again(made, counted, harm):
    one = bench(made, "keep=all")
    cell = cells(one, "unlearn")[0]
    record = one.snapshot.records[cell.key]
    harm(made.root / record["artifact"]["path"])
    assert one.problem(0, 0).digest(one.model(cell)) == record["digest"]
    assert counted == [1]


def test_memory_is_bounded(made):
    one = bench(made, "keep=all")
    for key in one.snapshot.records:
        one.model(one.design.cells[key])
    assert len(one._models) == 6


def test_other_bits_never_stand_in(lab, monkeypatch):
    lab.run("keep=none")
    one = bench(lab, "keep=none")
    cell = cells(one, "train")[0]
    monkeypatch.setattr(type(one.problem(0, 0)), "digest", lambda self, model: "other")
    with pytest.raises(NotReproducibleError, match="was run again and gave other bits"):
        one.model(cell)
    assert lab.store.get("failures", f"{cell.key}.1")["kind"] == "not-reproducible"


def test_a_plug_in_edited_while_the_study_runs_is_refused(lab):
    lab.plugin("X = 1\n")
    lock = lab.lock()
    lab.plugin("X = 2\n")
    with pytest.raises(SeedwiseError, match="a plug-in file was changed while the study ran"):
        Workbench(lock, lab.store)


def test_data_that_changed_while_the_study_runs_are_refused(lab):
    lock = lab.lock()
    (task,) = lock.tasks
    other = task.model_copy(update={"fingerprints": {0: {"train": "x"}}})
    with pytest.raises(SeedwiseError, match="the data were changed while the study ran"):
        Workbench(lock.model_copy(update={"tasks": (other,)}), lab.store).problem(0, 0)


def test_scratch_is_empty_and_removed(lab):
    from seedwise.contracts import Clock

    with bench(lab).context(Clock(), lambda share: None) as ctx:
        assert list(ctx.scratch.iterdir()) == []
        (ctx.scratch / "x").touch()
    assert not ctx.scratch.exists()


def test_arrays_come_back_and_pickles_never(tmp_path):
    path = tmp_path / "a" / "x.npz"
    write_arrays(path, {"loss": np.arange(3.0)})
    assert read_arrays(path)["loss"].tolist() == [0, 1, 2]
    np.savez(path, loss=np.array([{}], dtype=object))
    with pytest.raises(StoreError, match="cannot be read"):
        read_arrays(path)
    path.write_bytes(b"junk")
    with pytest.raises(StoreError, match="delete it to make it again"):
        read_arrays(path)
