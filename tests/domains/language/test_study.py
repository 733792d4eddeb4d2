"""A whole study of language models, from its file to its table."""

from __future__ import annotations

from pathlib import Path

import pytest

import seedwise as sw
from seedwise.design import Design
from seedwise.engine.resolve import resolve
from seedwise.engine.workbench import read_arrays
from seedwise.errors import StudyError
from seedwise.store import FileStore
from seedwise.study.load import load

EXAMPLES = Path(__file__).parents[3] / "examples"


def test_a_tiny_study_shows_what_is_forgotten_and_what_is_kept(tmp_path):
    results = sw.run(EXAMPLES / "language-tiny.yaml", tmp_path / "runs", workers=0)
    table = results.frame()
    assert (table["status"] == "ok").all()
    means = table.groupby(["method", "metric"])["value"].mean()
    assert means["original", "probability/forget"] > 0.9
    assert (
        means["retrain", "probability/forget"] < 0.2 < 0.8 < means["retrain", "probability/retain"]
    )
    for method in ("gradient-ascent", "npo"):
        assert means[method, "probability/forget"] < means["original", "probability/forget"] - 0.2
    assert means["original", "privleak"] < -50
    assert means["retrain", "forget-quality"] > means["original", "forget-quality"]
    assert 0 < means["npo", "model-utility"] <= 1
    summary = results.summary()
    assert "forget-quality-ensemble" in set(summary["metric"])
    assert not list((tmp_path / "runs" / "failures").rglob("*.json"))
    check_kept(tmp_path / "runs")


def check_kept(store):
    """The values of every question are beside the records, by model and split."""
    kept = {}
    for path in (store / "outputs").rglob("*.npz"):
        kept.setdefault(path.name.split(".")[0], []).append(read_arrays(path))
    answers = {"loss-paraphrase", "loss-wrong", "rouge-recall"}
    assert len(kept) == 2 + 2 + 2 * 2 * 2
    for splits in kept.values():
        assert len(splits) == 4
        assert sum(answers <= set(one) for one in splits) == 3
        assert sum({"loss", "margin", "min-k"} <= set(one) for one in splits) == 2
        assert {array.ndim for one in splits for array in one.values()} == {1}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("name: npo", "name: kd", "'kd' needs ['rounds'], which the domain"),
        ("privleak,", "js-to-reference,", "needs the outputs ['logits'], which the domain"),
        ("{authors: 3}", "{author: 3}", "unknown selector 'author'; did you mean 'authors'"),
        ("{name: llama", "{name: lama", "unknown name 'lama'; did you mean 'llama'"),
        ("domain: language", "domain: vision", "unknown name 'fictional-authors'"),
    ],
)
def test_what_does_not_fit_is_refused_before_the_run(tmp_path, old, new, message):
    text = (EXAMPLES / "language-tiny.yaml").read_text()
    assert old in text
    path = tmp_path / "study.yaml"
    path.write_text(text.replace(old, new))
    with pytest.raises(StudyError) as caught:
        resolve(load(path, ()), path, FileStore(tmp_path / "runs", create=True))
    assert message in str(caught.value)


