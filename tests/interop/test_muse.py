"""MUSE's CSV."""

import pytest

import seedwise as sw
from seedwise.errors import TableError

CSV = """name,verbmem_f,privleak,knowmem_f,knowmem_r
npo_t0_u0,0.0,109.6,0.0,0.0
npo_t0_u1,1.5,100.0,2.0,3.0
npo_t1_u0,2.5,,4.0,5.0
retrain_t0,20.8,0.0,33.1,55.0
original_t0,58.4,-99.8,63.9,55.2
"""
PATTERN = "{method}_t{training_seed}[_u{unlearning_seed}]"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "out.csv"
    path.write_text(CSV)
    return path


def test_rows_become_cells(file):
    results = sw.import_results("muse", file, pattern=PATTERN)
    frame = results.frame()
    mine = frame[(frame["metric"] == "privleak") & (frame["method"] == "npo")]
    assert mine["status"].tolist() == ["ok", "ok", "missing"]
    assert mine["value"].tolist()[:2] == [109.6, 100.0]
    assert results.summary().set_index(["method", "metric"]).loc[("npo", "verbmem_f"), "mean"] == (
        pytest.approx(1.625)
    )
    assert "direction_unknown" not in results.summary()["flags"].str.cat(sep=" ")


def test_rows_may_be_left_out(file):
    frame = sw.import_results("muse", file, pattern=PATTERN, leave_out=["npo*"]).frame()
    assert set(frame["method"]) == {"retrain", "original"}


def test_baselines_may_be_called_otherwise(file):
    file.write_text(CSV.replace("original", "target"))
    frame = sw.import_results("muse", file, pattern=PATTERN, original=["target"]).frame()
    assert set(frame["method"]) == {"npo", "retrain", "original"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "say nothing of methods and seeds.*npo_t0_u0"),
        ({"pattern": "{method}-{training_seed}"}, "'npo_t0_u0' does not follow --pattern"),
        ({"pattern": PATTERN, "map": {"a": 1}}, "--map: not for muse, which takes --pattern"),
    ],
)
def test_what_the_names_must_tell(file, options, message):
    with pytest.raises(TableError, match=message):
        sw.import_results("muse", file, **options)


@pytest.mark.parametrize(
    ("text", "message"),
    [("a,b\n1,2\n", "is no CSV of MUSE"), (CSV.replace("20.8", "x"), "verbmem_f is 'x'")],
)
def test_other_files(file, text, message):
    file.write_text(text)
    with pytest.raises(TableError, match=message):
        sw.import_results("muse", file, pattern=PATTERN)


def test_no_file(tmp_path):
    with pytest.raises(TableError, match="there is no file"):
        sw.import_results("muse", tmp_path / "none.csv", pattern=PATTERN)
