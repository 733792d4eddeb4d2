"""Local training by stochastic gradient descent: one client after the other, or all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap
from torch.nn import functional

from seedwise.contracts import Recipe
from seedwise.domains.federated.clipping import clipped
from seedwise.domains.federated.task import Job, Local, Parameters, Work
from seedwise.domains.optimisers import Sgd
from seedwise.domains.vision.splits import Examples


@dataclass(frozen=True)
class Descent:
    """The part of local training that no method changes.

    Args:
        batch_size: Examples a step; None takes all of a client's at once, without a draw.
        momentum: Momentum within a client's round; a round starts without velocity.
        weight_decay: L2 penalty.
    """

    batch_size: int | None
    momentum: float
    weight_decay: float


class _Steps(NamedTuple):
    """The batches of several jobs side by side, padded where a job has fewer or smaller ones.

    `places` and `mask` are (rows, steps, batch): rows of the data, and 1 where one counts.
    """

    places: Tensor
    mask: Tensor

    def on(self, device: torch.device) -> _Steps:
        """Return the same on a device."""
        return _Steps(self.places.to(device), self.mask.to(device))


class ClassificationTask:
    """Implements `seedwise.domains.federated.task.LocalTask` for classifiers.

    Args:
        examples: All training data.
        parts: The rows of each client.
        blank: Makes a net whose parameters are not set yet.
        initialise: Sets all of them, from a generator.
        descent: Batches, momentum and weight decay.
        backend: `loop`, the reference: one client at a time; or `vmapped`: all at once, padded
            and masked to equal shapes. The two differ in last bits; with `vmapped` last bits may
            also depend on which clients and seeds are together, where a layer has an odd size, as
            torch's batched products do.
    """

    def __init__(
        self,
        examples: Examples,
        parts: Sequence[np.ndarray],
        blank: Callable[[], nn.Module],
        initialise: Callable[[Any, np.random.Generator], None],
        descent: Descent,
        backend: Literal["loop", "vmapped"],
    ) -> None:
        self.weights = np.array([len(rows) for rows in parts], dtype=float)
        self._blank, self._initialise = blank, initialise
        self._examples, self._descent, self._backend = examples, descent, backend
        self._nets: dict[str, nn.Module] = {}
        self._rows = [torch.from_numpy(np.asarray(rows)) for rows in parts]
        self._largest = max(len(rows) for rows in parts)

    def blank(self) -> nn.Module:
        """Return a net whose parameters are not set yet."""
        return self._blank()

    def initialise(self, model: nn.Module, generator: np.random.Generator) -> None:
        """Set every parameter."""
        self._initialise(model, generator)

    def local(self, starts: Parameters, jobs: Sequence[Job], work: Work) -> Local:
        """Train some clients; see `LocalTask`."""
        if self._backend == "vmapped":
            return Local(self._together(starts, jobs, work))
        net = self._net(str(next(iter(starts.values())).device))
        named = dict(net.named_parameters())
        parameters = list(named.values())
        ended = {name: torch.empty_like(value) for name, value in starts.items()}
        orders = [list(self._orders(job, work)) for job in jobs]  # together: a third of the time
        for order, start, end in zip(orders, _unbound(starts), _unbound(ended), strict=True):
            # in the net's own memory: at another place in memory a product may have other bits
            with torch.no_grad():
                torch._foreach_copy_(parameters, list(start.values()))  # pyright: ignore
            self._alone(net, named, start, order, work)
            with torch.no_grad():
                torch._foreach_copy_(list(end.values()), parameters)  # pyright: ignore
        return Local(ended)

    def _net(self, device: str) -> nn.Module:
        """Return a net to compute with, whatever its parameters: building one takes a while."""
        if device not in self._nets:
            self._nets[device] = self.blank().to(device)
        return self._nets[device]

    # --- one client ---------------------------------------------------------------------------

    def _alone(
        self,
        net: nn.Module,
        named: Mapping[str, nn.Parameter],
        start: Parameters,
        order: Sequence[Tensor],
        work: Work,
    ) -> None:
        """Train a net in place; `named` are its parameters, `start` what they are now and stays."""
        parameters = list(named.values())
        descent = Sgd(parameters, self._recipe(work))
        one = torch.ones((), device=parameters[0].device)  # spares autograd a look at the loss
        for inputs, targets in self._examples_of(order, parameters[0].device):
            loss = functional.cross_entropy(net(inputs), targets)
            gradients = torch.autograd.grad(loss, parameters, one)
            descent.step(_directed(gradients, named, start, work, rows=False), work.lr)
            if work.after_step is not None:
                _project(named, work.after_step, rows=False)

    def _examples_of(
        self, order: Sequence[Tensor], device: torch.device
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield inputs and targets of each step; an epoch's are gathered at once."""
        everything = self._examples.on(str(device))
        for rows in order:
            inputs, targets = (one.index_select(0, rows.to(device)) for one in everything)
            steps = self._descent.batch_size or len(rows)
            yield from zip(inputs.split(steps), targets.split(steps), strict=True)

    def _orders(self, job: Job, work: Work) -> Iterator[Tensor]:
        """Yield the rows of each epoch of a job, in its order."""
        rows = self._rows[job.client]
        for epoch in range(work.amount):
            if self._descent.batch_size is None:
                yield rows
                continue
            draw = job.streams.generator("order", job.client, job.round, epoch)
            yield torch.from_numpy(draw.permutation(rows.numpy()))

    # --- all clients at once --------------------------------------------------------------------

    def _together(self, starts: Parameters, jobs: Sequence[Job], work: Work) -> Parameters:
        device = next(iter(starts.values())).device
        steps = self._padded(jobs, work).on(device)
        examples = self._examples.on(str(device))
        current = {name: value.clone().requires_grad_() for name, value in starts.items()}
        descent = Sgd(list(current.values()), self._recipe(work))
        forward = vmap(self._forward(self._net(str(device))))
        for places, mask in zip(steps.places.unbind(1), steps.mask.unbind(1), strict=True):
            loss = _masked_loss(forward(current, examples[0][places]), examples[1][places], mask)
            gradients = torch.autograd.grad(loss, list(current.values()))
            before = {name: value.detach().clone() for name, value in current.items()}
            descent.step(_directed(gradients, current, starts, work, rows=True), work.lr)
            if work.after_step is not None:
                _project(current, work.after_step, rows=True)
            _rest(current, before, mask.any(1))
        return {name: value.detach() for name, value in current.items()}

    def _forward(self, net: nn.Module) -> Callable[[Parameters, Tensor], Tensor]:
        return lambda parameters, inputs: functional_call(net, dict(parameters), (inputs,))

    def _padded(self, jobs: Sequence[Job], work: Work) -> _Steps:
        size = self._descent.batch_size
        batches = [
            [batch for rows in self._orders(job, work) for batch in rows.split(size or len(rows))]
            for job in jobs
        ]
        steps = max(len(one) for one in batches)
        width = min(size or self._largest, self._largest)  # that of any jobs: it may decide a bit
        places = torch.zeros((len(jobs), steps, width), dtype=torch.int64)
        mask = torch.zeros((len(jobs), steps, width))
        for row, one in enumerate(batches):
            for step, batch in enumerate(one):
                places[row, step, : len(batch)] = batch
                mask[row, step, : len(batch)] = 1.0
        return _Steps(places, mask)

    def _recipe(self, work: Work) -> Recipe:
        descent = self._descent
        return Recipe(
            epochs=work.amount,
            lr=work.lr,
            batch_size=descent.batch_size,
            momentum=descent.momentum,
            weight_decay=descent.weight_decay,
        )


