"""The store: immutable records and the files they name, safe for many processes at once."""

from seedwise.store.files import FileStore

__all__ = ["FileStore"]
