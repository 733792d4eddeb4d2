from __future__ import annotations

import numpy as np
import torch

from seedwise.domains.federated.ranking.datasets import RankingData
from seedwise.domains.federated.ranking.splits import Lists, client_splits

PARTS = [np.array([0, 3, 6]), np.array([1, 4]), np.array([2, 5, 7, 8])]


def test_queries_are_filled_up_to_one_length(small):
    lists = Lists(small)
    assert (lists.length, lists.width) == (6, 4)
    features, labels = lists.take(torch.tensor([1, 2]), "cpu")
    assert features.shape == (2, 6, 4)
    assert torch.equal(features[0, :2], torch.from_numpy(small.features[4:6]))
    assert torch.equal(features[1], torch.from_numpy(small.features[6:12]))
    assert not features[0, 2:].any()
    assert labels[0].tolist() == [*small.labels[4:6], -1, -1, -1, -1]
    assert labels[1].tolist() == small.labels[6:12].tolist()


def test_clients_have_splits_and_retain_and_forget_are_theirs(small):
    splits = client_splits(RankingData(small, small.take(np.arange(4))), PARTS, [1])
    assert splits["forget"].rows.tolist() == [1, 4]
    assert splits["retain"].rows.tolist() == [0, 2, 3, 5, 6, 7, 8]
    assert splits["client-2"].index.tolist() == [2, 5, 7, 8]
    assert len(splits["test"].rows) == 4
    batch = splits["forget"].take(torch.tensor([1]), "cpu")
    assert batch.index.tolist() == [4]
    assert torch.equal(batch.inputs, splits["train"].lists.take(torch.tensor([4]), "cpu")[0])
    assert splits["forget"].take(slice(None), "cpu").targets.shape == (2, 6)


def test_fingerprints_tell_content_and_who_holds_it(small):
    def prints(queries, parts):
        splits = client_splits(RankingData(queries, small), parts, [1])
        return {name: splits[name].fingerprint for name in ("train", "retain", "forget", "test")}

    plain = prints(small, PARTS)
    assert prints(small, PARTS) == plain
    exchanged = prints(small, [PARTS[2], PARTS[1], PARTS[0]])
    assert exchanged["train"] != plain["train"]
    assert exchanged["forget"] == plain["forget"]
    other = prints(small.take(np.arange(9)[::-1]), PARTS)
    assert other["train"] != plain["train"]
    assert other["test"] == plain["test"]
