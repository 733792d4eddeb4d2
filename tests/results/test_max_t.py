from __future__ import annotations

import numpy as np
import pandas as pd

from seedwise.results import Results
from seedwise.results.max_t import COLUMNS


def test_max_t_stands_beside_holm(study):
    frame = study(units=12)
    third = frame[frame["method"] == "ft"].assign(method="third")
    third["value"] += np.random.default_rng(0).normal(size=len(third)) * 0.01
    table = Results(pd.concat([frame, third], ignore_index=True)).max_t("loss")
    assert tuple(table.columns) == COLUMNS
    assert len(table) == 3
    assert (table["n_common"] == 12).all()
    assert table["p_max_t"].between(0, 1).all()
    clear = table["p"] < 1e-6
    assert clear.any()
    assert (table["p_max_t"][clear] < 0.05).all()


def test_few_training_seeds_have_no_check(study):
    assert Results(study()).max_t()["p_max_t"].isna().all()


def test_unpaired_methods_have_no_check(study):
    assert Results(study(units=12), unpaired=True).max_t()["p_max_t"].isna().all()
