"""One self-contained HTML page: no script library, no font, no request to anywhere."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from seedwise.report.facts import Fact, fact_rows
from seedwise.report.grids import Grid, nested_grid, paired_grid, single_seed_grid, variance_grid
from seedwise.report.material import Material, gather
from seedwise.report.nested import nested_info
from seedwise.report.numbers import count, level_name, span
from seedwise.report.overview import OverviewInfo, overview_info
from seedwise.report.paired import paired_info
from seedwise.report.pictures import nested, paired, single_seed, variance
from seedwise.report.plan_page import planner_sections
from seedwise.report.sections import Panel, Section, environment
from seedwise.report.single_seed import SingleSeedInfo, single_seed_info
from seedwise.report.variance import VarianceInfo, variance_info
from seedwise.results import Results

OPEN_BARS = 12
"""So many panels of the variance split stand open: its pictures are small."""

_INDEPENDENT = "The retrained models are others, so gaps to them are not paired."
_REFERENCE_PAIRED = "Each retrained model belongs to one original, so gaps are paired as well."


def write_html(
    results: Results,
    path: str | Path,
    facts: Mapping[str, Any] | None = None,
    *,
    level: float = 0.95,
) -> Path:
    """Write the report of a study as one file that opens anywhere, also without a network.

    Args:
        results: The study's results.
        path: Where to write; folders are made.
        facts: What else is known of the study, as names and (nested) values: `study`,
            `seedwise`, `device`, `versions`, `cost`, ...
        level: Confidence level of all intervals.

    Returns:
        The path written.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(render_html(results, facts, level=level), encoding="utf-8")
    return target


def render_html(
    results: Results, facts: Mapping[str, Any] | None = None, *, level: float = 0.95
) -> str:
    """Return the page that `write_html` writes."""
    material = gather(results, level=level)
    split, practice = variance_info(material), single_seed_info(material)
    overview = overview_info(material, split, practice)
    known = dict(facts or {})
    sections = (*_sections(material, split, practice), *planner_sections(results, level))
    page = environment().get_template("report.html.j2")
    return page.render(
        title=str(known.get("study") or "study"),
        overview=overview,
        sections=tuple(one for one in sections if one.panels),
        facts=fact_rows(known),
        design=_design(overview),
        seeds=material.seeds,
        level=level_name(level),
        written=datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
    )


def _sections(material: Material, split: VarianceInfo, practice: SingleSeedInfo) -> list[Section]:
    return [
        _nested(material),
        _variance(material, split),
        _paired(material),
        _single_seed(material, practice),
    ]


def _nested(material: Material) -> Section:
    level = level_name(material.level)
    how = (
        "Each method has one thin lane per training seed, in the same order everywhere. Along a "
        "lane lie the runs that unlearn that one trained model; the large dot is their mean. "
        "Scatter along lanes comes from the unlearning seed, scatter between lanes from the "
        "training seed. The diamond is the mean over training seeds, with its interval: only "
        "training seeds count as independent."
    )
    key = (
        ("run", "one run"),
        ("seed", "mean of one training seed's runs"),
        ("mean", f"mean over training seeds, {level} interval"),
        ("band", "middle half of the retrained models, with their median"),
    )
    panels = _panels(material, nested_info(material).panels, _draw_nested(material), nested_grid)
    return Section("nested", "Runs inside training seeds", how, key, panels)


def _variance(material: Material, split: VarianceInfo) -> Section:
    level = level_name(material.level)
    how = (
        "Repeat an experiment with a new training seed and a new unlearning seed, and its result "
        "varies. The bar divides that variance by its source. The number, and the thin line, are "
        f"the share of the training seed with its {level} interval (normal theory), which more "
        "unlearning seeds cannot shrink. Original and retrained models have no unlearning seed."
    )
    is_evaluated = any(panel.has_eval for panel in split.panels)
    key = (
        ("share-train", "training seed"),
        ("share-unlearn", "unlearning seed"),
        *((("share-eval", "evaluation seed"),) if is_evaluated else ()),
        ("whisker", f"{level} interval of the training seed's share"),
    )
    panels = _panels(material, split.panels, variance.draw, variance_grid)
    return Section("variance", "Where the spread comes from", how, key, panels, OPEN_BARS)


def _paired(material: Material) -> Section:
    how = (
        "Methods are compared on the same trained models, so what a training seed does to all of "
        f"them cancels. {_REFERENCE_PAIRED if material.is_reference_paired else _INDEPENDENT} "
        "Thick: the interval of this one difference; thin: wide enough for all differences of its "
        "block together. A thick line clear of zero is a difference one may claim if it was the "
        "only question; p is adjusted for asking them all (Holm)."
    )
    key = (
        ("mean", f"difference, {level_name(material.level)} interval"),
        ("ci-thin", "interval for all of the block together"),
        ("zero", "no difference"),
    )
    panels = _panels(material, paired_info(material).panels, paired.draw, paired_grid)
    return Section("paired", "Which differences are real", how, key, panels)


def _single_seed(material: Material, practice: SingleSeedInfo) -> Section:
    how = (
        "Most papers unlearn one trained model many times and print the interval over these runs. "
        "Here every training seed plays that one model. The column behind is the mean over all "
        "training seeds with its interval. A claim misses when its own interval does not hold the "
        "mean of the other training seeds. By theory: how often that happens at the estimated "
        "share of the training seed, if values are normal."
    )
    key = (
        ("hit", "one training seed's claim: holds the mean of the others"),
        ("miss", "misses it"),
        ("whole", f"mean over all training seeds, {level_name(material.level)} interval"),
    )
    panels = _panels(material, practice.panels, single_seed.draw, single_seed_grid)
    return Section("single-seed", "What one training seed would have claimed", how, key, panels)


def _draw_nested(material: Material) -> Callable[[Any], Markup]:
    return lambda panel: nested.draw(panel, link_reference=material.is_reference_paired)


def _panels(
    material: Material,
    panels: Iterable[Any],
    draw: Callable[[Any], Markup],
    grid: Callable[[Any], Grid],
) -> tuple[Panel, ...]:
    return tuple(
        Panel(panel.title, material.subtitle(panel.place), panel.finding, draw(panel), grid(panel))
        for panel in panels
        if grid(panel).rows
    )


def _design(overview: OverviewInfo) -> tuple[Fact, ...]:
    methods = [line for line in overview.lines if line.n_unlearning_seeds[1] > 0]
    runs = [line.n_unlearning_seeds[1] for line in methods]
    return (
        _counted("training seed", overview.n_seeds, " (I)"),
        Fact("unlearning seeds each (J)", span(min(runs), max(runs)) if runs else "no"),
        _counted("method", len(overview.lines)),
        _counted("metric", len(overview.places)),
        _counted("run", overview.n_runs, " measured"),
        _counted("failed run", overview.n_failures),
    )


def _counted(noun: str, number_of: int, rest: str = "") -> Fact:
    words, _, nouns = count(number_of, noun).partition(" ")
    return Fact(nouns + rest, words)
