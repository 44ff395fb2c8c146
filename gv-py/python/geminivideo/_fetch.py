"""Videos by address: paths stay where they are, other addresses are copied to a file for as long as they are looked at."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, cast

from .errors import InvalidInputError, MissingFileError, TransportError, TransportTimeout, UnsupportedError

#: Copies what lies at an address (first) to a path (second).
Fetch = Callable[[str, str], object]

#: Bytes of a video at most.
LIMIT = 8 << 30
#: Seconds for which a server may be silent.
PATIENCE = 60.0
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+://")


def is_address(video: str) -> bool:
    """Whether it is an address such as ``https://...`` rather than a path."""
    return bool(_SCHEME.match(video))


def shown(address: str) -> str:
    """An address without user, password, query and fragment, which may hold secrets; a path as it is."""
    if not is_address(address):
        return address
    parts = urllib.parse.urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    return urllib.parse.urlunsplit((parts.scheme, host, parts.path, "", ""))


@contextlib.contextmanager
def local(video: str, fetch: Fetch | None) -> Iterator[str]:
    """Yield a path of the video, which is removed again where it is a copy."""
    if not is_address(video):
        yield video
        return
    parts = urllib.parse.urlsplit(video)
    if parts.scheme == "file":
        yield urllib.request.url2pathname(parts.path)
        return
    with tempfile.TemporaryDirectory(prefix="geminivideo-") as folder:
        path = os.path.join(folder, os.path.basename(parts.path) or "video")
        (fetch or _fetch)(video, path)
        yield path


def _fetch(address: str, path: str) -> None:
    scheme = urllib.parse.urlsplit(address).scheme.lower()
    if scheme in ("http", "https"):
        _over_http(address, path)
        return
    try:
        import fsspec
    except ImportError:
        raise UnsupportedError(
            f"{shown(address)}: addresses of {scheme} need the package fsspec, or a fetch of yours"
        ) from None
    try:
        opened = fsspec.open(address, "rb")
    except (ImportError, ValueError) as error:
        raise UnsupportedError(f"{shown(address)}: {error}") from None
    try:
        with opened as source:
            _copy(source, path, address)
    except FileNotFoundError:
        raise MissingFileError(f"there is nothing at {shown(address)}", shown(address)) from None


def _over_http(address: str, path: str) -> None:
    try:
        request = urllib.request.Request(address, headers={"User-Agent": "geminivideo"})
        with urllib.request.urlopen(request, timeout=PATIENCE) as reply:
            _copy(cast(BinaryIO, reply), path, address, reply.headers.get("Content-Length"))
    except urllib.error.HTTPError as error:
        with error:
            if error.code in (404, 410):
                raise MissingFileError(f"there is nothing at {shown(address)}", shown(address)) from None
            raise TransportError(f"{shown(address)} answered {error.code} {error.reason}") from None
    except TimeoutError:
        raise TransportTimeout(f"{shown(address)} was silent for {PATIENCE:.0f} s") from None
    except urllib.error.URLError as error:
        raise TransportError(f"{shown(address)} cannot be reached: {error.reason}") from None
    except ValueError as error:
        raise InvalidInputError(f"{shown(address)} is no address: {error}") from None


def _copy(source: BinaryIO, path: str, address: str, length: Any = None) -> None:
    with open(path, "wb") as file:
        shutil.copyfileobj(_Limited(source, address), file, 1 << 20)
        there = file.tell()
    if length is not None and str(length).isdigit() and there != int(length):
        raise TransportError(f"{shown(address)} broke off after {there} of {length} bytes")


class _Limited:
    """A stream that is refused beyond the limit."""

    def __init__(self, source: BinaryIO, address: str) -> None:
        self.source, self.address, self.left = source, address, LIMIT

    def read(self, size: int = -1, /) -> bytes:
        piece = self.source.read(size)
        self.left -= len(piece)
        if self.left < 0:
            raise UnsupportedError(f"{shown(self.address)} is longer than {LIMIT} bytes")
        return piece
