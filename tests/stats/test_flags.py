from __future__ import annotations

import numpy as np
import pytest

from seedwise.stats import flags

WARNINGS = """single_training_seed few_training_seeds few_partitions single_reference
components_confounded below_chance degenerate near_bound coarse_metric missing_cells failed_cells
labels_recur duplicate_training_seeds optional_stopping percent_suspected
declared_deterministic_but_not"""
INFORMATION = """single_partition no_unlearning_stage boundary unbalanced deterministic
pairing_by_label reference_paired worst_imputed direction_unknown"""


def test_the_list_is_the_documented_one():
    kinds = {code: flag.kind for code, flag in flags.FLAGS.items()}
    expected = dict.fromkeys(WARNINGS.split(), "warning")
    assert kinds == expected | dict.fromkeys(INFORMATION.split(), "information")


def test_every_flag_is_explained_in_a_sentence():
    for flag in flags.FLAGS.values():
        assert flag.meaning[0].isupper()
        assert flag.meaning.endswith(".")


def test_unlisted_codes_are_refused():
    with pytest.raises(KeyError, match="surprise"):
        flags.collect({"surprise": np.array([True])})


def test_text_and_codes_are_inverse():
    codes = ("few_training_seeds", "boundary")
    assert flags.split(flags.join(reversed(codes))) == codes
    assert flags.split(flags.join(())) == ()
