"""Causal language models on questions and answers.

`language` names the data sets, models and forget sets; torch, transformers and tokenizers are
imported when a problem is made.
"""

from __future__ import annotations

from seedwise.domains.language.domain import LanguageDomain

__all__ = ["language"]

language = LanguageDomain()
