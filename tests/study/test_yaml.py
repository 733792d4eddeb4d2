import pytest

from seedwise.errors import StudyError
from seedwise.study import yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [("1e-3", 0.001), ("1E5", 1e5), ("-2e+3", -2000.0), (".5", 0.5), ("1.", 1.0), ("10", 10)],
)
def test_numbers_are_numbers(text, value):
    found = yaml.parse(f"x: {text}", "s.yaml")["x"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("text", ["e3", "1e", "a.b", "v1.0", "1-2"])
def test_words_stay_words(text):
    assert yaml.parse(f"x: {text}", "s.yaml") == {"x": text}


@pytest.mark.parametrize("text", ["a: 1\na: 2", "x: {b: 1, b: 2}", "- {lr: 1, lr: 1}"])
def test_a_key_given_twice_is_refused_with_its_place(text):
    with pytest.raises(StudyError, match=r"s\.yaml:\d+:\d+: the key '\w+' is given twice"):
        yaml.parse(text, "s.yaml")


def test_text_that_is_not_yaml_names_line_and_column():
    with pytest.raises(StudyError, match=r"s\.yaml:2:"):
        yaml.parse("a: 1\nb: [1, 2", "s.yaml")


def test_objects_are_never_built():
    with pytest.raises(StudyError):
        yaml.parse("x: !!python/object/apply:os.system ['true']", "s.yaml")


def test_a_missing_file_and_a_binary_file_are_named(tmp_path):
    with pytest.raises(StudyError, match=r"none\.yaml: cannot be read: No such file"):
        yaml.read(tmp_path / "none.yaml")
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(StudyError, match="UTF-8"):
        yaml.read(tmp_path / "binary.yaml")
