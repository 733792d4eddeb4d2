"""The lock: when it is used again, and what it adopts."""

import json
import shutil
from pathlib import Path

import pytest

from seedwise.api import foresee
from seedwise.design import Design
from seedwise.engine import resolve as module
from seedwise.engine.resolve import resolve
from seedwise.errors import DataError, StoreError, StudyError
from seedwise.interop.store import load_results
from seedwise.study.load import load
from seedwise.study.lock import Lock, read_lock


@pytest.fixture
def no_resolving(monkeypatch):
    """Fail when the data would be loaded again."""

    def refuse(*arguments):
        raise AssertionError("resolved again")

    return lambda: monkeypatch.setattr(module, "_resolve", refuse)


def test_an_unchanged_study_is_not_resolved_again(lab, no_resolving):
    first = lab.lock()
    no_resolving()
    assert lab.lock() == first


@pytest.mark.parametrize(
    "change",
    [
        lambda lab: lab.edit("training: 3", "training: 4"),
        lambda lab: lab.edit("finetune", "{name: finetune, lr: 0.02}"),
        lambda lab: lab.plugin("X = 1\n"),
    ],
)
def test_a_changed_study_or_plug_in_is_resolved_again(lab, no_resolving, change):
    lab.plugin("")
    lab.lock()
    no_resolving()
    change(lab)
    with pytest.raises(AssertionError, match="resolved again"):
        lab.lock()


def test_a_changed_data_file_is_noticed(lab, tmp_path):
    lock = lab.lock()
    data = tmp_path / "data.bin"
    data.write_bytes(b"one")
    stamps = {str(data): (3, data.stat().st_mtime_ns)}
    known = lock.model_copy(update={"files": stamps})
    same = (known.spec_hash, known.sources, Path(known.folder))
    assert known.is_current(*same)
    data.write_bytes(b"two!")
    assert not known.is_current(*same)
    data.unlink()
    assert not known.is_current(*same)


def test_every_argument_is_filled_in_and_only_changed_ones_decide(lab):
    lab.edit("toy-noise", "{name: toy-noise, scale: 0.1}")
    lock = lab.lock()
    noise = next(method for method in lock.methods if method.name == "toy-noise")
    assert noise.arguments == {"scale": 0.1}
    assert noise.changed == {}
    finetune = next(method for method in lock.methods if method.name == "finetune")
    assert set(finetune.arguments) > {"epochs", "lr", "batch_size"}
    assert lock.train.arguments == {"epochs": 3, "lr": 0.1, "batch_size": 10}


def test_the_lock_survives_its_file(lab):
    lock = lab.lock()
    path = lab.store.lock_path("toy")
    assert read_lock(path) == lock
    assert Lock.model_validate(json.loads(path.read_text())).digest == lock.digest


def test_a_lock_of_another_format_is_made_anew_and_a_damaged_one_is_named(lab):
    lab.lock()
    path = lab.store.lock_path("toy")
    path.write_text(json.dumps({"format": 0}))
    assert lab.lock().study == "toy"
    path.write_text("{")
    with pytest.raises(StoreError, match="delete it to resolve again"):
        lab.lock()


@pytest.fixture
def checkpoints(lab, tmp_path):
    """The trained models of a study, as somebody's files."""
    lab.run()
    folder = tmp_path / "models"
    folder.mkdir()
    snapshot = lab.snapshot()
    for cell in snapshot.design.cells.values():
        if cell.stage != "unlearn":
            kept = snapshot.records[cell.key]["artifact"]["path"]
            shutil.copy(lab.root / kept, folder / f"{cell.stage}-{cell.seeds.training}.safetensors")
    return folder


def test_existing_checkpoints_are_adopted(lab, checkpoints):
    expected = lab.digests()
    shutil.rmtree(lab.root)
    lab.edit(
        "plugins:",
        "originals: models/train-{training_seed}.safetensors\n"
        "references: models/retrain-{training_seed}.safetensors\nplugins:",
    )
    outcome = lab.run()
    assert outcome.failures == []
    assert lab.digests() == expected
    (checkpoints / "train-1.safetensors").write_text(
        (checkpoints / "train-2.safetensors").read_text()
    )
    assert len(lab.snapshot().pending(["missing"])) == 1 + 2 + 2 + 1  # it and its runs


