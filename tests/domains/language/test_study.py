"""A whole study of language models, from its file to its table."""

from __future__ import annotations

from pathlib import Path

import pytest

import seedwise as sw
from seedwise.engine.resolve import resolve
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


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("name: npo", "name: random-labels", "'random-labels' needs ['classes'], which the domain"),
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
