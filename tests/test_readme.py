"""What README shows works as it stands there."""

import re
from pathlib import Path

import pytest
import yaml

from seedwise.cli.init import quickstart
from seedwise.study.check import check_spec
from seedwise.study.load import validate
from seedwise.study.plugins import load_plugins

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def test_the_study_is_valid(tmp_path):
    spec = validate(yaml.safe_load(blocks("yaml")[0]), "README.md")
    assert check_spec(spec, tmp_path, "README.md").methods[-1].label == "ssd-10"


def test_the_method_keeps_every_promise(tmp_path, monkeypatch, capsys):
    pytest.importorskip("torch")
    from seedwise.cli import main

    source = next(block for block in blocks("python") if "@sw.method" in block)
    path = tmp_path / "my_method.py"
    path.write_text(source)
    monkeypatch.setattr("sys.argv", ["seedwise", "try", str(path)])
    with pytest.raises(SystemExit) as end:
        main.main()
    said = capsys.readouterr().out
    assert end.value.code == 0, said
    assert said.count("ok  ") == 6


def test_every_verb_that_is_named_exists():
    from seedwise.cli.main import _VERBS

    named = set(re.findall(r"^seedwise ([a-z]+)", "\n".join(blocks("bash")), flags=re.MULTILINE))
    assert named <= {verb.partition("_")[0] for verb in _VERBS}


def test_the_packaged_quickstart_is_the_example_and_valid(tmp_path):
    text = quickstart()
    assert (ROOT / "examples" / "quickstart.yaml").read_text(encoding="utf-8") == text
    load_plugins((), tmp_path)
    checked = check_spec(validate(yaml.safe_load(text.replace("4e-4", "0.0004")), "x"), ROOT, "x")
    assert [method.name for method in checked.methods] == [
        "original",
        "retrain",
        "finetune",
        "gradient-ascent",
        "neg-grad-plus",
        "random-labels",
        "ssd",
    ]
    assert len(checked.spec.seeds.training) == 10
    assert len(checked.spec.seeds.unlearning) == 3


def test_nothing_names_a_private_place():
    suspicious = re.compile(r"/(work|root|home|Users)/\w")
    tracked = [
        path
        for folder in ("src", "tests", "docs", "examples", "benchmarks", ".ci")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".md", ".yaml", ".toml", ".j2", "") and path.is_file()
    ]
    own = Path(__file__)
    named = [
        path
        for path in tracked
        if path != own and suspicious.search(path.read_text(encoding="utf-8", errors="ignore"))
    ]
    assert named == []
