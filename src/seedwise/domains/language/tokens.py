"""From texts to token numbers, and a byte-level BPE trained on the texts of the data set."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from seedwise.domains.language.corpus import Record
from seedwise.errors import DataError

_END = "<end>"


class Encoded(NamedTuple):
    """The token numbers of what is given (a question in its prompt), and of an answer and its end.

    The first of them predicts the second, so that what is given has a token at least.
    """

    prompt: list[int]
    answer: list[int]


class Codec:
    """Turns texts into token numbers and back.

    A filled position of a batch is neither seen by a causal model's earlier positions nor part of
    a loss, so that no token of its own is needed for padding: the end fills a batch too.

    Attributes:
        end: The token that ends an answer.
        size: Number of tokens.
        content: Everything that decides an encoding, as text.
    """

    end: int
    size: int
    content: str

    def ask(self, question: str) -> list[int]:
        """Return the tokens of a question in its prompt."""
        raise NotImplementedError

    def begin(self) -> list[int]:
        """Return what stands before a text that answers no question."""
        raise NotImplementedError

    def plain(self, text: str) -> list[int]:
        """Return the tokens of a text that answers no question, without an end."""
        raise NotImplementedError

    def said(self, answer: str) -> list[int]:
        """Return the tokens of an answer, without its end."""
        raise NotImplementedError

    def text(self, tokens: list[int]) -> str:
        """Return the text of tokens none of which is the end."""
        raise NotImplementedError

    def encode(self, record: Record, answer: str) -> Encoded:
        """Return the tokens of a record's question and of an answer to it.

        Raises:
            DataError: If the question or the answer is empty, or has no tokens.
        """
        if record.is_text:
            return Encoded(self.begin(), self._some(record, answer, self.plain(answer)))
        if not record.question or not answer:
            what = "answer" if record.question else "question"
            raise DataError(f"an empty {what} has no tokens{_where(record, answer)}")
        return Encoded(self.ask(record.question), self._some(record, answer, self.said(answer)))

    def reply(self, answer: str) -> list[int]:
        """Return the tokens of an answer, its end included."""
        return [*self.said(answer), self.end]

    def decode(self, tokens: list[int]) -> str:
        """Return the text of an answer's tokens up to its end."""
        stop = tokens.index(self.end) if self.end in tokens else len(tokens)
        return self.text(tokens[:stop]).strip()

    def _some(self, record: Record, answer: str, tokens: list[int]) -> list[int]:
        if not tokens:
            raise DataError(f"an answer has no tokens in this vocabulary{_where(record, answer)}")
        return [*tokens, self.end]


def _where(record: Record, answer: str) -> str:
    return (
        f" to learn or to measure: question {record.question!r}, answer {answer!r}; remove the "
        "record or fill it in"
    )


class TrainedCodec(Codec):
    """A byte-level BPE trained on texts: any text can be encoded, whatever it was trained on.

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
        self.size = self._bpe.get_vocab_size()
        self.content = self._bpe.to_str()

    def ask(self, question: str) -> list[int]:
        """Return the tokens of a question in its prompt."""
        return self._bpe.encode(prompt(question)).ids

    def begin(self) -> list[int]:
        """Return the end of what stands before."""
        return [self.end]

    def plain(self, text: str) -> list[int]:
        """Return the tokens of a text."""
        return self._bpe.encode(text).ids

    def said(self, answer: str) -> list[int]:
        """Return the tokens of an answer."""
        return self._bpe.encode(f" {answer}").ids

    def text(self, tokens: list[int]) -> str:
        """Return the text of tokens."""
        return self._bpe.decode(tokens)


def prompt(question: str) -> str:
    """Return what stands before an answer."""
    return f"Q: {question}\nA:"


def texts(records: Iterable[Record]) -> Iterable[str]:
    """Yield what the codec of some records is trained on."""
    for record in records:
        yield record.answer if record.is_text else f"{prompt(record.question)} {record.answer}"
