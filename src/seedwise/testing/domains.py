"""The promises of a domain."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seedwise.contracts import COLUMNS, Context, Domain, ForgetSet, Problem, Recipe, Task
from seedwise.errors import SeedwiseError
from seedwise.seeds import SeedStreams


class DomainConformance:
    """Subclass it and set `domain`, `task` and two different forget sets."""

    domain: Domain
    task: Task
    forget: ForgetSet
    other_forget: ForgetSet
    draws_partition = True
    """Whether the partition seed changes the data."""

    def problem(self, forget: ForgetSet | None = None, partition: int = 0) -> Problem[Any]:
        """Return the problem under test."""
        streams = SeedStreams("data", partition)
        return self.domain.problem(self.task, forget or self.forget, streams)

    def train(self, problem: Problem[Any], *seeds: int, capture: tuple[str, ...] = ()) -> list[Any]:
        """Train one model per seed."""
        streams = [SeedStreams("train", 0, seed) for seed in seeds]
        return list(problem.train("train", streams, Context(), capture))

    def test_it_satisfies_the_protocol(self) -> None:
        """Name, version, capabilities, selectors and schemas are there."""
        assert isinstance(self.domain, Domain)
        assert self.forget.selector in self.domain.selectors
        assert self.task.dataset.name in self.domain.components("dataset")
        assert self.task.model.name in self.domain.components("model")
        assert set(COLUMNS) <= set(self.domain.columns)

    def test_train_is_retain_and_forget(self) -> None:
        """The two are disjoint, neither is empty, and nothing else is in train."""
        problem = self.problem()
        retain, forget, train = (
            set(np.asarray(problem.index(split)).tolist())
            for split in ("retain", "forget", "train")
        )
        assert retain
        assert forget
        assert not retain & forget
        assert retain | forget == train

    def test_fingerprints_follow_the_data_alone(self) -> None:
        """The same data have the same ones; another forget set leaves train and test alone."""
        one, again = self.problem().fingerprints, self.problem().fingerprints
        other = self.problem(self.other_forget).fingerprints
        assert dict(one) == dict(again)
        assert one["forget"] != other["forget"]
        assert one["retain"] != other["retain"]
        assert (one["train"], one["test"]) == (other["train"], other["test"])

    def test_the_partition_seed_draws_the_data(self) -> None:
        """Another partition seed gives other data where the domain draws them."""
        if self.draws_partition:
            one, other = self.problem().fingerprints, self.problem(partition=1).fingerprints
            assert one["train"] != other["train"]

    def test_training_depends_on_its_seed_alone(self) -> None:
        """Neither order nor neighbours change a bit; other seeds give other models."""
        problem = self.problem()
        both = [problem.digest(done.model) for done in self.train(problem, 0, 1)]
        turned = [problem.digest(done.model) for done in self.train(problem, 1, 0)]
        alone = problem.digest(self.train(self.problem(self.other_forget), 0)[0].model)
        assert both == turned[::-1]
        assert both[0] == alone
        assert both[0] != both[1]

    def test_the_start_is_told(self) -> None:
        """The same seed starts at the same point, which training then leaves."""
        problem = self.problem()
        first, again = (self.train(problem, 0)[0] for _ in range(2))
        assert first.start == again.start
        assert first.start != problem.digest(first.model)

    def test_captures_change_no_bit(self) -> None:
        """A captured history comes with the very same model."""
        problem = self.problem()
        plain = self.train(problem, 0)[0]
        for name in sorted(self.domain.captures):
            done = self.train(problem, 0, capture=(name,))[0]
            assert problem.digest(done.model) == problem.digest(plain.model)
            assert all(isinstance(array, np.ndarray) for array in done.extras[name].values())

    def test_saving_and_loading_keeps_every_bit(self, tmp_path: Path) -> None:
        """The digest survives a file."""
        problem = self.problem()
        model = self.train(problem, 0)[0].model
        artifact = problem.save(model, tmp_path / "model.safetensors")
        assert artifact.path.is_file()
        assert problem.digest(problem.load(artifact)) == problem.digest(model)

    def test_a_copy_is_independent(self) -> None:
        """Training a copy leaves the model alone, and full batches draw nothing."""
        if "gradients" not in self.domain.capabilities:
            pytest.skip("the domain has no gradients")
        problem = self.problem()
        model = self.train(problem, 0)[0].model
        before = problem.digest(model)
        digests = {problem.digest(self._fit(problem, model, None, seed)) for seed in (0, 1)}
        assert problem.digest(model) == before
        assert len(digests) == 1
        assert before not in digests

    def test_batches_are_ordered_by_the_stream(self) -> None:
        """The loop draws its orders from its own seed: equal seeds, equal bits."""
        if "gradients" not in self.domain.capabilities:
            pytest.skip("the domain has no gradients")
        problem = self.problem()
        model = self.train(problem, 0)[0].model
        first, again, other = (
            problem.digest(self._fit(problem, model, 5, seed)) for seed in (0, 0, 1)
        )
        assert first == again
        assert first != other

    def test_outputs_are_one_number_an_example(self) -> None:
        """Columns are float32, finite, and as long as their split."""
        problem = self.problem()
        model = self.train(problem, 0)[0].model
        before = problem.digest(model)
        for split in ("forget", "retain", "test"):
            found = problem.outputs(model, split, list(self.domain.columns))
            size = len(problem.targets(split))
            assert {len(found[column]) for column in found} == {size}
            assert all(found[column].dtype == np.float32 for column in found)
            assert all(np.isfinite(found[column]).all() for column in found)
            assert set(np.unique(found["correct"])) <= {0.0, 1.0}
        assert problem.digest(model) == before

    def test_a_view_hides_the_rest(self) -> None:
        """A method can reach neither test data nor their labels."""
        view = self.problem().view(("train", "retain", "forget"))
        view.targets("forget")
        with pytest.raises(SeedwiseError):
            view.targets("test")
        with pytest.raises(SeedwiseError):
            next(iter(view.batches("test", None)))

    def test_a_split_can_be_narrowed(self) -> None:
        """The chosen examples stay as they were, in their order; other splits too."""
        problem = self.problem()
        numbers = np.asarray(problem.index("train"))
        few = problem.only("train", numbers[[2, 0]])
        assert np.asarray(few.index("train")).tolist() == numbers[[0, 2]].tolist()
        ones = list(itertools.islice(problem.batches("train", 1), 3))
        for found, batch in zip(few.batches("train", 1), ones[::2], strict=True):
            for part, other in zip(found, batch, strict=True):
                assert np.array_equal(part, other)
        assert few.fingerprints["train"] != problem.fingerprints["train"]
        assert np.array_equal(few.targets("forget"), problem.targets("forget"))

    def test_a_fresh_model_is_its_generators_own(self) -> None:
        """Equal draws give equal models, other draws others, and none is trained."""
        problem = self.problem()
        first, again, other = (
            problem.digest(problem.fresh(SeedStreams("teacher", 0, seed).generator("init")))
            for seed in (0, 0, 1)
        )
        assert first == again
        assert first != other

    def _fit(self, problem: Problem[Any], model: Any, size: int | None, seed: int) -> Any:
        return problem.fit(
            problem.copy(model),
            lambda m, batch: problem.losses(m, batch).mean(),
            ("retain",),
            Recipe(epochs=1, lr=0.05, batch_size=size),
            SeedStreams("method/fit", 0, 0, seed),
            Context(),
        )
