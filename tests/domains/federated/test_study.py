"""A whole federated study, from its file to its table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import seedwise as sw
from seedwise.engine.resolve import resolve
from seedwise.errors import SeedwiseError, StudyError
from seedwise.store import FileStore
from seedwise.study.load import load

EXAMPLE = Path(__file__).parents[3] / "examples" / "federated-tiny.yaml"


@pytest.fixture
def study(tmp_path):
    """Write the example with some text replaced."""

    def write(*changes):
        text = EXAMPLE.read_text()
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "study.yaml"
        path.write_text(text)
        return path

    return write


def means(results):
    table = results.frame()
    assert (table["status"] == "ok").all()
    return table.groupby(["method", "metric"])["value"].mean()


def test_a_tiny_study_from_its_file_to_its_table(tmp_path):
    results = sw.run(EXAMPLE, tmp_path / "runs", workers=0)
    found = means(results)
    assert found["original", "accuracy/test"] > 0.5
    assert (
        found["original", "communication/rounds"] == found["retrain", "communication/rounds"] == 6
    )
    assert found["fed-finetune", "communication/rounds"] == 2
    assert found["fed-remove", "communication/MB"] == 0
    assert found["fed-eraser", "history-size"] > 0
    assert found["fed-remove", "distance-to-reference"] > 0
    table = results.frame()
    erased = table[(table["method"] == "fed-remove") & (table["metric"] == "accuracy/test")]
    assert erased["original"].nunique() == 2


def test_a_history_level_that_was_not_kept_is_made_again_and_changes_no_bit(tmp_path, study):
    """A method added later needs more than was kept: the originals are replayed and checked."""
    store = tmp_path / "runs"
    without = ("  - {name: fed-eraser, interval: 2}\n  - fed-remove\n", "")
    first = sw.run(study(without), store, workers=0).frame()
    kept = {path.name.split(".")[1] for path in (store / "extras").rglob("*.npz")}
    assert kept == {"history-norms"}
    later = sw.run(study(("  - fed-remove\n", "  - fed-accum\n")), store, workers=0).frame()
    assert {"fed-accum", "fed-eraser"} <= set(later["method"])
    assert (later["status"] == "ok").all()
    place = ["method", "metric", "training_seed", "unlearning_seed", "evaluation_seed"]
    both = first.merge(later, on=place, suffixes=("", "_later"))
    assert len(both) == len(first)
    np.testing.assert_array_equal(both["value"], both["value_later"])


def test_partitions_can_be_nested_above_training(tmp_path, study):
    path = study(("training: 2, unlearning: 2", "partition: 2, training: 1, unlearning: 1"))
    table = sw.run(path, tmp_path / "runs", workers=0).frame()
    originals = table[(table["method"] == "original") & (table["metric"] == "accuracy/forget")]
    assert originals["partition_seed"].tolist() == [0, 1]
    assert originals["original"].nunique() == 2


def test_paired_references_start_where_their_originals_do(tmp_path, study):
    path = study(("seeds:", "reference: paired\nseeds:"))
    paired = means(sw.run(path, tmp_path / "paired", workers=0))
    alone = means(sw.run(EXAMPLE, tmp_path / "alone", workers=0))
    metric = "distance-to-reference"
    assert paired["original", metric] < 0.7 * alone["original", metric]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[1, 3]", "[0, 1, 2, 3, 4, 5]", "6 clients are to be forgotten but there are 5"),
        ("[1, 3]", "[1, 7]", "no client 7; they are numbered 0 to 4"),
        ("{clients: [1, 3]}", "{class: 3}", "unknown selector 'class'; .*clients, random"),
        ("clients: 5", "clients: 5000", "has no training data under partition seed 0"),
        ("clients: 5", "clients: 1", "greater than or equal to 2"),
        ("participation: 0.6", "participation: 0", "greater than 0"),
        ("participation: 0.6", "interactions: 5", "unknown argument"),
        ("- fed-remove", "- finetune", r"'finetune' needs \['gradients'\]"),
        ("mia-loss", "ndcg", r"needs the outputs \['relevance', 'scores'\]"),
    ],
)
def test_what_does_not_fit_is_refused_before_the_run(tmp_path, study, old, new, message):
    path = study((old, new))
    with pytest.raises(SeedwiseError, match=message):
        resolve(load(path, ()), path, FileStore(tmp_path / "runs", create=True))


def test_other_domains_refuse_what_needs_rounds(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text(
        "study: refused\ntask: {domain: vision, dataset: digits, model: mlp}\nforget: {class: 3}\n"
        "methods: [original, retrain, pga]\nmetrics: [client-accuracy]\nseeds: {training: 2}\n"
    )
    with pytest.raises(StudyError) as caught:
        resolve(load(path, ()), path, FileStore(tmp_path / "runs", create=True))
    assert "'pga' needs ['rounds'], which the domain 'vision'" in str(caught.value)
    assert "'client-accuracy' needs the outputs ['client']" in str(caught.value)


def test_an_adopted_checkpoint_has_no_history(tmp_path, study):
    trained = tmp_path / "trained"
    results = sw.run(study(("training: 2, unlearning: 2", "training: 1")), trained, workers=0)
    digest = results.frame().query("method == 'original'")["original"].iloc[0]
    weights = trained / "weights" / digest[:2] / f"{digest}.safetensors"
    if not weights.is_file():
        (weights,) = trained.rglob(f"{digest}*.safetensors")
    (tmp_path / "0.safetensors").write_bytes(weights.read_bytes())
    path = study(
        ("training: 2, unlearning: 2", "training: 1"),
        ("seeds:", "originals: '{training_seed}.safetensors'\nseeds:"),
    )
    table = sw.run(path, tmp_path / "adopted", workers=0).frame()
    failed = table[(table["method"] == "fed-remove") & (table["metric"] == "accuracy/test")]
    assert "has no history:last-round: an adopted checkpoint" in failed["reason"].iloc[0]
    assert (table[table["method"] == "fed-finetune"]["status"] == "ok").all()


@pytest.mark.parametrize("name", ["federated-digits", "federated-ranking"])
def test_the_large_examples_can_be_resolved(tmp_path, name):
    path = EXAMPLE.with_name(f"{name}.yaml")
    lock = resolve(load(path, ()), path, FileStore(tmp_path / "runs", create=True))
    used = {method.name for method in lock.methods} - {"original", "retrain"}
    assert len(used) >= 5
    assert (len(lock.seeds.training), len(lock.seeds.unlearning)) == (8, 3)
