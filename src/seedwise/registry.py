"""One generic registry: lazy targets, entry points, "did you mean", and where a thing comes from.

Built-ins are named by `module:attribute` and imported when first asked for, so that `--help` and
tables load nothing heavy. Other packages add theirs by the entry-point groups `seedwise.methods`,
`seedwise.metrics` and `seedwise.domains`; a person's own file by the decorators.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Generic, TypeVar

from seedwise.contracts import Direction, Domain, Level, Method, Metric, MetricSpec
from seedwise.errors import SeedwiseError, did_you_mean

T = TypeVar("T")


_PLUGIN_HOME = "seedwise.testing."
"""Modules treated like a person's own code although their name begins with seedwise."""


class Registry(Generic[T]):
    """Names and what they stand for.

    Args:
        kind: What it holds, for messages: `method`, `metric`, `domain`.
        builtin: Lazy targets, `{name: "module:attribute"}`.

    Example:
        >>> shelf = Registry("codec", {"json": "json:dumps"})
        >>> shelf["json"]([1])
        '[1]'
        >>> "yaml" in shelf
        False
    """

    def __init__(self, kind: str, builtin: Mapping[str, str]) -> None:
        self.kind = kind
        self._builtin = dict(builtin)
        self._added: dict[str, T] = {}

    def add(self, name: str, target: T) -> None:
        """Register an object; a built-in's name is refused, a file loaded again replaces itself."""
        known = self._added.get(name)
        if name in self._builtin or (known is not None and not _same_home(known, target)):
            raise SeedwiseError(
                f"a {self.kind} named '{name}' exists already; give yours another name"
            )
        self._added[name] = target

    def __getitem__(self, name: str) -> T:
        if name in self._added:
            return self._added[name]
        if name in self._builtin:
            module, attribute = self._builtin[name].split(":")
            return getattr(importlib.import_module(module), attribute)
        external = self._external()
        if name in external:
            return external[name].load()
        raise SeedwiseError(f"unknown {self.kind} '{name}'; {did_you_mean(name, self)}")

    def __iter__(self) -> Iterator[str]:
        return iter(sorted({*self._added, *self._builtin, *self._external()}))

    def __contains__(self, name: str) -> bool:
        return name in set(self)

    def at_hand(self) -> list[str]:
        """Return the names of what is built in or registered here: no plug-in has to be loaded."""
        return sorted({*self._added, *self._builtin})

    def drop(self, prefix: str) -> None:
        """Forget what modules of this name prefix registered: files of another study, say."""
        self._added = {
            name: target
            for name, target in self._added.items()
            if not code_of(target).__module__.startswith(prefix)
        }

    def _external(self) -> dict[str, EntryPoint]:
        return {point.name: point for point in entry_points(group=f"seedwise.{self.kind}s")}


methods: Registry[Method] = Registry(
    "method",
    {
        "original": "seedwise.methods.baselines:original",
        "retrain": "seedwise.methods.baselines:retrain",
        "finetune": "seedwise.methods.generic.finetune:finetune",
        "gradient-ascent": "seedwise.methods.generic.gradient_ascent:gradient_ascent",
        "neg-grad-plus": "seedwise.methods.generic.neg_grad_plus:neg_grad_plus",
        "random-labels": "seedwise.methods.generic.random_labels:random_labels",
        "lfssd": "seedwise.methods.generic.lfssd:lfssd",
        "bad-teacher": "seedwise.methods.generic.bad_teacher:bad_teacher",
        "scrub": "seedwise.methods.generic.scrub:scrub",
        "ssd": "seedwise.methods.generic.ssd:ssd",
        "fed-accum": "seedwise.methods.federated.fed_accum:fed_accum",
        "fed-eraser": "seedwise.methods.federated.fed_eraser:fed_eraser",
        "fed-finetune": "seedwise.methods.federated.fed_finetune:fed_finetune",
        "fed-osd": "seedwise.methods.federated.fed_osd:fed_osd",
        "fed-osd-clicks": "seedwise.methods.federated.fed_osd_clicks:fed_osd_clicks",
        "fed-remove": "seedwise.methods.federated.fed_remove:fed_remove",
        "kd": "seedwise.methods.federated.kd:kd",
        "not": "seedwise.methods.federated.negate:negate",
        "pga": "seedwise.methods.federated.pga:pga",
        "ceu": "seedwise.methods.language.ceu:ceu",
        "grad-diff": "seedwise.methods.language.grad_diff:grad_diff",
        "idk-dpo": "seedwise.methods.language.idk_dpo:idk_dpo",
        "npo": "seedwise.methods.language.npo:npo",
        "rmu": "seedwise.methods.language.rmu:rmu",
        "satimp": "seedwise.methods.language.satimp:satimp",
        "simnpo": "seedwise.methods.language.simnpo:simnpo",
        "task-vector": "seedwise.methods.language.task_vector:task_vector",
        "undial": "seedwise.methods.language.undial:undial",
        "wga": "seedwise.methods.language.wga:wga",
    },
)
metrics: Registry[Metric] = Registry(
    "metric",
    {
        "accuracy": "seedwise.metrics.accuracy:accuracy",
        "loss": "seedwise.metrics.loss:loss",
        "mia-loss": "seedwise.metrics.mia_loss:mia_loss",
        "js-to-reference": "seedwise.metrics.js_to_reference:js_to_reference",
        "probability": "seedwise.metrics.probability:probability",
        "rouge-l-recall": "seedwise.metrics.rouge_l_recall:rouge_l_recall",
        "truth-ratio": "seedwise.metrics.truth_ratio:truth_ratio",
        "exact-memorization": "seedwise.metrics.exact_memorization:exact_memorization",
        "extraction-strength": "seedwise.metrics.extraction_strength:extraction_strength",
        "model-utility": "seedwise.metrics.model_utility:model_utility",
        "privleak": "seedwise.metrics.privleak:privleak",
        "mia-min-k": "seedwise.metrics.mia_tokens:mia_min_k",
        "mia-min-k-plus": "seedwise.metrics.mia_tokens:mia_min_k_plus",
        "mia-zlib": "seedwise.metrics.mia_tokens:mia_zlib",
        "mia-gradient-norm": "seedwise.metrics.mia_tokens:mia_gradient_norm",
        "mia-loss-auc": "seedwise.metrics.mia_tokens:mia_loss_auc",
        "mia-reference": "seedwise.metrics.mia_tokens:mia_reference",
        "forget-quality": "seedwise.metrics.forget_quality:forget_quality",
        "forget-quality-ensemble": "seedwise.metrics.forget_quality:forget_quality_ensemble",
        "ndcg": "seedwise.metrics.ndcg:ndcg",
        "mrr": "seedwise.metrics.mrr:mrr",
        "client-accuracy": "seedwise.metrics.client_accuracy:client_accuracy",
        "client-ndcg": "seedwise.metrics.client_ndcg:client_ndcg",
        "communication": "seedwise.metrics.cost:communication",
        "distance-to-reference": "seedwise.metrics.distance_to_reference:distance_to_reference",
        "history-size": "seedwise.metrics.cost:history_size",
        "online-ndcg": "seedwise.metrics.online_ndcg:online_ndcg",
        "runtime": "seedwise.metrics.cost:runtime",
        "peak-memory": "seedwise.metrics.cost:peak_memory",
    },
)
domains: Registry[Domain] = Registry(
    "domain",
    {
        "federated": "seedwise.domains.federated:federated",
        "federated-ranking": "seedwise.domains.federated.ranking:federated_ranking",
        "language": "seedwise.domains.language:language",
        "vision": "seedwise.domains.vision:vision",
    },
)


