from __future__ import annotations

import itertools
import json

import pytest

from seedwise.domains.language.corpus import Record
from seedwise.domains.language.tokenizer import PretrainedCodec
from seedwise.errors import DataError

CHAT = (
    "{{ bos_token }}{% for turn in messages %}<|{{ turn['role'] }}|>{{ turn['content'] }}</s>\n"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
ASKED = Record("Where?", "In Ulm.")


@pytest.fixture
def made(write_model, tmp_path):
    places = (tmp_path / f"model{number}" for number in itertools.count())

    def make(chat=None, use=True, **more):
        return PretrainedCodec(write_model(next(places), chat=chat, **more), chat=use)

    return make


def seen(codec, tokens):
    return codec._tokenizer.decode(tokens)


def test_without_a_template_a_question_stands_in_the_prompt(made):
    codec = made()
    encoded = codec.encode(ASKED, ASKED.answer)
    assert seen(codec, encoded.prompt) == "Q: Where?\nA:"
    assert seen(codec, encoded.answer) == " In Ulm.</s>"
    assert codec.decode(encoded.answer) == "In Ulm."


def test_a_chat_template_frames_question_and_answer(made):
    codec = made(CHAT.replace("</s>", "<|user|>"))
    encoded = codec.encode(ASKED, ASKED.answer)
    assert seen(codec, encoded.prompt) == "<s><|user|>Where?<|user|>\n<|assistant|>"
    assert seen(codec, encoded.answer) == "In Ulm.<|user|>"
    assert codec.decode(encoded.answer) == "In Ulm."
    assert seen(codec, codec.encode(ASKED, ASKED.answer).prompt).count("<s>") == 1


def test_a_template_without_an_ending_ends_by_the_end_of_sequence(made):
    codec = made("{% for turn in messages %}{{ turn['role'] }}: {{ turn['content'] }}{% endfor %}")
    assert seen(codec, codec.encode(ASKED, "Yes").answer) == "Yes</s>"


def test_the_template_may_be_left_aside(made):
    assert seen(*_asked(made(CHAT, use=False))) == "Q: Where?\nA:"


def _asked(codec):
    return codec, codec.encode(ASKED, ASKED.answer).prompt


def test_the_date_of_a_template_stands_still(made):
    codec = made("{{ date_string }}" + CHAT)
    assert seen(*_asked(codec)).startswith("26 Jul 2024<s>")


def test_a_text_begins_as_a_sequence_does(made):
    record = Record("", "Once upon a time", is_text=True)
    codec = made(CHAT)
    encoded = codec.encode(record, record.answer)
    assert seen(codec, encoded.prompt + encoded.answer) == "<s>Once upon a time</s>"
    assert codec.decode(encoded.answer) == "Once upon a time"


def test_without_a_beginning_a_text_follows_an_end(made):
    codec = made(bos_token=None)
    assert seen(codec, codec.begin()) == "</s>"


def test_no_token_for_padding_is_needed(made, make_pretrained, tmp_path):
    codec = made()
    assert codec._tokenizer.pad_token is None
    problem = make_pretrained(tmp_path / "model0")
    batch = next(problem.batches("forget", None))
    alone = [problem.losses(problem._start.blank(), one) for one in problem.batches("forget", 1)]
    together = problem.losses(problem._start.blank(), batch)
    assert together.tolist() == pytest.approx([one.item() for one in alone], rel=1e-5)


def test_an_answer_must_be_able_to_end(made):
    with pytest.raises(DataError, match="no end-of-sequence token"):
        made(eos_token=None)


def test_answers_that_tokenise_to_nothing_are_refused(made, monkeypatch):
    codec = made()
    monkeypatch.setattr(codec, "said", lambda answer: [])
    with pytest.raises(DataError, match=r"has no tokens in this vocabulary.*'Where\?'"):
        codec.encode(ASKED, "\u200b")


def test_the_content_tells_tokenizers_and_templates_apart(made):
    plain, chat = made(), made(CHAT)
    assert plain.content == made().content
    assert len({plain.content, chat.content, made(CHAT, use=False).content}) == 2
    assert plain.size == 280


def test_a_directory_without_a_tokenizer_is_refused(write_model, tmp_path):
    path = write_model(tmp_path / "model")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (path / name).unlink()
    with pytest.raises(DataError, match="no tokenizer can be read"):
        PretrainedCodec(path)


def test_a_prompt_never_ends_with_an_end(write_model, tmp_path):
    """Some tokenizers end whatever they encode."""
    path = write_model(tmp_path / "model")
    content = json.loads((path / "tokenizer.json").read_text())
    content["post_processor"] = {
        "type": "TemplateProcessing",
        "single": [
            {"SpecialToken": {"id": "<s>", "type_id": 0}},
            {"Sequence": {"id": "A", "type_id": 0}},
            {"SpecialToken": {"id": "</s>", "type_id": 0}},
        ],
        "pair": [],
        "special_tokens": {
            name: {"id": name, "ids": [number], "tokens": [name]}
            for number, name in enumerate(("<s>", "</s>"))
        },
    }
    (path / "tokenizer.json").write_text(json.dumps(content))
    codec = PretrainedCodec(path)
    assert seen(*_asked(codec)) == "<s>Q: Where?\nA:"
