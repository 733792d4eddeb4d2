from __future__ import annotations

from seedwise.report import prose
from seedwise.report.numbers import estimate
from seedwise.results import Results

ENDS = ["ci_low_looks", "ci_high_looks"]


def test_the_paragraph_says_design_intervals_and_assumptions(results):
    said = prose(results, metrics=["accuracy/forget"])
    assert said.startswith(
        "Over I = 10 training seeds and J = 1-3 unlearning seeds on each, beside"
    )
    assert "10 retrained models" in said
    assert "95 % interval, t over training seeds, df = 9" in said
    assert "original .8933 [.8877, .8988]" in said
    assert "intervals by normal theory" in said
    assert "Welch t on independent models; Holm over 5 comparisons" in said
    assert "two one-sided tests at 5 %) finetune .214; grad" in said
    assert "(neg-grad-plus) Runs failed" in said


def test_one_paragraph_per_metric(results):
    assert len(prose(results).split("\n\n")) == results.summary()["metric"].nunique()


def test_one_training_seed_claims_nothing(make_results, make_frame):
    frame = make_frame(training=1, unlearning=3)
    said = prose(make_results(frame), metrics=["accuracy/forget"])
    assert "no interval for the mean can be given" in said
    assert "given this trained model only" in said
    assert "One training seed: nothing can be said about other trained models" in said


def test_without_a_reference_methods_are_compared(make_results, make_frame):
    frame = make_frame(training=5)
    frame = frame[frame["method"].isin(["finetune", "random-labels"])].drop(columns="original")
    said = prose(make_results(frame), metrics=["loss/test"])
    assert "finetune - random-labels" in said
    assert "paired t by the label of the training seed" in said


def test_looks_before_the_end_give_the_wider_intervals_too(make_frame):
    looked = Results(make_frame(training=8), looks=[5, 6])
    said = prose(looked, metrics=["accuracy/forget"])
    assert "looked at with 3 numbers of training seeds" in said
    wide = looked.summary().iloc[0]
    assert f"{wide['method']} {estimate(wide['mean'], *wide[ENDS]).text}" in said
    assert "Training seeds were added after a look" in said
    assert "looked at" not in prose(Results(make_frame(training=8)), metrics=["accuracy/forget"])
