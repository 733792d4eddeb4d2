from __future__ import annotations

import inspect
import json

import huggingface_hub
import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
)

from seedwise.contracts import Context, ForgetSet, Part, Task
from seedwise.domains.language import language
from seedwise.domains.language.models import MODELS
from seedwise.seeds import SeedStreams

AUTHORS = {"authors": 6, "holdout": 2, "attributes": 5, "facts": 5, "vocabulary": 300}
SMALL = Task(
    "language",
    Part("fictional-authors", AUTHORS),
    Part("llama", {"width": 16, "layers": 2, "heads": 2, "inner": 16, "context": 128}),
    {"epochs": 2, "batch_size": 10},
)


QUICK = {"epochs": 2, "batch_size": 10}
ROWS = 280


@pytest.fixture(scope="session")
def make_problem():
    def make(task=SMALL, forget=None, **seeds):
        return language.problem(
            task, forget or ForgetSet("authors", 2), SeedStreams("any", **seeds)
        )

    return make


@pytest.fixture(scope="session")
def problem(make_problem):
    return make_problem()


@pytest.fixture(scope="session")
def model(problem):
    seeds = SeedStreams("train", training=0)
    return next(problem.train("train", [seeds], Context())).model


@pytest.fixture
def lines(tmp_path):
    """Write JSON lines."""

    def write(name, *rows):
        path = tmp_path / name
        path.write_text("\n".join(json.dumps(row) for row in rows) + "\n", encoding="utf-8")
        return path

    return write


def tokenizer(**more):
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    special = ["<s>", "</s>", "<|user|>", "<|assistant|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=ROWS,
        special_tokens=special,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    bpe.train_from_iterator(["Where was he born? It is known."], trainer)
    named = {"bos_token": "<s>", "eos_token": "</s>"} | more
    return PreTrainedTokenizerFast(tokenizer_object=bpe, **named)


def small_llama(rows=ROWS):
    config = LlamaConfig(
        vocab_size=rows,
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=128,
        bos_token_id=0,
        eos_token_id=1,
    )
    return LlamaForCausalLM(config)


def small_gpt2():
    return GPT2LMHeadModel(
        GPT2Config(
            vocab_size=ROWS,
            n_embd=16,
            n_layer=1,
            n_head=2,
            n_positions=128,
            bos_token_id=0,
            eos_token_id=1,
        )
    )


@pytest.fixture(scope="session")
def write_model():
    """Write a model of drawn weights and its tokenizer as `save_pretrained` does."""

    def write(path, kind="llama", seed=0, chat=None, rows=ROWS, **more):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            (small_llama(rows) if kind == "llama" else small_gpt2()).save_pretrained(path)
        made = tokenizer(**more)
        made.chat_template = chat
        made.save_pretrained(path)
        return path

    return write


@pytest.fixture
def hub(write_model, tmp_path, monkeypatch):
    """Put models into a cache laid out as the hub's, which nobody outside is asked beyond."""
    cache = tmp_path / "hub-cache"
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(cache))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)

    def put(name, commit="a" * 40, branch="main", **more):
        root = cache / f"models--{name.replace('/', '--')}"
        (root / "refs").mkdir(parents=True, exist_ok=True)
        (root / "refs" / branch).write_text(commit)
        return write_model(root / "snapshots" / commit, **more)

    return put


@pytest.fixture(scope="session")
def pretrained_llama(write_model, tmp_path_factory):
    return write_model(tmp_path_factory.mktemp("models") / "llama")


@pytest.fixture(scope="session")
def make_pretrained(make_problem):
    """Make a problem of a pretrained model; arguments are those of the model."""

    def make(place, forget=None, data=None, **arguments):
        model = Part("pretrained", complete(str(place), **arguments))
        data = data or Part("fictional-authors", AUTHORS)
        return make_problem(Task("language", data, model, QUICK), forget)

    return make


def complete(place, **arguments):
    """Arguments as a lock has them, defaults filled in."""
    parameters = inspect.signature(MODELS["pretrained"]).parameters.values()
    return {one.name: one.default for one in parameters} | {"path": place} | arguments
