"""The exceptions that geminivideo raises.

Every one is below :class:`GeminiVideoError`. Where Python has a class for the same idea, it is a
base as well, so that code written before keeps its ``except`` clauses: a missing file is a
``FileNotFoundError``, a bad argument a ``ValueError``.

========================  ======  ==========================================
class                     status  also
========================  ======  ==========================================
InvalidInputError         100     ValueError
NotFoundError             101     LookupError
MissingFileError          101     NotFoundError, FileNotFoundError
ConflictError             102
UnsupportedError          103     ValueError
UnavailableError          104     RuntimeError
MediaError                200     OSError
ModelError                201
StorageError              202     OSError
PlatformError             300
TransportError            301     ConnectionError
TransportTimeout          302     TransportError, TimeoutError
Cancelled                 304
InternalError             900
========================  ======  ==========================================

An exception raised by a callback of yours (progress, a detector, a model, a store) comes back unchanged.
``status`` is the number that the C interface returns for the same error.
"""

from __future__ import annotations

import errno as _errno
import os as _os
from typing import ClassVar

__all__ = [
    "Cancelled",
    "ConflictError",
    "GeminiVideoError",
    "InternalError",
    "InvalidInputError",
    "MediaError",
    "MissingFileError",
    "ModelError",
    "NotFoundError",
    "PlatformError",
    "StorageError",
    "TransportError",
    "TransportTimeout",
    "UnavailableError",
    "UnsupportedError",
]


class GeminiVideoError(Exception):
    """Base of every error that geminivideo raises."""

    #: Number of the error's kind, the same in C (``gv_status``).
    status: ClassVar[int] = 900


class InvalidInputError(GeminiVideoError, ValueError):
    """An argument is outside what is allowed; the message names both."""

    status = 100


class NotFoundError(GeminiVideoError, LookupError):
    """What was asked for does not exist."""

    status = 101


class MissingFileError(NotFoundError, FileNotFoundError):
    """There is no file at the given path."""

    def __init__(self, message: str = "", filename: str | _os.PathLike[str] | None = None) -> None:
        super().__init__(message)
        self.errno = _errno.ENOENT
        self.filename = filename

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""

    def __reduce__(self) -> tuple[type[MissingFileError], tuple[object, ...]]:
        return (type(self), (str(self), self.filename))


class ConflictError(GeminiVideoError):
    """The request contradicts what is already there."""

    status = 102


class UnsupportedError(GeminiVideoError, ValueError):
    """The input is understood, but this build does not handle its kind."""

    status = 103


class UnavailableError(GeminiVideoError, RuntimeError):
    """A program, model or feature that the call needs is not there."""

    status = 104


class MediaError(GeminiVideoError, OSError):
    """A media file could not be read or decoded."""

    status = 200


class ModelError(GeminiVideoError):
    """A model could not be loaded or run."""

    status = 201


class StorageError(GeminiVideoError, OSError):
    """A store could not be read or written."""

    status = 202


class PlatformError(GeminiVideoError):
    """An ad platform refused or failed a request."""

    status = 300


class TransportError(GeminiVideoError, ConnectionError):
    """A request did not reach its server, or the reply did not come back."""

    status = 301


class TransportTimeout(TransportError, TimeoutError):
    """A request took longer than it was given."""

    status = 302


class Cancelled(GeminiVideoError):
    """The caller asked for the work to stop."""

    status = 304


class InternalError(GeminiVideoError):
    """A defect of geminivideo itself; please report it."""

    status = 900