def test_a_reference_that_is_an_original_is_flagged(lab, checkpoints):
    lab.edit(
        "plugins:",
        "originals: models/train-{training_seed}.safetensors\n"
        "references: models/train-{training_seed}.safetensors\nplugins:",
    )
    lab.run()
    checks = load_results(lab.store, lab.lock()).checks
    assert set(checks.check) == {"reference_is_original"}
    assert len(checks) == 3


def test_the_same_text_in_another_folder_is_another_study(lab, tmp_path_factory):
    first = lab.lock()
    other = tmp_path_factory.mktemp("other") / "study.yaml"
    other.write_text(lab.path.read_text())
    second = resolve(load(other), other, lab.store)
    assert first.folder != second.folder


def test_a_missing_checkpoint_and_a_wrong_pattern_are_named(lab, checkpoints):
    (checkpoints / "train-2.safetensors").unlink()
    with pytest.raises(StudyError, match=r"there is no checkpoint '.*train-2"):
        lab.lock("originals=models/train-{training_seed}.safetensors")
    with pytest.raises(StudyError, match="allowed in braces: training_seed"):
        lab.lock("originals=models/{seed}.safetensors")


def test_several_forget_sets_are_several_tasks(lab):
    lab.edit("{random: 0.2}", "[{random: 0.2}, {random: 0.2, seed: 3}, {first: 4, name: few}]")
    lock = lab.lock()
    assert [task.name for task in lock.tasks] == [
        "gaussian-linear/random-0.2",
        "gaussian-linear/random-0.2-seed3",
        "gaussian-linear/few",
    ]
    assert len({task.fingerprints[0]["train"] for task in lock.tasks}) == 1
    assert len(Design(lock).originals) == 3


def namesake(lab, folder, old="", new=""):
    other = type(lab)(folder)
    other.root = lab.root
    if old:
        other.edit(old, new)
    return other


def test_a_second_study_file_under_the_same_name_is_refused(lab, tmp_path_factory):
    lab.lock()
    before = lab.store.lock_path("toy").read_text()
    other = namesake(lab, tmp_path_factory.mktemp("other"), "training: 3", "training: 4")
    for action in (other.lock, lambda: foresee(other.path, lab.root, [], lab.root / "none")):
        with pytest.raises(StudyError, match=r"the study 'toy' in .* comes from another") as no:
            action()
        assert str(lab.path) in str(no.value)
        assert "give this one another name" in str(no.value)
    assert lab.store.lock_path("toy").read_text() == before


@pytest.mark.parametrize(
    "excuse",
    [
        lambda lab: lab.path.rename(lab.path.with_name("moved.yaml")),
        lambda lab: lab.path.unlink(),
        lambda lab: lab.edit("study: toy", "study: other"),
        lambda lab: lab.edit("training: 3", "training: 4"),
    ],
)
def test_a_file_that_was_moved_renamed_or_copied_is_no_namesake(lab, tmp_path_factory, excuse):
    lab.lock()
    other = namesake(lab, tmp_path_factory.mktemp("other"), "training: 3", "training: 4")
    excuse(lab)
    assert other.lock().folder == str(other.path.parent)


def test_the_lock_follows_a_file_that_gets_another_name(lab, no_resolving):
    lab.lock()
    no_resolving()
    lab.path = lab.path.rename(lab.path.with_name("called-otherwise.yaml"))
    assert lab.lock().file == "called-otherwise.yaml"
    assert read_lock(lab.store.lock_path("toy")).file == "called-otherwise.yaml"


def test_wrong_data_and_wrong_forget_sets_name_file_and_place(lab, tmp_path):
    lab.edit("{random: 0.2}", "[{random: 0.2}, {first: 0}]")
    with pytest.raises(DataError, match=r"study\.yaml: forget\[1\]: 0 of 60 leaves 0 to forget"):
        lab.lock()
    pytest.importorskip("torch")
    lab.edit("domain: toy, dataset: gaussian, model: linear", "domain: vision, " + NPZ)
    lab.edit("toy-noise, toy-shrink", "ssd")
    lab.edit(", toy-weight-distance, toy-probe", "")
    lab.edit("[{random: 0.2}, {first: 0}]", "{random: 0.2}")
    with pytest.raises(DataError, match=r"study\.yaml: task: .*none.npz' cannot be read .* No"):
        lab.lock()


NPZ = "dataset: {name: npz, path: none.npz}, model: mlp"
