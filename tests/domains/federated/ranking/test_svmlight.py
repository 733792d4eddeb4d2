from __future__ import annotations

import gzip

import numpy as np
import pytest

from seedwise.domains.federated.ranking.svmlight import read_table, sizes_file
from seedwise.errors import DataError

GOOD = "2 qid:10 1:0.5 3:1.5 #docid = GX-01\n0 qid:10 2:-1\n\n# a comment\n1 qid:7 1:1\n"


def written(folder, text, name="train.txt"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_letor_rows_are_read(tmp_path):
    table = read_table(written(tmp_path, GOOD))
    assert table.features.tolist() == [[0, 0.5, 0, 1.5], [0, 0, -1, 0], [0, 1, 0, 0]]
    assert table.features.dtype == np.float32
    assert table.labels.tolist() == [2, 0, 1]
    assert table.offsets.tolist() == [0, 2, 3]
    assert not table.has_zero


def test_gzipped_files_are_read(tmp_path):
    table = read_table(written(tmp_path, gzip.compress(GOOD.encode()), "train.txt.gz"))
    assert table.offsets.tolist() == [0, 2, 3]


def test_group_sizes_stand_in_for_query_numbers(tmp_path):
    data = written(tmp_path, "1 0:1\n0 1:1\n3 0:2\n", "rank.train")
    written(tmp_path, "1\n2\n", "rank.train.query")
    table = read_table(data)
    assert table.offsets.tolist() == [0, 1, 3]
    assert table.has_zero
    assert sizes_file(tmp_path / "rank.train.gz") == tmp_path / "rank.train.query"


def test_values_that_say_absent_are_zero_and_counted(tmp_path):
    table = read_table(written(tmp_path, "1 qid:1 1:1.79769313486231570000e+308 2:4\n"))
    assert table.features.tolist() == [[0, 0, 4]]
    assert table.absent == 1


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("x qid:7 1:1", "the label 'x' is not a whole number from 0 to 4"),
        ("5 qid:7 1:1", "the label '5' is not a whole number from 0 to 4"),
        ("-1 qid:7 1:1", "the label '-1' is not"),
        ("0.5 qid:7 1:1", "the label '0.5' is not"),
        ("1 1:1", "there is no 'qid:number' after the label; add it"),
        ("1 qid:x 1:1", "'qid:x' is not 'qid:' and a whole number"),
        ("1 qid:10 1:1", "query 'qid:10' appears again after others"),
        ("1 qid:7 1:abc", "'1:abc' is not 'feature:value'"),
        ("1 qid:7 1:0.5 2", "'2' is not 'feature:value'"),
        ("1 qid:7 -1:0.5", "'-1:0.5' is not 'feature:value'"),
        ("1 qid:7 1:nan", "'1:nan' is not 'feature:value', a whole number from 0 and a finite"),
        ("1 qid:7 1:inf", "'1:inf' is not"),
        ("1 qid:7 2:1 1:1", "feature 1 comes after 2; feature numbers must ascend"),
        ("1 qid:7 2:1 2:1", "feature 2 comes after 2"),
    ],
)
@pytest.mark.parametrize("gzipped", [False, True])
def test_malformed_lines_are_named(tmp_path, line, message, gzipped):
    text = f"{GOOD}{line}\n0 qid:99 1:1\n".encode()
    name = "train.txt.gz" if gzipped else "train.txt"
    path = written(tmp_path, gzip.compress(text) if gzipped else text, name)
    with pytest.raises(DataError) as caught:
        read_table(path)
    assert str(caught.value).startswith(f"'{path}', line 6: {message}")


def test_bytes_that_are_no_text_have_a_line_too(tmp_path):
    path = written(tmp_path, b"1 qid:1 1:1\n\xff\xfe qid:1 1:2\n")
    with pytest.raises(DataError, match="line 2: the label"):
        read_table(path)


@pytest.mark.parametrize("text", ["", "\n# nothing\n"])
def test_an_empty_file_says_what_it_must_hold(tmp_path, text):
    with pytest.raises(DataError, match="is empty; it must hold rows 'label qid:number"):
        read_table(written(tmp_path, text))


def test_a_file_that_is_not_there_or_damaged_is_named(tmp_path):
    with pytest.raises(DataError, match=r"missing.txt' cannot be read: .*No such file"):
        read_table(tmp_path / "missing.txt")
    damaged = gzip.compress(GOOD.encode() * 50)[:-30]
    with pytest.raises(DataError, match=r"train.gz' cannot be read"):
        read_table(written(tmp_path, damaged, "train.gz"))


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ("1\nx\n", "rank.train.query', line 2: 'x' is no number of documents"),
        ("0\n3\n", "line 1: '0' is no number of documents; each line holds"),
        ("1\n\n1\n", "the 2 queries of .* have 2 documents together, but .* has 3 rows"),
    ],
)
def test_group_sizes_that_do_not_fit_are_named(tmp_path, sizes, message):
    data = written(tmp_path, "1 0:1\n0 1:1\n3 0:2\n", "rank.train")
    written(tmp_path, sizes, "rank.train.query")
    with pytest.raises(DataError, match=message):
        read_table(data)
