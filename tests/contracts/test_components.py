"""What a method says of itself."""

from seedwise.contracts import Method


def test_determinism_is_declared_as_such_or_by_the_arguments():
    always = Method("a", print, deterministic=True)
    depends = Method("b", print, deterministic=lambda given: given["batch_size"] is None)
    assert always.is_deterministic({})
    assert depends.is_deterministic({"batch_size": None})
    assert not depends.is_deterministic({"batch_size": 8})
    assert not Method("c", print).is_deterministic({})


def test_a_method_never_sees_test_data_unasked():
    assert "test" not in Method("a", print).splits
