"""Write the page on planning from the quickstart's own records: `python docs/planning.py runs`."""

import sys
from pathlib import Path

from rich.console import Console

from seedwise import api
from seedwise.report.plan import print_plan
from seedwise.report.plan_page import picture_file
from seedwise.results.assumed import ADVICE, half_widths, parse
from seedwise.results.plan import Plan
from seedwise.stats.quantiles import t_quantile

DOCS = Path(__file__).parent
METRIC, METHOD, TARGET = "accuracy/forget", "finetune", 0.03
PAIR = ("finetune", "neg-grad-plus")


def said(plan: Plan) -> str:
    """Return what the command prints."""
    console = Console(width=100, record=True, force_terminal=False, file=sys.stderr)
    print_plan(plan, console)
    return "```\n" + console.export_text().strip() + "\n```"


def arithmetic(plan: Plan) -> list[str]:
    """Return the plan of one method, number by number."""
    problem, design = plan.problem, plan.design
    train, unlearn = (float(part[0, 0]) for part in problem.variances[:2])
    once, each = problem.prices.once, float(problem.prices.unlearn[0]) + problem.prices.evaluate
    runs = design.J[METHOD]
    t = float(t_quantile(plan.target.level, design.I - 1))
    variance = (train + unlearn / runs) / design.I
    best = plan.why.optima[0].optimum.J
    return [
        f"* From the pilot (I = 10, J = 3): s_t² = {train:.3g}, s_u² = {unlearn:.3g}.",
        f"* From its clocks: a training seed with its reference costs {once:.3g} s, one run with "
        f"its evaluation {each:.3g} s.",
        f"* J* = sqrt(({once:.3g} / {each:.3g}) × ({unlearn:.3g} / {train:.3g})) = {best:.2g}. It "
        "does not depend on the budget: more money buys training seeds.",
        f"* The cheapest whole numbers for a half-width of {TARGET}: I = {design.I}, J = {runs}. "
        f"Var(mean) = ({train:.3g} + {unlearn:.3g} / {runs}) / {design.I} = {variance:.3g}, "
        f"t({design.I - 1}) = {t:.3g}, so the half-width is {t:.3g} × {variance**0.5:.3g} = "
        f"{t * variance**0.5:.4f}.",
        f"* It costs {design.I} × ({once:.3g} + {runs} × {each:.3g}) = {design.cost:.3g} s.",
    ]


def assumed_table() -> str:
    """Return the half-widths of usual designs under one assumption."""
    table = half_widths([parse("rho=.5,sd=.02")], (5, 10, 20, 30), (1, 3, 5, 10))
    wide = table.pivot(index="I", columns="J", values="half_width")
    head = "| | " + " | ".join(f"J = {j}" for j in wide.columns) + " |"
    lines = [head, "|---" * (len(wide.columns) + 1) + "|"]
    for i, row in wide.iterrows():
        lines.append(f"| I = {i} | " + " | ".join(f"{value:.4f}" for value in row) + " |")
    return "\n".join(lines)


def main(store: str) -> None:
    """Write the page and its picture."""
    pilot = api.pilot(store, "quickstart")
    one = pilot.plan(METRIC, methods=[METHOD], half_width=TARGET)
    pair = pilot.plan(METRIC, between=PAIR, difference=0.1, power=0.8)
    (DOCS / "images" / "planning.svg").write_text(picture_file(one), encoding="utf-8")
    text = (DOCS / "planning.template.md").read_text(encoding="utf-8")
    parts = {
        "arithmetic": "\n".join(arithmetic(one)),
        "plan": said(one),
        "pair": said(pair),
        "assumed": assumed_table(),
        "advice": "\n\n".join(ADVICE),
    }
    for name, part in parts.items():
        text = text.replace("{{ " + name + " }}", part)
    (DOCS / "planning.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
