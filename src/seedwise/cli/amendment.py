"""What a plan leaves behind: a page or picture, and the study file with its seeds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from seedwise.errors import SeedwiseError

if TYPE_CHECKING:
    from seedwise.results.plan import Plan


def write_page(found: Plan, out: Path) -> str:
    """Write a plan as .html or .svg; return what to say.

    Raises:
        SeedwiseError: If there is no such picture, or it cannot be written.
    """
    from seedwise.report.plan_page import write_plan

    try:
        return f"wrote {write_plan(found, out)}"
    except ValueError as error:
        raise SeedwiseError(str(error)) from None
    except OSError as error:
        raise SeedwiseError(f"{out}: cannot be written: {error.strerror}") from None


def amend(found: Plan, path: Path, study: Path | None) -> str:
    """Write a study file with the seeds of a plan; return what to say.

    Args:
        found: The plan.
        path: The file to write.
        study: The file to start from; None for the file itself.

    Raises:
        SeedwiseError: If there is nothing to amend, another file would be replaced, or the study
            lacks a method of the plan.
    """
    from seedwise.study.amend import amend_seeds
    from seedwise.study.load import validate
    from seedwise.study.yaml import parse

    base = study or path
    if not base.is_file():
        raise SeedwiseError(
            f"--write {path}: there is no study file to amend; name an existing one"
        )
    if study is not None and path.exists() and path.resolve() != study.resolve():
        raise SeedwiseError(f"--write {path}: exists already and is another file than {study}")
    design = found.assured or found.design
    counts = {"training": design.I, "evaluation": design.K, "partition": design.P}
    text = amend_seeds(base.read_text(encoding="utf-8"), str(base), counts, design.J)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SeedwiseError(f"{path}: cannot be written: {error.strerror}") from None
    seeds = validate(parse(text, str(path)), str(path)).seeds
    more = [level for level, count in counts.items() if len(getattr(seeds, level)) > count]
    runs = [m for m, count in design.J.items() if len(seeds.unlearning_of(m)) > count]
    kept = [
        *(f"{len(getattr(seeds, level))} {level} seeds" for level in more),
        *(f"{len(seeds.unlearning_of(method))} unlearning seeds of {method}" for method in runs),
    ]
    beyond = f", and are more than planned: {', '.join(kept)}" if kept else ""
    partitions = f"P = {design.P}, " if found.has_partitions else ""
    return (
        f"wrote {path}: {partitions}I = {design.I}, J = {_runs(design.J)}, K = {design.K}, by the "
        f"{design.name} plan; seeds that were there are kept{beyond}"
    )


def _runs(J: Mapping[str, int]) -> str:  # noqa: N803 - the vocabulary of the field
    """Return one number, or one for each method."""
    if len(set(J.values())) == 1:
        return str(next(iter(J.values())))
    return ", ".join(f"{count} ({method})" for method, count in J.items())
