"""Holding a spec against the registry: names, arguments, capabilities, what needs what."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seedwise import registry
from seedwise.contracts import Domain, Method, Metric
from seedwise.errors import SeedwiseError, did_you_mean
from seedwise.study.arguments import Arguments, check, schema_of, splits_named
from seedwise.study.load import problems_error
from seedwise.study.lock import LockedMethod, LockedMetric, LockedPart
from seedwise.study.spec import ORIGINAL, REFERENCE, Spec, Use

_METHOD_TAKES = ("original", "problem", "extras", "seeds", "ctx")


@dataclass(frozen=True)
class Checked:
    """A spec whose every name is known and whose every argument fits its signature."""

    spec: Spec
    domain: Domain
    parts: Mapping[str, LockedPart]
    methods: tuple[LockedMethod, ...]
    metrics: tuple[LockedMetric, ...]


class _Checker:
    """Collects every problem, so that a person sees them all at once."""

    def __init__(self, spec: Spec, folder: Path) -> None:
        self.spec, self.folder = spec, folder
        self.problems: list[str] = []

    def find(self, shelf: Mapping[str, Any] | registry.Registry[Any], name: str, where: str) -> Any:
        if name in shelf:
            return shelf[name]
        self.problems.append(f"{where}: unknown name '{name}'; {did_you_mean(name, shelf)}")
        return None

    def arguments(self, code: Any, given: Mapping[str, Any], where: str) -> Arguments:
        arguments, problems = check(code, given, where, self.folder)
        self.problems += problems
        return arguments

    def part(self, code: Any, use: Use, where: str, version: str) -> LockedPart:
        return self.locked(use.name, use.title, code, use.arguments, where, version)

    def locked(
        self, name: str, label: str, code: Any, given: Mapping[str, Any], where: str, version: str
    ) -> LockedPart:
        arguments = self.arguments(code, given, where)
        return LockedPart(
            name=name,
            label=label,
            fingerprint=registry.fingerprint(code, version),
            arguments=arguments.full,
            changed=arguments.changed,
        )

    def task(self, domain: Domain) -> dict[str, LockedPart]:
        parts = {}
        for kind in ("dataset", "model"):
            use: Use = getattr(self.spec.task, kind)
            code = self.find(domain.components(kind), use.name, f"task.{kind}")
            if code is not None:
                parts[kind] = self.part(code, use, f"task.{kind}", domain.version)
        train, recipe = self.spec.task.train, domain.recipe
        parts["train"] = self.locked("train", "train", recipe, train, "task.train", domain.version)
        parts["domain"] = LockedPart(
            name=domain.name,
            label=domain.name,
            fingerprint=registry.fingerprint(domain, domain.version),
            arguments={},
            changed={},
        )
        for number, forget in enumerate(self.spec.forget):
            if forget.selector not in domain.selectors:
                self.problems.append(
                    f"forget[{number}]: unknown selector '{forget.selector}'; "
                    f"{did_you_mean(forget.selector, domain.selectors)}"
                )
        return parts

    def method(self, number: int, use: Use, domain: Domain | None) -> LockedMethod | None:
        where = f"methods[{number}]"
        method: Method | None = self.find(registry.methods, use.name, where)
        if method is None:
            return None
        self._callable(method, where)
        if domain is not None:
            self._fits(method, domain, where)
        part = self.part(method.function, use, where, method.version)
        return LockedMethod(
            **part.model_dump(),
            deterministic=method.is_deterministic(part.arguments),
            needs=method.needs,
        )

    def _callable(self, method: Method, where: str) -> None:
        parameters = inspect.signature(method.function).parameters.values()
        named = [p for p in parameters if p.kind is not p.KEYWORD_ONLY]
        takes_all = any(p.kind is p.VAR_POSITIONAL for p in named)
        if len(named) != len(_METHOD_TAKES) and not takes_all:
            self.problems.append(
                f"{where}: '{method.name}' takes ({', '.join(p.name for p in named)}); a method "
                f"takes ({', '.join(_METHOD_TAKES)}) and its arguments after a *"
            )

    def _fits(self, method: Method, domain: Domain, where: str) -> None:
        lacking = sorted(method.requires - domain.capabilities)
        if lacking:
            self.problems.append(
                f"{where}: '{method.name}' needs {lacking}, which the domain '{domain.name}' does "
                f"not offer (it offers {sorted(domain.capabilities)}); it runs {_runs_on(domain)}"
            )
        unknown = sorted(set(method.needs) - domain.captures)
        if unknown:
            self.problems.append(
                f"{where}: '{method.name}' needs the captures {unknown} of the training run; the "
                f"domain '{domain.name}' captures {sorted(domain.captures) or 'nothing'}"
            )

    def metric(self, number: int, use: Use, domain: Domain | None) -> LockedMetric | None:
        where = f"metrics[{number}]"
        base, slash, split = use.name.partition("/")
        if slash and base in registry.metrics:
            written = _with_split(base, split)
            self.problems.append(f"{where}: unknown name '{use.name}'; write {written}")
            return None
        metric: Metric | None = self.find(registry.metrics, use.name, where)
        if metric is None:
            return None
        lacking = sorted(set(metric.spec.columns) - set(domain.columns)) if domain else []
        if lacking and domain:
            self.problems.append(
                f"{where}: '{metric.name}' needs the outputs {lacking}, which the domain "
                f"'{domain.name}' does not offer (it offers {sorted(domain.columns)})"
            )
        part = self.part(metric.function, use, where, metric.spec.version)
        return LockedMetric(**part.model_dump(), spec=metric.spec)

    def baselines(self, methods: list[LockedMethod]) -> None:
        for name, fixed in ((ORIGINAL, "originals"), (REFERENCE, "references")):
            uses = [m for m in methods if m.name == name]
            if len(uses) > 1 or any(m.label != name for m in uses):
                self.problems.append(f"methods: '{name}' is listed once and keeps its name")
            if any(m.label == name and m.name != name for m in methods):
                self.problems.append(f"methods: the label '{name}' is reserved ({fixed})")

    def precision(self, metrics: list[LockedMetric]) -> None:
        """A slip in what a run is to reach is found before its pilot has run."""
        if self.spec.precision is None:
            return
        wanted = self.spec.precision.metric
        known = [m.label for m in metrics if m.spec.level != "ensemble"]
        if not any(wanted == label or wanted.startswith(f"{label}/") for label in known):
            base = wanted.partition("/")[0]
            self.problems.append(
                f"precision.metric: '{wanted}' is no value of a metric that this study takes of "
                f"every run; {did_you_mean(base, known)}"
            )


def _runs_on(domain: Domain) -> str:
    """Return the names of the methods that a domain offers enough for."""
    known = {name: registry.methods[name].requires for name in registry.methods.at_hand()}
    return ", ".join(name for name, needed in known.items() if needed <= domain.capabilities)


def _with_split(metric: str, split: str) -> str:
    """Return how a study asks for a metric on one split."""
    takes = schema_of(registry.metrics[metric].function).model_fields
    if "splits" in takes:
        return f"{{name: {metric}, splits: [{split}]}}"
    return f"{{name: {metric}, split: {split}}}" if "split" in takes else metric


def check_splits(
    metrics: Iterable[LockedMetric], splits: Iterable[str], where: str
) -> Iterator[str]:
    """Yield a sentence for each split that a metric names and the data do not have.

    Args:
        metrics: The metrics of a study.
        splits: The splits of its data.
        where: What the data are called.
    """
    there = list(splits)
    for number, metric in enumerate(metrics):
        named = splits_named(registry.metrics[metric.name].function, metric.arguments)
        for argument, values in named.items():
            if not values:
                yield f"metrics[{number}].{argument}: names no split; {did_you_mean('', there)}"
            for value in values:
                if value not in there:
                    yield (
                        f"metrics[{number}].{argument}: there is no split '{value}' in '{where}'; "
                        f"{did_you_mean(value, there)}"
                    )


def check_columns(
    metrics: Iterable[LockedMetric], absent: Mapping[str, Mapping[str, str]], where: str
) -> Iterator[str]:
    """Yield a sentence for each metric that needs numbers which the data do not allow for.

    A metric that names no split is refused where no split allows for it.

    Args:
        metrics: The metrics of a study.
        absent: Columns that cannot be computed, with the reason, for every split of its data.
        where: What the data are called.
    """
    for number, metric in enumerate(metrics):
        needs = metric.spec.needs
        lacking = {
            split: next(reasons[name] for name in needs if name in reasons)
            for split, reasons in absent.items()
            if set(needs) & set(reasons)
        }
        given = splits_named(registry.metrics[metric.name].function, metric.arguments)
        named = [split for values in given.values() for split in values]
        wrong = [split for split in named or absent if split in lacking]
        if wrong and (named or len(wrong) == len(absent)):
            fitting = ", ".join(split for split in absent if split not in lacking)
            yield (
                f"metrics[{number}]: '{metric.label}' cannot be computed on '{wrong[0]}' of "
                f"'{where}': {lacking[wrong[0]]}; splits that allow for it: {fitting or 'none'}"
            )


def check_spec(spec: Spec, folder: Path, where: str) -> Checked:
    """Hold a spec against the registry (plug-ins must be loaded already).

    Args:
        spec: The validated spec.
        folder: What relative paths are relative to.
        where: Name of the study file, for messages.

    Raises:
        StudyError: Lists every unknown name, misfitting argument and missing capability.
    """
    checker = _Checker(spec, folder)
    domain = checker.find(registry.domains, spec.task.domain, "task.domain")
    try:
        parts = checker.task(domain) if domain is not None else {}
        methods = [checker.method(n, use, domain) for n, use in enumerate(spec.methods)]
        metrics = [checker.metric(n, use, domain) for n, use in enumerate(spec.metrics)]
    except SeedwiseError as error:
        raise problems_error(where, [*checker.problems, str(error)]) from None
    checker.baselines([m for m in methods if m])
    checker.precision([m for m in metrics if m])
    listed = any(method and method.name == REFERENCE for method in methods)
    if not listed and any(m and m.spec.level in ("pair", "ensemble") for m in metrics):
        methods.append(checker.method(len(methods), Use.model_validate(REFERENCE), domain))
    if checker.problems:
        raise problems_error(where, checker.problems)
    assert domain is not None  # noqa: S101 - an unknown domain is a problem, raised above
    return Checked(
        spec,
        domain,
        parts,
        tuple(m for m in methods if m),
        tuple(m for m in metrics if m),
    )