def method(
    name: str,
    *,
    version: str = "1",
    deterministic: bool | Callable[[Mapping[str, Any]], bool] = False,
    requires: set[str] | frozenset[str] = frozenset(),
    needs: tuple[str, ...] = (),
) -> Callable[[Callable[..., Any]], Method]:
    """Turn a function into a method and register it; see `seedwise.contracts.Method`.

    Example:
        >>> @method("leave-it", deterministic=True)
        ... def leave_it(original, problem, extras, seeds, ctx):
        ...     return problem.copy(original)
        >>> leave_it.name
        'leave-it'
    """

    def wrap(function: Callable[..., Any]) -> Method:
        made = Method(name, function, version, deterministic, frozenset(requires), needs)
        if not _is_builtin_code(function):
            methods.add(name, made)
        return made

    return wrap


def metric(
    name: str,
    *,
    version: str = "1",
    level: Level = "model",
    direction: Direction = "closer-to-reference",
    bounds: tuple[float | None, float | None] = (None, None),
    stochastic: bool = False,
    needs: tuple[str, ...] = (),
    reads: tuple[str, ...] = (),
    null: float | None = None,
    unit: str = "",
) -> Callable[[Callable[..., Mapping[str, float]]], Metric]:
    """Turn a function into a metric and register it; see `seedwise.contracts.MetricSpec`.

    Example:
        >>> @metric("worst-loss", needs=("loss",))
        ... def worst_loss(subjects, against, seeds, ctx):
        ...     return {"worst-loss": float(subjects[0].outputs("forget")["loss"].max())}
        >>> worst_loss.spec.level
        'model'
    """

    def wrap(function: Callable[..., Mapping[str, float]]) -> Metric:
        spec = MetricSpec(
            name, level, direction, bounds, stochastic, needs, null, unit, version, reads
        )
        made = Metric(spec, function)
        if not _is_builtin_code(function):
            metrics.add(name, made)
        return made

    return wrap


def code_of(component: Any) -> Callable[..., Any]:
    """Return the function or class that holds a component's code and its signature."""
    if isinstance(component, Method | Metric):
        return component.function
    is_code = inspect.isroutine(component) or inspect.isclass(component)
    return component if is_code else type(component)


def origin(component: Any) -> str:
    """Return where a component is written, `file:line`."""
    code = code_of(component)
    try:
        return f"{inspect.getsourcefile(code)}:{inspect.getsourcelines(code)[1]}"
    except (OSError, TypeError):
        return f"{code.__module__}:{code.__qualname__}"


def fingerprint(component: Any, version: str) -> str:
    """Return what decides whether a finished cell of this component is still valid.

    Built-ins carry a declared version. Other code is hashed by the source of its file, so that
    editing it makes its cells stale.

    Raises:
        SeedwiseError: If the source cannot be read (e.g. typed into a prompt).
    """
    code = code_of(component)
    if _is_builtin_code(code):
        return f"version:{version}"
    try:
        source = inspect.getsourcefile(code)
        text = Path(source).read_bytes() if source else None
    except (OSError, TypeError):
        text = None
    if text is None:
        raise SeedwiseError(
            f"the source of '{code.__qualname__}' cannot be read; put it into a file and name the "
            "file under 'plugins:', so that a change of it is noticed"
        )
    return f"source:{hashlib.sha256(text).hexdigest()}"


def _same_home(one: Any, other: Any) -> bool:
    return origin(one).rpartition(":")[0] == origin(other).rpartition(":")[0]


def _is_builtin_code(code: Callable[..., Any]) -> bool:
    return code.__module__.startswith("seedwise.") and not code.__module__.startswith(_PLUGIN_HOME)
