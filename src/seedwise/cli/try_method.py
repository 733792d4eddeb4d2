"""`seedwise try`: a person's method file, run once on digits and held against the contract."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seedwise.errors import SeedwiseError

if TYPE_CHECKING:
    from seedwise.contracts import Method

_STUDY: dict[str, Any] = {
    "study": "try",
    "task": {"domain": "vision", "dataset": "digits", "model": "mlp"},
    "forget": {"class": 3},
    "metrics": ["accuracy"],
    "seeds": {"training": 1},
}


def command(
    file: Annotated[Path, typer.Argument(help="A Python file with @seedwise.method functions.")],
    method: Annotated[str | None, typer.Option(help="Which one, if it has several.")] = None,
    argument: Annotated[
        list[str] | None, typer.Option("--argument", help="e.g. lr=0.01; may be repeated.")
    ] = None,
) -> None:
    """Try a method file: run it on digits and check what every method promises."""
    findings = 0
    for found in _methods(file, method):
        typer.echo(f"{found.name}:")
        findings += _try(found, argument or [])
    if findings:
        raise SeedwiseError(f"{findings} promises of a method are not kept; see above")


def _methods(file: Path, name: str | None) -> list[Method]:
    """Return the methods that a file registers."""
    from seedwise import registry
    from seedwise.errors import did_you_mean
    from seedwise.study.plugins import load_plugins

    path = file.resolve()
    load_plugins([str(path)], Path())
    added = [
        n for n in registry.methods if registry.origin(registry.methods[n]).startswith(f"{path}:")
    ]
    if not added:
        raise SeedwiseError(
            f"{file} registers no method; decorate a function with @seedwise.method('name')"
        )
    if name is not None and name not in added:
        raise SeedwiseError(f"{file} has no method '{name}'; {did_you_mean(name, added)}")
    return [registry.methods[one] for one in ([name] if name else added)]


def _try(method: Method, given: list[str]) -> int:
    """Print every promise of a method; return how many are broken."""
    from seedwise.engine.trial import trial
    from seedwise.study.arguments import bind

    checked = _checked(method, given)
    problem = _problem(checked)
    arguments = bind(method.function, checked.methods[0].arguments)
    broken = 0
    made = trial(method, problem, arguments=arguments)
    for finding in made.findings():
        broken += not finding.passed
        typer.echo(f"  {'ok  ' if finding.passed else 'FAIL'} {finding.check}: {finding.message}")
    if not broken:
        typer.echo(f"  {_accuracies(problem, made.original, made.run(0))}")
    return broken


def _checked(method: Method, given: list[str]) -> Any:
    from seedwise.study import yaml
    from seedwise.study.check import check_spec
    from seedwise.study.load import validate

    pairs = [pair.partition("=") for pair in given]
    arguments = {key: yaml.parse(value, f"--argument {key}") for key, _, value in pairs}
    content = {**_STUDY, "methods": [{"name": method.name, **arguments}]}
    return check_spec(validate(content, "try"), Path(), "try")


def _problem(checked: Any) -> Any:
    from seedwise.contracts import ForgetSet, Part, Task
    from seedwise.engine.signature import prepare
    from seedwise.seeds import SeedStreams

    parts = checked.parts
    task = Task(
        "vision",
        Part("digits", parts["dataset"].arguments),
        Part("mlp", parts["model"].arguments),
        parts["train"].arguments,
    )
    problem = checked.domain.problem(task, ForgetSet("class", 3), SeedStreams("data"))
    prepare("cpu")
    return problem


def _accuracies(problem: Any, original: Any, model: Any) -> str:
    """Say in one line what the method did to accuracy."""
    told = []
    for split in ("forget", "retain", "test"):
        before, after = (
            float(problem.outputs(one, split, ["correct"])["correct"].mean())
            for one in (original, model)
        )
        told.append(f"{split} {before:.3f} -> {after:.3f}")
    return "accuracy " + ", ".join(told)
