"""What a study keeps of its models."""

import pytest

from seedwise.design.keeping import budget, keeps_weights


@pytest.mark.parametrize(
    ("policy", "size"), [("auto", 10e9), ("1.5 GB", 1.5e9), ("500MB", 5e8), ("2 TB", 2e12)]
)
def test_sizes_are_bytes(policy, size):
    assert budget(policy) == size


@pytest.mark.parametrize(
    ("keep", "original", "kept"),
    [
        ("auto", 1e6, True),
        ("auto", 1e9, False),  # 18 runs of it
        ("auto", None, False),
        ("17.9 MB", 1e6, False),
        ("18 MB", 1e6, True),
        ("all", None, True),
        ("none", 1.0, False),
    ],
)
def test_unlearned_models_are_kept_if_all_of_them_fit(lab, keep, original, kept):
    design = lab.snapshot(f"keep={keep}").design
    assert keeps_weights(design, "unlearn", original) is kept
    assert keeps_weights(design, "train", None) is (keep != "none")