def _unbound(rows: Parameters) -> list[dict[str, Tensor]]:
    """Return each row, as a view."""
    every = zip(*(value.unbind() for value in rows.values()), strict=True)
    return [dict(zip(rows, row, strict=True)) for row in every]


def _masked_loss(logits: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    """Return the sum over rows of each row's mean cross-entropy over the examples that count.

    Args:
        logits: (rows, batch, classes).
        targets: (rows, batch).
        mask: (rows, batch).
    """
    losses = functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
    sums = (losses.reshape(mask.shape) * mask).sum(1)
    return (sums / mask.sum(1).clamp(min=1)).sum()


def _directed(
    gradients: Sequence[Tensor], current: Parameters, start: Parameters, work: Work, *, rows: bool
) -> Sequence[Tensor]:
    """Return the gradients of what is minimised: clipped, turned when climbing, pulled back."""
    if work.clip is not None:
        given = gradients if rows else [one.unsqueeze(0) for one in gradients]
        short = clipped(given, work.clip)
        gradients = short if rows else [one[0] for one in short]
    if not (work.ascend or work.proximal):
        return gradients
    turned = [-one if work.ascend else one for one in gradients]
    if not work.proximal:
        return turned
    with torch.no_grad():
        return [
            one + work.proximal * (current[name] - start[name])
            for one, name in zip(turned, current, strict=True)
        ]


@torch.no_grad()
def _project(
    current: Parameters, after_step: Callable[[Parameters], Parameters], *, rows: bool
) -> None:
    """Apply what a method does after every step, which is written for rows."""
    given = {name: value if rows else value.unsqueeze(0) for name, value in current.items()}
    for name, value in after_step(given).items():
        current[name].copy_(value if rows else value[0])


@torch.no_grad()
def _rest(current: Parameters, before: Parameters, active: Tensor) -> None:
    """Undo the step of rows that have no batch left."""
    if bool(active.all()):
        return
    for name, value in current.items():
        keep = active.reshape(-1, *(1,) * (value.ndim - 1))
        value.copy_(torch.where(keep, value, before[name]))
