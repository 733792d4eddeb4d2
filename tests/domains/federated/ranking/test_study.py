"""A whole study of federated learning to rank, from its file to its table."""

from __future__ import annotations

from pathlib import Path

import pytest

import seedwise as sw
from seedwise.engine.resolve import resolve
from seedwise.store import FileStore
from seedwise.study.load import load

EXAMPLES = Path(__file__).parents[4] / "examples"
TINY = EXAMPLES / "federated-ranking-tiny.yaml"


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return sw.run(TINY, tmp_path_factory.mktemp("store") / "runs", workers=0)


def test_forgetting_poisoned_clients_mends_the_ranking(results):
    table = results.frame()
    nobody_saw = (table["metric"] == "online-ndcg") & table["method"].isin(
        ["fed-remove", "fed-accum", "kd"]
    )
    assert table.loc[~nobody_saw, "value"].notna().all()
    assert table.loc[nobody_saw, "value"].isna().all()
    means = table.groupby(["method", "metric"])["value"].mean()
    for split in ("forget", "retain", "test"):
        harmed, mended = (means[one, f"ndcg/{split}"] for one in ("original", "retrain"))
        assert harmed < mended - 0.05
        for method in ("fed-accum", "fed-eraser", "pga", "kd", "fed-osd-clicks"):
            assert means[method, f"ndcg/{split}"] > harmed + 0.02
    assert means["original", "online-ndcg"] < means["retrain", "online-ndcg"] < 30
    assert means["retrain", "mrr/test"] > means["original", "mrr/test"]


def test_each_convention_has_its_own_numbers(results):
    means = results.frame().groupby(["method", "metric"])["value"].mean()
    assert means["retrain", "ndcg-linear/test"] != means["retrain", "ndcg/test"]


def test_what_is_computed_from_the_history_does_not_vary(results):
    table = results.frame()
    seeds = table[table["value"].notna()].groupby("method")["unlearning_seed"].nunique()
    assert seeds["fed-accum"] == seeds["fed-remove"] == 1
    assert seeds["fed-eraser"] == seeds["fed-finetune"] == seeds["pga"] == 2


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("linear-ranker", "linear", "unknown name 'linear'; did you mean 'linear-ranker'"),
        ("users: perfect", "users: sloppy", "users"),
        ("poisoned: [0, 1]", "poisoned: [7]", "no client 7 can be poisoned"),
        ("{clients: [0, 1]}", "{clients: [6]}", "no client 6; they are numbered 0 to 5"),
        ("- fed-remove", "- finetune", "'finetune' needs ['gradients'], which the domain"),
        ("- fed-remove", "- fed-osd", "; it runs fed-accum, fed-eraser, fed-finetune, fed-osd-cl"),
        ("gain: linear", "gain: cubic", "gain"),
    ],
)
def test_what_does_not_fit_is_refused_before_the_run(tmp_path, old, new, message):
    text = TINY.read_text()
    assert old in text
    path = tmp_path / "study.yaml"
    path.write_text(text.replace(old, new))
    with pytest.raises(sw.SeedwiseError) as caught:
        resolve(load(path, ()), path, FileStore(tmp_path / "runs", create=True))
    assert message in str(caught.value)
