"""With paired references a client that never took part leaves nothing to forget, nor to tell."""

from __future__ import annotations

import pytest

import seedwise as sw
from seedwise.domains.federated.cohorts import cohort
from seedwise.seeds import SeedStreams

CLIENTS, ROUNDS, SEEDS = 6, 2, 2
TASKS = {
    "federated": "dataset: digits, model: {name: mlp, hidden: [4]}",
    "federated-ranking": "dataset: lambdarank, model: linear-ranker",
}
STUDY = """
study: absent
task: {{domain: {domain}, {parts}, train: {{clients: 6, rounds: 2, participation: 0.2}}}}
forget: {{clients: [{absent}]}}
methods:
  [original, retrain, fed-remove, fed-accum, {{name: kd, epochs: 1}}, {{name: not, rounds: 1}}]
metrics: [distance-to-reference]
reference: paired
seeds: {{training: 2, unlearning: 1}}
"""


def absent_client():
    """Return a client that no cohort of any training seed has."""
    asked = {
        client
        for seed in range(SEEDS)
        for turn in range(ROUNDS)
        for client in cohort(SeedStreams("train", 0, seed), turn, range(CLIENTS), 1, CLIENTS)
    }
    return next(client for client in range(CLIENTS) if client not in asked)


@pytest.mark.parametrize("domain", TASKS)
def test_what_takes_updates_out_is_retraining_to_the_last_bit(tmp_path, domain):
    path = tmp_path / "study.yaml"
    path.write_text(STUDY.format(domain=domain, parts=TASKS[domain], absent=absent_client()))
    table = sw.run(path, tmp_path / "runs", workers=0).frame()
    assert (table["status"] == "ok").all()
    away = table.groupby("method")["value"].agg(["min", "max"])
    for method in ("original", "fed-remove", "fed-accum", "kd"):
        assert away.loc[method].tolist() == [0.0, 0.0]
    assert away.loc["not", "min"] > 0.01
