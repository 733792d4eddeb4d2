"""A person's own files: loaded once, known by their source, forgotten with their study."""

import hashlib

import pytest

from seedwise import registry
from seedwise.errors import StudyError
from seedwise.study.plugins import load_plugins

METHOD = "import seedwise as sw\n@sw.method('{name}')\ndef mine(o, p, e, s, c):\n    return o\n"


def test_a_file_registers_and_is_known_by_its_hash(tmp_path):
    source = METHOD.format(name="plugged")
    (tmp_path / "mine.py").write_text(source)
    found = load_plugins(["mine.py"], tmp_path)
    assert found == {str(tmp_path / "mine.py"): hashlib.sha256(source.encode()).hexdigest()}
    assert "plugged" in registry.methods
    load_plugins([], tmp_path)
    assert "plugged" not in registry.methods


def test_an_edited_file_replaces_what_it_registered(tmp_path):
    for name in ("first", "second"):
        (tmp_path / "mine.py").write_text(METHOD.format(name=name))
        load_plugins(["mine.py"], tmp_path)
    assert "second" in registry.methods
    assert "first" not in registry.methods
    load_plugins([], tmp_path)


def test_two_files_of_one_name_are_two(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mine.py").write_text(METHOD.format(name=f"from-{folder}"))
    assert len(load_plugins(["a/mine.py", "b/mine.py"], tmp_path)) == 2
    assert {"from-a", "from-b"} <= set(registry.methods)
    load_plugins([], tmp_path)


def test_a_module_is_named_as_it_is_imported(tmp_path):
    (name,) = load_plugins(["seedwise.testing.toy"], tmp_path)
    assert name == "seedwise.testing.toy"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import no_such_thing", r"'mine.py' does not import: ModuleNotFoundError"),
        ("x = 1\ny = x / 0", r"ZeroDivisionError: division by zero \(.*mine.py:2\)"),
        ("raise SystemExit(0)", "does not import: SystemExit"),
    ],
)
def test_a_file_that_does_not_import_is_named_with_the_line(tmp_path, source, message):
    (tmp_path / "mine.py").write_text(source)
    with pytest.raises(StudyError, match=message):
        load_plugins(["mine.py"], tmp_path)


def test_a_file_that_is_not_there_is_named_in_full(tmp_path):
    with pytest.raises(StudyError, match=f"there is no file '{tmp_path / 'mine.py'}'"):
        load_plugins(["mine.py"], tmp_path)
