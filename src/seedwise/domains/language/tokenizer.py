"""The tokenizer that a pretrained model comes with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from seedwise.domains.language.tokens import Codec, prompt
from seedwise.errors import DataError

_PROBE = "Who?", "Nobody."
_DATE = "26 Jul 2024"
"""What templates that print a date are told: a prompt must not change from day to day."""


class PretrainedCodec(Codec):
    """Turns texts into the token numbers of a pretrained model.

    With a chat template a question is the user's turn and the answer the assistant's, which ends
    as the template ends it; without one a question stands in the prompt of `tokens.prompt` and an
    answer ends with the end-of-sequence token.

    Args:
        directory: Where the tokenizer's files are.
        chat: Whether a chat template is used where there is one.

    Raises:
        DataError: If there is no tokenizer, or none of its tokens ends a sequence.
    """

    def __init__(self, directory: Path, *, chat: bool = True) -> None:
        self._tokenizer = _read(directory)
        self._chat = chat and bool(self._tokenizer.chat_template)
        if self._tokenizer.eos_token_id is None:
            raise DataError(
                f"the tokenizer of '{directory}' has no end-of-sequence token, and an answer must "
                "end; set 'eos_token' in its tokenizer_config.json"
            )
        self.size = len(self._tokenizer)
        self.end = self._ending() if self._chat else self._tokenizer.eos_token_id
        shown = self._turns(*_PROBE) if self._chat else str(self.ask(_PROBE[0]))
        self.content = f"{self._tokenizer.backend_tokenizer.to_str()}|{shown}|{self.end}"

    def ask(self, question: str) -> list[int]:
        """Return the tokens of a question in its prompt, whatever a sequence begins with first."""
        if self._chat:
            return self._tokens(self._turns(question), special=False)
        return self._begun(prompt(question))

    def begin(self) -> list[int]:
        """Return the token that begins a sequence, or the end of the one before."""
        start = self._tokenizer.bos_token_id
        return [self.end if start is None else start]

    def plain(self, text: str) -> list[int]:
        """Return the tokens of a text."""
        return self._tokens(text, special=False)

    def said(self, answer: str) -> list[int]:
        """Return the tokens of an answer."""
        return self._tokens(answer if self._chat else f" {answer}", special=False)

    def text(self, tokens: list[int]) -> str:
        """Return the text of tokens, those with a special meaning left out."""
        return self._tokenizer.decode(tokens, skip_special_tokens=True)

    def _tokens(self, text: str, *, special: bool) -> list[int]:
        return self._tokenizer(text, add_special_tokens=special)["input_ids"]

    def _begun(self, text: str) -> list[int]:
        tokens = self._tokens(text, special=True)
        return tokens[:-1] if tokens[-1] == self._tokenizer.eos_token_id else tokens

    def _turns(self, question: str, answer: str | None = None) -> str:
        turns = [{"role": "user", "content": question}]
        turns += [] if answer is None else [{"role": "assistant", "content": answer}]
        return self._tokenizer.apply_chat_template(
            turns, tokenize=False, add_generation_prompt=answer is None, date_string=_DATE
        )

    def _ending(self) -> int:
        """Return the token that ends the assistant's turn, as the template has it."""
        question, answer = _PROBE
        after = self._turns(question, answer).rpartition(answer)[2]
        tokens = self._tokens(after, special=False)
        return tokens[0] if tokens else self._tokenizer.eos_token_id


def _read(directory: Path) -> Any:
    from transformers import AutoTokenizer

    try:
        found = AutoTokenizer.from_pretrained(directory, local_files_only=True, use_fast=True)
    except (OSError, ValueError, ImportError) as error:
        raise DataError(f"no tokenizer can be read from '{directory}': {error}") from error
    if not getattr(found, "is_fast", False):
        raise DataError(
            f"the tokenizer of '{directory}' has no tokenizer.json; save it once with it"
        )
    return found
