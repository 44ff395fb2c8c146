"""The output of a batch while it grows: one small Parquet file for each row, joined to one file at the end."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

from . import _rows
from ._parquet import write, write_batches
from .errors import InvalidInputError

#: The columns that say what a row is of.
_KEYS = ["video", "file_size", "file_modified", "library_version", "options"]

#: Rows in a group of the joined file.
_GROUP = 64

Key = tuple[Any, ...]


def key_of(name: str, address: str, options: _rows.Options) -> Key:
    """What a row must be of to stand for a video: its name, its file as it is now, the library, the options."""
    row = _rows.first(name, address, options)
    return tuple(row[name] for name in _KEYS)


class Parts:
    """Rows by key, in the file `path` and in the folder ``<path>.parts`` of a batch that was cut off."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)
        self.folder = f"{self.path}.parts"
        #: Where rows lie, by key: a file and the row's number in it.
        self.there: dict[Key, tuple[str, int]] = {}
        #: Keys of the rows that are errors.
        self.failed: set[Key] = set()
        self._next = 0
        files = [self.path] if os.path.exists(self.path) else []
        if os.path.isdir(self.folder):
            parts = sorted(name for name in os.listdir(self.folder) if name.endswith(".parquet"))
            files += [os.path.join(self.folder, name) for name in parts]
            self._next = max((int(name[:8]) + 1 for name in parts), default=0)
        for file in files:
            self._take(file)

    def _take(self, file: str) -> None:
        import pyarrow.parquet as pq

        metadata = pq.read_schema(file).metadata or {}
        if metadata.get(b"geminivideo.table") != b"batch":
            raise InvalidInputError(f"{file} is there and is no output of analyze_many")
        if metadata.get(b"geminivideo.schema_version") != str(_rows.SCHEMA_VERSION).encode():
            return
        for number, row in enumerate(pq.read_table(file, columns=[*_KEYS, "status"]).to_pylist()):
            key = tuple(row[name] for name in _KEYS)
            self._note(key, row["status"], file, number)

    def _note(self, key: Key, status: str, file: str, number: int) -> None:
        self.there[key] = (file, number)
        self.failed.discard(key)
        if status != "ok":
            self.failed.add(key)

    def add(self, key: Key, row: dict[str, Any]) -> None:
        """Keep a row; it is there once this returns."""
        os.makedirs(self.folder, exist_ok=True)
        file = os.path.join(self.folder, f"{self._next:08}.parquet")
        write(_rows.table([row]), file)
        self._next += 1
        self._note(key, row["status"], file, 0)

    def join(self, keys: list[Key]) -> None:
        """Write the rows of `keys` in their order to the one file, and remove the parts."""
        write_batches(_rows.schema(), self._tables(keys), self.path)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.there = {key: (self.path, number) for number, key in enumerate(keys)}

    def _tables(self, keys: list[Key]) -> Iterator[Any]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        file, group, number = "", -1, 0
        for start in range(0, len(keys), _GROUP):
            rows = []
            for key in keys[start : start + _GROUP]:
                wanted, number = self.there[key]
                if (wanted, number // _GROUP) != (file, group):
                    file, group = wanted, number // _GROUP
                    with pq.ParquetFile(file) as opened:
                        table = opened.read_row_group(group)
                rows.append(table.slice(number % _GROUP, 1))
            yield pa.concat_tables(rows)
