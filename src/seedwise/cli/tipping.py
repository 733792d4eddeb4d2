"""`seedwise tipping`: the reviewer's calculator for a claim from one trained model."""

from __future__ import annotations

import json
import math
from typing import Annotated, Literal

import typer

from seedwise.cli import options
from seedwise.errors import SeedwiseError

_SHARES = (0.1, 0.25, 0.5, 0.75, 0.9)
"""Shares of the training seed at which the coverage is shown."""


def command(
    mean: Annotated[
        float, typer.Option(help="The mean that is claimed to differ from --null (a difference).")
    ],
    sd: Annotated[
        float,
        typer.Option(
            help="Standard deviation of its runs; for a difference of two methods with "
            "independent runs sqrt(sd1^2 + sd2^2)."
        ),
    ],
    runs: Annotated[int, typer.Option(help="Number of runs, all from one trained model.")],
    null: Annotated[float, typer.Option(help="The value it is claimed to differ from.")] = 0.0,
    style: Annotated[
        Literal["table", "json"], typer.Option("--format", help="How to print it.")
    ] = "table",
    level: options.Level = 0.95,
) -> None:
    """Say how much the training seed may matter before a published claim no longer holds."""
    from seedwise.stats.practice import single_seed_coverage, tipping_icc
    from seedwise.stats.quantiles import t_quantile

    _check(mean - null, sd, runs)
    t = (mean - null) / (sd / math.sqrt(runs))
    found = {
        "t": t,
        "df": runs - 1,
        "t_critical": float(t_quantile(level, runs - 1)),
        "tipping_icc": float(tipping_icc(t, runs, level=level)),
        "coverage": {
            str(share): float(single_seed_coverage(share, runs, level=level)) for share in _SHARES
        },
    }
    typer.echo(json.dumps(found, indent=1) if style == "json" else _said(found, runs, level))


def _check(difference: float, sd: float, runs: int) -> None:
    if runs < 2:
        raise SeedwiseError(
            f"--runs is {runs}; a claim needs a spread over at least 2 runs of one trained model"
        )
    if not (math.isfinite(sd) and sd > 0):
        raise SeedwiseError(
            f"--sd is {sd}; it must be positive (runs without spread, as of a deterministic "
            "method, are one run repeated and say nothing about other trained models)"
        )
    if not math.isfinite(difference):
        raise SeedwiseError("--mean and --null must be finite numbers")


def _said(found: dict, runs: int, level: float) -> str:
    from seedwise.report.numbers import level_name, number, percent

    critical = number(found["t_critical"])
    said = [
        f"t = {number(found['t'])} over {runs} runs of one trained model "
        f"(df = {found['df']}, critical {critical} at {level_name(level)})."
    ]
    if abs(found["t"]) <= found["t_critical"]:
        said.append("The claim is not significant even for this one trained model.")
    else:
        tipping = percent(found["tipping_icc"])
        said += [
            f"It holds for trained models in general only while the training seed makes less than "
            f"{tipping} of the variance of a run.",
            "At a larger share the same runs are not evidence; only more training seeds are.",
        ]
    said += [
        "",
        f"How often such an interval over {runs} runs covers the mean over trained models:",
    ]
    said += [
        f"  training seed makes {percent(float(share)):>4} of the variance: {percent(coverage):>4}"
        for share, coverage in found["coverage"].items()
    ]
    return "\n".join([*said, "(exact under normality)"])