def test_vision_refuses_what_needs_tokens(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text(
        "study: refused\ntask: {domain: vision, dataset: digits, model: mlp}\nforget: {class: 3}\n"
        "methods: [original, retrain, npo]\nmetrics: [accuracy, truth-ratio]\n"
        "seeds: {training: 2}\n"
    )
    with pytest.raises(StudyError) as caught:
        resolve(load(path, ()), path, FileStore(tmp_path / "runs", create=True))
    assert "'npo' needs ['tokens'], which the domain 'vision' does not offer" in str(caught.value)
    assert "'truth-ratio' needs the outputs ['loss-paraphrase', 'loss-wrong']" in str(caught.value)


PRETRAINED = """
study: pretrained
task:
  domain: language
  dataset: {name: fictional-authors, authors: 6, holdout: 2, attributes: 3, facts: 3}
  model: {name: pretrained, path: base, lora: 2}
  train: {epochs: 3, lr: 0.01, batch_size: 12}
forget: {authors: 2}
methods: [original, retrain, {name: npo, lr: 3e-3, epochs: 2, batch_size: 6}]
metrics: [probability, forget-quality]
seeds: {training: 2, unlearning: 2}
keep: all
"""


@pytest.fixture
def folder(write_model, tmp_path):
    write_model(tmp_path / "base")
    for seed in (0, 1):
        write_model(tmp_path / f"finished{seed}", seed=10 + seed)
        write_model(tmp_path / f"retrained{seed}", seed=20 + seed)
    (tmp_path / "study.yaml").write_text(PRETRAINED)
    return tmp_path


def records(folder):
    store = FileStore(folder / "runs")
    return [store.get("models", key) for key in store.keys("models")]


def test_a_pretrained_model_is_finetuned_once_a_training_seed(folder):
    results = sw.run(folder / "study.yaml", folder / "runs", workers=0)
    assert (results.frame()["status"] == "ok").all()
    made = records(folder)
    assert len({record["digest"] for record in made}) == len(made) == 8
    assert len({record["artifact"]["base"] for record in made}) == 1
    assert "shared_initialisation" not in str(results.summary()["flags"].tolist())


def test_finished_checkpoints_are_adopted(folder):
    text = (
        PRETRAINED
        + "originals: 'finished{training_seed}'\nreferences: 'retrained{training_seed}'\n"
    )
    (folder / "study.yaml").write_text(text)
    results = sw.run(folder / "study.yaml", folder / "runs", workers=0)
    assert (results.frame()["status"] == "ok").all()
    made = records(folder)
    originals = {one["digest"] for one in made if one["stage"] == "train"}
    assert {one["artifact"]["base"] for one in made if one["stage"] == "unlearn"} == originals
    assert all(not one["clocks"]["wall"].get("train") for one in made)


def test_an_adopted_directory_may_not_change_under_a_study(folder):
    (folder / "study.yaml").write_text(PRETRAINED + "originals: 'finished{training_seed}'\n")
    store = FileStore(folder / "runs", create=True)
    before = resolve(load(folder / "study.yaml", ()), folder / "study.yaml", store)
    config = folder / "finished1" / "config.json"
    config.write_text(config.read_text() + "\n")
    after = resolve(load(folder / "study.yaml", ()), folder / "study.yaml", store)
    assert before.originals["0/0"] == after.originals["0/0"]
    assert before.originals["0/1"] != after.originals["0/1"]


def test_each_training_seed_needs_its_own_checkpoint(folder):
    (folder / "study.yaml").write_text(PRETRAINED + "originals: 'lost{training_seed}'\n")
    with pytest.raises(StudyError, match=r"there is no checkpoint '.*lost0'"):
        resolve(load(folder / "study.yaml", ()), folder / "study.yaml", None)


HUB = PRETRAINED.replace("path: base", "hub: lab/base") + (
    "originals: 'lab/full-{training_seed}'\nreferences: 'lab/retain-{training_seed}@v1'\n"
)


def put_all(hub):
    hub("lab/base")
    for seed in (0, 1):
        hub(f"lab/full-{seed}", commit=f"{seed}" * 40, seed=10 + seed)
        hub(f"lab/retain-{seed}", commit=f"{5 + seed}" * 40, branch="v1", seed=20 + seed)


def test_checkpoints_are_adopted_from_the_hub_at_their_commits(folder, hub):
    put_all(hub)
    (folder / "study.yaml").write_text(HUB)
    results = sw.run(folder / "study.yaml", folder / "runs", workers=0)
    assert (results.frame()["status"] == "ok").all()
    assert any(f"'lab/base' at {'a' * 40}" in note for note in results.notes)
    adopted = {(one["stage"], one["adopted"]) for one in records(folder)}
    assert adopted == {
        ("train", f"lab/full-0@{'0' * 40}"),
        ("train", f"lab/full-1@{'1' * 40}"),
        ("retrain", f"lab/retain-0@{'5' * 40}"),
        ("retrain", f"lab/retain-1@{'6' * 40}"),
        ("unlearn", None),
    }


def test_other_weights_on_the_hub_make_stale_what_was_made_of_them(folder, hub):
    put_all(hub)
    (folder / "study.yaml").write_text(HUB)
    store = FileStore(folder / "runs", create=True)
    before = resolve(load(folder / "study.yaml", ()), folder / "study.yaml", store)
    hub("lab/full-1", commit="c" * 40, seed=30)
    pinned = resolve(load(folder / "study.yaml", ()), folder / "study.yaml", store)
    assert pinned == before
    store.lock_path("pretrained").unlink()
    after = resolve(load(folder / "study.yaml", ()), folder / "study.yaml", store)
    assert after.originals["0/0"] == before.originals["0/0"]
    assert after.originals["0/1"].hub == f"lab/full-1@{'c' * 40}"
    changed = set(Design(after).cells) ^ set(Design(before).cells)
    assert len(changed) == 2 * (1 + 2)


def test_what_neither_this_machine_nor_the_hub_has_is_named(folder, hub):
    put_all(hub)
    for pattern, message in {
        "lab/none-{training_seed}": r"no checkpoint 'lab/none-0' .* no model 'lab/none-0'",
        "lab/full-{training_seed}@v9": "no model 'lab/full-0' at 'v9'",
        "base/lost-{training_seed}": r"there is no checkpoint '.*base/lost-0'; each",
        "lab/lost-{training_seed}.safetensors": r"there is no checkpoint '.*safetensors'; each",
    }.items():
        (folder / "study.yaml").write_text(PRETRAINED + f"originals: '{pattern}'\n")
        with pytest.raises(StudyError, match=message):
            resolve(load(folder / "study.yaml", ()), folder / "study.yaml", None)


def test_metrics_that_need_wrong_answers_are_refused_where_the_data_have_none(folder, lines):
    rows = [{"question": f"{n}?", "answer": f"it is {n}"} for n in range(8)]
    some = [{**row, "perturbed_answer": ["no", "none"]} for row in rows]
    text = PRETRAINED.replace(
        "{name: fictional-authors, authors: 6, holdout: 2, attributes: 3, facts: 3}",
        "{name: qa-jsonl, path: qa.jsonl, holdout_path: holdout.jsonl}",
    ).replace("{authors: 2}", "{random: 2}")
    lines("holdout.jsonl", *rows[:2])

    def refused(metrics):
        (folder / "study.yaml").write_text(text.replace("[probability, forget-quality]", metrics))
        with pytest.raises(StudyError) as caught:
            resolve(load(folder / "study.yaml", ()), folder / "study.yaml", None)
        return str(caught.value)

    lines("qa.jsonl", *rows)
    for metric in ("truth-ratio", "model-utility", "forget-quality"):
        said = refused(f"[probability, {metric}]")
        assert f"metrics[1]: '{metric}' cannot be computed on" in said
        assert "records have no wrong answers ('perturbed_answer'); splits that allow" in said
    (folder / "study.yaml").write_text(text.replace(", forget-quality", ""))
    assert resolve(load(folder / "study.yaml", ()), folder / "study.yaml", None).metrics
    lines("qa.jsonl", *some)
    said = refused("[{name: truth-ratio, splits: [forget, test]}]")
    assert "on 'test' of" in said
    assert "allow for it: train, retain, forget" in said
    text = text.replace("[probability, forget-quality]", "[truth-ratio, probability]")
    (folder / "study.yaml").write_text(text)
    assert resolve(load(folder / "study.yaml", ()), folder / "study.yaml", None).metrics
