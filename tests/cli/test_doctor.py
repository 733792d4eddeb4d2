"""What `seedwise doctor` sees."""

import importlib
import importlib.util

import pytest


def test_doctor_looks_at_everything(cli, ran):
    said = cli("doctor", "--store", ran.root)
    assert "22 models, studies: ['toy']" in said.out
    assert "free disk" in said.out
    assert "will be made" in cli("doctor", "--store", ran.root / "none").out


def test_doctor_names_a_torch_that_does_not_import(cli, ran, monkeypatch):
    pytest.importorskip("torch")
    really = importlib.import_module

    def broken(name, *rest):
        if name == "torch":
            raise OSError("libc10.so: cannot open\nshared object file")
        return really(name, *rest)

    monkeypatch.setattr(importlib, "import_module", broken)
    said = cli("doctor", "--store", ran.root)
    assert said.code == 0
    told = next(line for line in said.out.splitlines() if line.startswith("torch extra"))
    assert "torch does not import (OSError: libc10.so: cannot open shared object file)" in told
    assert "sklearn" not in told
    assert "devices        cpu\n" in said.out


def test_doctor_names_an_extra_that_is_not_installed(cli, ran, monkeypatch):
    really = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "pyarrow" else really(name)
    )
    said = cli("doctor", "--store", ran.root)
    assert "parquet extra  missing: pip install 'seedwise[parquet]'" in said.out
