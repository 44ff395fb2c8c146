"""Parquet files that are whole or not there."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as _pa


def write(table: Any, path: str | os.PathLike[str]) -> None:
    """Write a table, anything that speaks Arrow, to a file that replaces the one that is there."""
    try:
        import pyarrow as pa
    except ImportError as error:
        raise ImportError("Parquet needs pyarrow: pip install geminivideo[parquet]") from error
    made = pa.table(table)
    write_batches(made.schema, [made], path)


def write_batches(schema: _pa.Schema, tables: Iterable[_pa.Table], path: str | os.PathLike[str]) -> None:
    """Write tables of one schema one after the other, each as a group of rows."""
    import pyarrow.parquet as pq

    aside = f"{os.fspath(path)}.{os.getpid()}.tmp"
    try:
        with pq.ParquetWriter(aside, schema, compression="zstd") as writer:
            for table in tables:
                writer.write_table(table)
        os.replace(aside, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(aside)
        raise
