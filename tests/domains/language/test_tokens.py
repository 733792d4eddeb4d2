from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import pytest

from seedwise.domains.language.authors import fictional_authors
from seedwise.domains.language.corpus import Record
from seedwise.domains.language.tokens import TrainedCodec, prompt, texts
from seedwise.errors import DataError
from seedwise.seeds import SeedStreams


@pytest.fixture(scope="module")
def corpus():
    return fictional_authors(SeedStreams("data"), authors=6, holdout=2)


@pytest.fixture(scope="module")
def codec(corpus):
    return TrainedCodec(texts(corpus.train), 400)


def test_any_text_survives(codec):
    for answer in ("He was born in Ulm.", "Łódź, 東京 & Ørsted", "tab\tand\nline", "<end>"):
        encoded = codec.encode(Record("Where?", answer), answer)
        if answer != "<end>":
            assert encoded.answer.count(codec.end) == 1
            assert codec.decode(encoded.answer) == answer
        assert encoded.answer[-1] == codec.end


def test_the_prompt_does_not_depend_on_the_answer(codec):
    record = Record("Where was she born?", "Ulm")
    first, other = (codec.encode(record, answer).prompt for answer in ("Ulm", "Nowhere"))
    assert first == other
    assert codec.decode(first) == prompt(record.question)


def test_the_vocabulary_is_as_large_as_asked(codec, corpus):
    assert codec.size == 400
    assert TrainedCodec(texts(corpus.train), 257).size == 257


def test_equal_texts_give_equal_codecs_in_every_process(codec):
    script = (
        "import hashlib\n"
        "from seedwise.domains.language.authors import fictional_authors\n"
        "from seedwise.domains.language.tokens import TrainedCodec, texts\n"
        "from seedwise.seeds import SeedStreams\n"
        "corpus = fictional_authors(SeedStreams('data'), authors=6, holdout=2)\n"
        "codec = TrainedCodec(texts(corpus.train), 400)\n"
        "print(hashlib.sha256(codec.content.encode()).hexdigest())\n"
    )
    paths = {"PYTHONPATH": os.pathsep.join(sys.path), "RAYON_NUM_THREADS": "3"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=os.environ | paths, capture_output=True, text=True
    )
    assert done.stdout.strip() == hashlib.sha256(codec.content.encode()).hexdigest(), done.stderr


@pytest.mark.parametrize(
    ("record", "what"), [(Record("Who?", ""), "answer"), (Record("", "Me"), "question")]
)
def test_what_has_no_tokens_is_refused(codec, record, what):
    with pytest.raises(DataError, match=f"an empty {what} has no tokens"):
        codec.encode(record, record.answer)
