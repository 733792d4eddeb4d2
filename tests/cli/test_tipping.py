"""`seedwise tipping`."""

import json

import pytest


def test_tipping_says_what_a_claim_survives(cli):
    claim = ("--mean", 4, "--sd", 10**0.5, "--runs", 10)
    said = cli("tipping", *claim)
    assert "t = 4.00 over 10 runs of one trained model (df = 9, critical 2.26 at 95 %)" in said.out
    assert "less than 18 % of the variance" in said.out
    found = json.loads(cli("tipping", *claim, "--format", "json").out)
    assert found["coverage"]["0.5"] == pytest.approx(0.488, abs=5e-4)
    mirrored = json.loads(cli("tipping", "--mean", -4, *claim[2:], "--format", "json").out)
    assert mirrored["tipping_icc"] == found["tipping_icc"]
    shifted = json.loads(cli("tipping", *claim, "--null", 4, "--format", "json").out)
    assert shifted["t"] == shifted["tipping_icc"] == 0
    assert "not significant even for this one" in cli("tipping", *claim, "--null", 3.9).out


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        ((1, 0, 10), "--sd is 0.0; it must be positive"),
        ((1, "nan", 10), "--sd is nan"),
        ((1, 1, 1), "--runs is 1; a claim needs a spread"),
        (("inf", 1, 10), "must be finite"),
    ],
)
def test_tipping_refuses_what_is_no_claim(cli, claim, message):
    said = cli("tipping", "--mean", claim[0], "--sd", claim[1], "--runs", claim[2])
    assert said.code == 1
    assert message in said.err
