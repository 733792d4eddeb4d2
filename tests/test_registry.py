"""Names, lazy targets, entry points, and where a thing comes from."""

from importlib.metadata import EntryPoint

import pytest

from seedwise import registry
from seedwise.contracts import Method
from seedwise.errors import SeedwiseError
from seedwise.registry import Registry, fingerprint, origin


def plain(original, problem, extras, seeds, ctx):
    """A method of somebody's."""
    return original


def test_lazy_targets_are_imported_when_asked_for():
    shelf = Registry("thing", {"sqrt": "math:sqrt", "broken": "no_such_module:x"})
    assert list(shelf) == ["broken", "sqrt"]
    assert shelf["sqrt"](4) == 2
    with pytest.raises(ModuleNotFoundError):
        shelf["broken"]


def test_an_unknown_name_is_answered_with_a_suggestion():
    with pytest.raises(SeedwiseError, match="unknown method 'finetun'; did you mean 'finetune'"):
        registry.methods["finetun"]


def test_entry_points_of_other_packages_are_found(monkeypatch):
    point = EntryPoint("theirs", "math:floor", "seedwise.things")
    asked = []

    def entry_points(group):
        asked.append(group)
        return [point]

    monkeypatch.setattr(registry, "entry_points", entry_points)
    shelf = Registry("thing", {})
    assert list(shelf) == ["theirs"]
    assert shelf["theirs"](2.5) == 2
    assert set(asked) == {"seedwise.things"}
    assert shelf.at_hand() == []


def test_a_built_in_name_is_not_replaced():
    shelf = Registry("thing", {"sqrt": "math:sqrt"})
    with pytest.raises(SeedwiseError, match="a thing named 'sqrt' exists already"):
        shelf.add("sqrt", plain)


def test_two_homes_may_not_share_a_name_but_a_file_replaces_itself():
    shelf = Registry("thing", {})
    shelf.add("mine", plain)
    shelf.add("mine", plain)
    with pytest.raises(SeedwiseError, match="exists already"):
        shelf.add("mine", pytest.raises)


def test_drop_forgets_what_modules_of_a_prefix_brought():
    shelf = Registry("thing", {})
    shelf.add("mine", plain)
    shelf.add("theirs", pytest.raises)
    shelf.drop(plain.__module__)
    assert list(shelf) == ["theirs"]


def test_origin_names_file_and_line():
    path, _, line = origin(Method("plain", plain)).rpartition(":")
    assert path == __file__
    assert int(line) == plain.__code__.co_firstlineno


def test_built_ins_are_known_by_version_and_other_code_by_its_source(tmp_path):
    assert fingerprint(registry.methods["finetune"], "7") == "version:7"
    assert fingerprint(Method("plain", plain), "7").startswith("source:")


def test_code_without_a_file_is_refused_with_advice():
    namespace = {}
    exec("def typed(original): pass", {"__name__": "__main__"}, namespace)
    with pytest.raises(SeedwiseError, match="put it into a file"):
        fingerprint(namespace["typed"], "1")


@pytest.mark.parametrize("shelf", [registry.methods, registry.metrics, registry.domains])
def test_every_built_in_has_its_own_name(shelf):
    for name in shelf:
        assert shelf[name].name == name
