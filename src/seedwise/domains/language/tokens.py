"""From texts to token numbers: a byte-level BPE trained on the texts of the data set."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from seedwise.domains.language.corpus import Record
from seedwise.errors import DataError

_END = "<end>"


class Encoded(NamedTuple):
    """The token numbers of a question in its prompt, and of an answer with its end."""

    prompt: list[int]
    answer: list[int]


class Codec:
    """Turns texts into token numbers and back.

    The BPE is byte-level: any text can be encoded, whatever it was trained on. Its token 0 ends an
    answer and fills a batch; a filled position is neither seen by a causal model's earlier
    positions nor part of a loss, so no token of its own is needed for padding.

    Args:
        texts: What it is trained on, in order; equal texts give equal codecs.
        vocabulary: Number of tokens at most; 257 (bytes and the end) at least.
    """

    end = 0

    def __init__(self, texts: Iterable[str], vocabulary: int) -> None:
        self._bpe = Tokenizer(models.BPE())
        self._bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        self._bpe.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=vocabulary,
            special_tokens=[_END],
            initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
            show_progress=False,
        )
        self._bpe.train_from_iterator(texts, trainer)

    @property
    def size(self) -> int:
        """Number of tokens."""
        return self._bpe.get_vocab_size()

    @property
    def content(self) -> str:
        """Everything that decides an encoding, as JSON."""
        return self._bpe.to_str()

    def encode(self, record: Record, answer: str) -> Encoded:
        """Return the tokens of a record's question and of an answer to it.

        Raises:
            DataError: If the question or the answer is empty.
        """
        if not record.question or not answer:
            what = "answer" if record.question else "question"
            raise DataError(
                f"an empty {what} has no tokens to learn or to measure: question "
                f"{record.question!r}, answer {answer!r}; remove the record or fill it in"
            )
        return Encoded(self._bpe.encode(prompt(record.question)).ids, self.reply(answer))

    def reply(self, answer: str) -> list[int]:
        """Return the tokens of an answer, its end included."""
        return [*self._bpe.encode(f" {answer}").ids, self.end]

    def decode(self, tokens: list[int]) -> str:
        """Return the text of an answer's tokens up to its end."""
        stop = tokens.index(self.end) if self.end in tokens else len(tokens)
        return self._bpe.decode(tokens[:stop]).strip()


def prompt(question: str) -> str:
    """Return what stands before an answer."""
    return f"Q: {question}\nA:"


def texts(records: Iterable[Record]) -> Iterable[str]:
    """Yield what the codec of some records is trained on."""
    for record in records:
        yield f"{prompt(record.question)} {record.answer}"
