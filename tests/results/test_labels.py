from __future__ import annotations

import numpy as np

from seedwise.results import Results
from seedwise.results.labels import COLUMNS


def test_labels_with_an_effect_are_flagged(study):
    frame = study(hashes=False)
    frame["value"] += 0.1 * frame["unlearning_seed"].fillna(0).astype(float)
    results = Results(frame)
    flagged = results.summary().set_index("method")["flags"].str.contains("labels_recur")
    assert flagged.groupby("method").all().to_dict() == {
        "ft": True,
        "ga": True,
        "original": False,
        "retrain": False,
    }
    effects = results.label_effects()
    assert tuple(effects.columns) == COLUMNS
    assert (effects["p"] < 1e-6).all()
    assert (effects["share"] > 0.9).all()


def test_own_records_are_nested_by_construction(study):
    frame = study()
    frame["value"] += 0.1 * frame["unlearning_seed"].fillna(0).astype(float)
    assert Results(frame).label_effects().empty


def test_labels_that_do_not_recur_are_names(study):
    frame = study(hashes=False)
    own = frame["unlearning_seed"].notna()
    frame.loc[own, "unlearning_seed"] += 100 * frame.loc[own, "training_seed"]
    assert Results(frame).label_effects().empty


def test_labels_without_an_effect_are_rarely_flagged(study):
    flags = [
        text
        for seed in range(20)
        for text in Results(study(hashes=False, seed=seed)).summary()["flags"]
    ]
    assert np.mean(["labels_recur" in text for text in flags]) < 0.1
