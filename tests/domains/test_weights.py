from __future__ import annotations

import hashlib

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from seedwise.domains.weights import digest, load, save, tensors
from seedwise.errors import DataError, NonFiniteError


class Net(nn.Module):
    def __init__(self, *, reverse=False):
        super().__init__()
        names = ["alpha", "beta"]
        for name in reversed(names) if reverse else names:
            self.register_parameter(name, nn.Parameter(torch.zeros(2, 3)))
        self.register_buffer("seen", torch.tensor(4))


def test_the_digest_covers_names_types_shapes_values_and_buffers():
    net = Net()
    before = {digest(net)}
    net.seen += 1
    before.add(digest(net))
    net.alpha.data[0, 0] = 1.0
    before.add(digest(net))
    net.alpha.data = net.alpha.data.reshape(3, 2)
    before.add(digest(net))
    net.alpha.data = net.alpha.data.double()
    before.add(digest(net))
    net.register_parameter("gamma", net.alpha)
    del net.alpha
    before.add(digest(net))
    assert len(before) == 6


def test_the_digest_does_not_depend_on_the_order_of_definition():
    assert digest(Net()) == digest(Net(reverse=True))


def test_the_digest_covers_names_that_sort_alike():
    nets = nn.ParameterDict({"a": torch.zeros(2)}), nn.ParameterDict({"b": torch.zeros(2)})
    assert digest(nets[0]) != digest(nets[1])


def test_the_digest_tells_apart_which_tensor_holds_a_value():
    first, second = Net(), Net()
    first.alpha.data[0, 0] = 1.0
    second.beta.data[0, 0] = 1.0
    assert digest(first) != digest(second)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_value_that_is_not_finite_is_refused_by_name(value):
    net = Net()
    net.beta.data[1, 2] = value
    with pytest.raises(NonFiniteError, match="1 of 6 values of 'beta'"):
        digest(net)


def test_weights_come_back_bit_for_bit(tmp_path):
    net, other = Net(), Net()
    net.alpha.data.uniform_(generator=torch.Generator().manual_seed(0))
    artifact = save(net, tmp_path / "net.safetensors")
    load(other, artifact.path)
    assert digest(other) == digest(net)
    assert artifact.base is None
    assert artifact.sha256 == hashlib.sha256(artifact.path.read_bytes()).hexdigest()
    assert save(other, tmp_path / "again.safetensors").sha256 == artifact.sha256


@pytest.mark.parametrize("name", ["net.pt", "net.pkl", "net.bin", "net"])
def test_other_formats_are_refused_unopened(tmp_path, name):
    with pytest.raises(DataError, match=r"Convert it once.*weights_only=True"):
        load(Net(), tmp_path / name)  # there is no such file: it is not even looked for


def written(tmp_path, **changed):
    path = tmp_path / "net.safetensors"
    found = {name: tensor.clone() for name, tensor in tensors(Net()).items()}
    found.update(changed)
    save_file({name: tensor for name, tensor in found.items() if tensor is not None}, path)
    return path


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"alpha": torch.zeros(3, 2)}, r"tensor 'alpha' .* \(3, 2\) but the model's .* \(2, 3\)"),
        ({"beta": torch.zeros(2, 3).half()}, "tensor 'beta' .* torch.float16"),
        ({"beta": None}, "lacks tensors beta"),
        ({"gamma": torch.zeros(1)}, "has tensors gamma"),
    ],
)
def test_weights_that_do_not_fit_are_refused_by_name(tmp_path, changed, message):
    with pytest.raises(DataError, match=message):
        load(Net(), written(tmp_path, **changed))


def test_a_missing_or_damaged_file_is_refused(tmp_path):
    path = tmp_path / "net.safetensors"
    with pytest.raises(DataError, match="no file"):
        load(Net(), path)
    path.write_bytes(b"not weights at all")
    with pytest.raises(DataError, match="damaged"):
        load(Net(), path)
