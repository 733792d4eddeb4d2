"""Studies on files in the forms of LETOR 4.0, MSLR-WEB and Istella, written here line by line.

The rows are made up; what they are made of is each collection's own: numbers of features, kinds of
values, comments, blanks at the end of a line, ways to say that a value is missing.
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

import seedwise as sw
from seedwise.domains.federated.ranking.datasets import letor
from seedwise.errors import SeedwiseError
from seedwise.seeds import SeedStreams

QUERIES, DOCUMENTS = 6, 4
ABSENT = "1.79769313486231570000e+308"
STUDY = """
study: files
task:
  domain: federated-ranking
  dataset: {{name: letor, path: {folder}, scale: {scale}}}
  model: linear-ranker
  train: {{clients: 3, rounds: 2, interactions: 2}}
forget: {{clients: [1]}}
methods: [original, retrain, fed-remove]
metrics: [{{name: ndcg, no_relevant: 0}}, communication]
seeds: {{training: 2}}
"""


def mq2008(label, query, values):
    """`0 qid:10032 1:0.056537 ... 46:0.076923 #docid = ... inc = ... prob = ...`: all features."""
    features = " ".join(f"{number}:{value:.6f}" for number, value in enumerate(values, start=1))
    comment = "#docid = GX029-35-5894638 inc = 0.0119881192468859 prob = 0.139842"
    return f"{label} qid:{10032 + query} {features} {comment}"


def mslr(label, query, values):
    """`2 qid:1 1:3 2:0 ... 136:0 `: counts and real numbers, and a blank at the end."""
    features = " ".join(
        f"{number}:{round(value * 20)}" if number % 3 else f"{number}:{value:.6f}"
        for number, value in enumerate(values, start=1)
    )
    return f"{label} qid:{15 * query + 1} {features} "


def istella(label, query, values):
    """`0 qid:1 2:1.5 8:1.79769313486231570000e+308 ... 220:0.4 `: zeros left out, some absent."""
    features = " ".join(
        f"{number}:{ABSENT if number % 50 == 8 else value}"
        for number, value in enumerate(values, start=1)
        if number % 2 == 0
    )
    return f"{label} qid:{query + 1} {features} "


FORMS = {
    "MQ2008": SimpleNamespace(line=mq2008, features=46, highest=2, scale="none"),
    "MSLR-WEB10K": SimpleNamespace(line=mslr, features=136, highest=4, scale="query"),
    "istella": SimpleNamespace(line=istella, features=220, highest=4, scale="log"),
}


def rows(form, seed):
    """Return lines of queries of which each has a document of the highest label and one of 0."""
    draw = np.random.default_rng(seed)
    labels = np.tile([form.highest, 0, *draw.integers(0, form.highest + 1, DOCUMENTS - 2)], QUERIES)
    values = draw.random((QUERIES * DOCUMENTS, form.features)).round(6)
    queries = np.repeat(np.arange(QUERIES), DOCUMENTS)
    return [form.line(*row) for row in zip(labels, queries, values, strict=True)]


@pytest.fixture(params=list(FORMS))
def form(request):
    return FORMS[request.param]


@pytest.fixture
def folder(tmp_path, form):
    """Write `Fold1/train.txt`, `vali.txt` and `test.txt`."""
    fold = tmp_path / "Fold1"
    fold.mkdir()
    for seed, name in enumerate(("train", "vali", "test")):
        (fold / f"{name}.txt").write_text("\n".join(rows(form, seed)) + "\n")
    return fold


def study(folder, form):
    path = folder.parent / "study.yaml"
    path.write_text(STUDY.format(folder=folder, scale=form.scale))
    return path


def test_a_study_runs_on_a_folder_of_files(folder, form):
    table = sw.run(study(folder, form), folder.parent / "runs", workers=0).frame()
    assert (table["status"] == "ok").all()
    quality = table[table["metric"].str.startswith("ndcg/")]["value"]
    assert len(quality) == 3 * 3 * 2
    assert quality.between(0.2, 1.0).all()
    sent = table[(table["metric"] == "communication/MB") & (table["method"] == "original")]
    assert sent["value"].unique() == pytest.approx(2 * 2 * 3 * form.features * 4 / 1e6)


def test_what_is_read_is_what_was_written(folder, form):
    data = letor(SeedStreams("data"), path=folder, scale="none")
    assert (len(data.train), len(data.test)) == (QUERIES, QUERIES)
    written = np.random.default_rng(0)
    written.integers(0, form.highest + 1, DOCUMENTS - 2)
    values = written.random((QUERIES * DOCUMENTS, form.features)).round(6)
    column = np.arange(1, form.features + 1)
    if form.line is mslr:
        values = np.where(column % 3 > 0, np.round(values * 20), values)
    if form.line is istella:
        values = np.where((column % 2 == 1) | (column % 50 == 8), 0, values)
        assert data.notes[0] == "120 feature values of train are absent and count as 0"
    np.testing.assert_allclose(data.train.features, values)
    assert data.train.most_relevant().tolist() == [form.highest] * QUERIES


@pytest.mark.parametrize(
    ("number", "change", "message"),
    [
        (3, lambda line: line.replace(" 4:", " 4=", 1), "' is not 'feature:value'"),
        (7, lambda line: line.replace("qid:", "qid ", 1), "there is no 'qid:number'"),
        (24, lambda line: "9" + line[1:], "the label '9' is not a whole number from 0 to 4"),
        (9, lambda line: line.replace(" 2:", " nan:", 1), "' is not 'feature:value'"),
    ],
)
def test_a_malformed_line_is_named_before_the_run(folder, form, number, change, message):
    path = folder / "train.txt"
    lines = path.read_text().splitlines()
    lines[number - 1] = change(lines[number - 1])
    path.write_text("\n".join(lines))
    with pytest.raises(SeedwiseError) as caught:
        sw.run(study(folder, form), folder.parent / "runs", workers=0)
    assert f"'{path}', line {number}: " in str(caught.value)
    assert message in str(caught.value)


def test_a_query_whose_rows_do_not_stand_together_is_named(folder, form):
    path = folder / "test.txt"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[1:], lines[0]]))
    with pytest.raises(SeedwiseError) as caught:
        sw.run(study(folder, form), folder.parent / "runs", workers=0)
    assert f"'{path}', line {len(lines)}: query " in str(caught.value)
    assert "appears again after others" in str(caught.value)
