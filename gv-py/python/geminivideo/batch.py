"""Many videos: one row for each, in the order given, whatever goes wrong with some of them.

>>> from geminivideo.batch import analyze_many
>>> table = analyze_many(["a.mp4", "b.mp4"], output="ads.parquet", progress=True)  # doctest: +SKIP
>>> table.to_pandas()[["video", "status", "duration", "loudness"]]  # doctest: +SKIP

:func:`analyze_many` spreads work over processes of this machine, or over whatever executor it is given: that of a Dask
client, for one. :class:`BatchAnalyzer` is the same for engines that hand out tables: Ray Data, Spark, Daft. Needs pyarrow
(extra ``batch``).
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from typing import TYPE_CHECKING, Any, Union

from . import _rows
from ._core import available_threads
from ._parts import Key, Parts, key_of
from ._progress import Progress, reporter
from ._rows import SCHEMA_VERSION, schema
from ._workers import Workers
from .config import Settings, current
from .errors import InvalidInputError

if TYPE_CHECKING:
    import pyarrow as _pa

__all__ = ["SCHEMA_VERSION", "BatchAnalyzer", "analyze_many", "schema"]

#: Videos by path or address, or addresses by name.
Videos = Union[Iterable["str | os.PathLike[str]"], Mapping[str, "str | os.PathLike[str]"]]


def _options(
    *,
    num_threads: int | None = None,
    motion_long_side: int | None = None,
    face_model: str | os.PathLike[str] | None = None,
    object_model: str | os.PathLike[str] | None = None,
    voice_model: str | os.PathLike[str] | None = None,
    motion_only: bool = False,
    ffmpeg: str | os.PathLike[str] | None = None,
    documents: bool = True,
    fetch: Callable[[str, str], object] | None = None,
    settings: Settings | None = None,
) -> _rows.Options:
    def path(given: str | os.PathLike[str] | None) -> str | None:
        return None if given is None else os.fspath(given)

    return _rows.Options(
        num_threads=num_threads,
        motion_long_side=motion_long_side,
        face_model=path(face_model),
        object_model=path(object_model),
        voice_model=path(voice_model),
        motion_only=motion_only,
        ffmpeg=path(ffmpeg),
        documents=documents,
        fetch=fetch,
        settings=current() if settings is None else settings,
    )


def analyze_many(
    videos: Videos,
    executor: Executor | None = None,
    *,
    output: str | os.PathLike[str] | None = None,
    workers: int | None = None,
    in_flight: int | None = None,
    retry_errors: bool = True,
    progress: Progress = False,
    num_threads: int | None = None,
    **options: Any,
) -> _pa.Table:
    """Look at many videos, and return one row for each, in the order given.

    Parameters
    ----------
    videos : iterable of str or os.PathLike, or mapping
        Paths and addresses (``https://``, ``file://``; ``s3://`` and others with the package fsspec). A mapping gives
        each a name, which its row then has in place of the address. No name may be there twice.
    executor : concurrent.futures.Executor, optional
        What does the work: a process pool, a thread pool, ``dask_client.get_executor(pure=False)``. It is left running.
        Without one, processes of this machine are started, and ended again; a process that dies costs the row of the
        video it worked on.
    output : str or os.PathLike, optional
        A Parquet file for the rows, written once all are there. Until then they are kept beside it, in
        ``<output>.parts``, each as soon as it is known: called again after it was cut off, only what is missing is done,
        as is a video whose file has changed since, or rows of another version or other options.
    workers : int, optional
        Processes to start where there is no `executor`; as many as this process may use processors otherwise.
    in_flight : int, optional
        Videos handed to the executor at a time, twice the workers otherwise.
    retry_errors : bool, default True
        Whether videos whose row in the output is an error are tried again.
    progress : bool or callable, default False
        ``True`` shows a bar; a callable is called with ``(videos done, videos in all, "videos")``.
    num_threads : int, optional
        Threads for each video; without an executor the processors are shared out among the workers, with one each
        video has one.
    **options
        ``motion_long_side``, ``face_model``, ``object_model``, ``voice_model``, ``motion_only``, ``ffmpeg`` and
        ``settings`` as for :func:`geminivideo.analyze`; ``documents=False`` leaves the column ``analysis`` empty, which has everything as
        JSON (:meth:`AnalysisResult.from_json <geminivideo.AnalysisResult.from_json>`); ``fetch`` is a function that
        copies what lies at an address (first argument) to a path (second), for stores of your own.

    Returns
    -------
    pyarrow.Table
        The columns of :func:`schema`. ``status`` is ``ok`` or ``error``; an error has its class, number and message in
        ``error``, ``error_status`` and ``message``.

    Raises
    ------
    InvalidInputError
        For a name that is there twice, and for numbers below 1.
    KeyboardInterrupt
        On Ctrl-C; what was done until then stays in the output's parts.
    """
    named = _named(videos)
    for name, given in (("workers", workers), ("in_flight", in_flight), ("num_threads", num_threads)):
        if given is not None and given < 1:
            raise InvalidInputError(f"{name} is {given}, allowed is 1 or more")
    processors = available_threads()
    workers = min(workers or processors, max(len(named), 1))
    if num_threads is None:
        num_threads = max(processors // workers, 1) if executor is None else 1
    made = _options(num_threads=num_threads, **options)
    if executor is None:
        try:
            pickle.dumps(made)
        except Exception as error:
            raise InvalidInputError(f"fetch cannot be sent to another process: {error}") from error
    own = Workers(workers) if executor is None else None
    pool = executor or own
    assert pool is not None
    limit = in_flight or 2 * (getattr(pool, "_max_workers", None) or processors)
    batch = _Batch(named, made, None if output is None else Parts(output), retry_errors)
    try:
        with reporter(progress, unit=" videos") as report:
            batch.run(pool, limit, report)
    except BaseException:
        if own is not None:
            own.shutdown(cancel_futures=True)
        raise
    if own is not None:
        own.shutdown()
    return batch.finish()


def _named(videos: Videos) -> dict[str, str]:
    if isinstance(videos, (str, bytes, os.PathLike)):
        raise InvalidInputError("videos is one path, allowed is a list of them")
    if isinstance(videos, Mapping):
        return {str(name): os.fspath(video) for name, video in videos.items()}
    named: dict[str, str] = {}
    for video in videos:
        path = os.fspath(video)
        if path in named:
            raise InvalidInputError(f"{path} is there twice")
        named[path] = path
    return named


class _Batch:
    """The rows of a batch as they come in."""

    def __init__(
        self, named: dict[str, str], options: _rows.Options, parts: Parts | None, retry_errors: bool
    ) -> None:
        self.named, self.options, self.parts = named, options, parts
        self.rows: dict[str, dict[str, Any]] = {}
        self.keys: dict[str, Key] = {}
        self.waiting = list(named)
        if parts is not None:
            _rows.arrow()
            self.keys = {name: key_of(name, address, options) for name, address in named.items()}
            done = parts.there.keys() - (parts.failed if retry_errors else set())
            self.waiting = [name for name in named if self.keys[name] not in done]

    def run(self, pool: Executor, limit: int, report: Callable[..., object] | None) -> None:
        total = len(self.named)
        running: dict[Future[dict[str, Any]], str] = {}
        left = iter(self.waiting)
        count = total - len(self.waiting)
        try:
            while True:
                while len(running) < limit and (name := next(left, None)) is not None:
                    running[pool.submit(_rows.row, name, self.named[name], self.options)] = name
                if report is not None:
                    report(count, total, "videos")
                if not running:
                    return
                for future in _finished(running):
                    name = running.pop(future)
                    self._take(name, future)
                    count += 1
        finally:
            for future in running:
                future.cancel()

    def _take(self, name: str, future: Future[dict[str, Any]]) -> None:
        error = future.exception()
        if error is None:
            row = future.result()
        else:
            first = _rows.first(name, self.named[name], self.options)
            row = {**first, **_rows.failure(error)}
        if self.parts is None:
            self.rows[name] = row
        else:
            self.parts.add(self.keys[name], row)

    def finish(self) -> _pa.Table:
        if self.parts is None:
            return _rows.table([self.rows[name] for name in self.named])
        import pyarrow.parquet as pq

        self.parts.join([self.keys[name] for name in self.named])
        table: _pa.Table = pq.read_table(self.parts.path)
        return table


def _finished(running: dict[Future[dict[str, Any]], str]) -> list[Future[dict[str, Any]]]:
    """Wait for the next to finish; in steps, so that Ctrl-C is heard on every system."""
    while True:
        done = wait(running, timeout=0.5, return_when=FIRST_COMPLETED).done
        if done:
            return [future for future in running if future in done]


class BatchAnalyzer:
    """Looks at the videos of tables, for engines that hand out tables.

    Called with a table, it returns the table with the columns of :func:`schema` added, ``video`` left out where the
    table names the videos itself. What is handed in comes back as the same kind of thing: a ``pyarrow.Table`` or
    ``RecordBatch``, a pandas ``DataFrame``, a mapping of arrays; an iterator of any of these gives an iterator. A
    ``pyarrow`` array of addresses alone gives an array of structs.

    - Ray Data: ``ds.map_batches(BatchAnalyzer, fn_constructor_kwargs={"column": "uri"}, batch_format="pyarrow",
      batch_size=1, concurrency=4)``
    - Spark: ``df.mapInArrow(BatchAnalyzer("uri"), from_arrow_schema(BatchAnalyzer("uri").schema(...)))``
    - Daft: a ``@daft.func.batch`` that calls it with ``series.to_arrow()``

    Parameters
    ----------
    column : str, default "video"
        The column with paths and addresses.
    num_threads : int, default 1
        Threads for each video; engines start a process for each processor themselves.
    **options
        As for :func:`analyze_many`.
    """

    #: Spark and Dask show it.
    __name__ = "BatchAnalyzer"

    def __init__(self, column: str = "video", *, num_threads: int = 1, **options: Any) -> None:
        self.column = column
        self.options = _options(num_threads=num_threads, **options)

    def __repr__(self) -> str:
        return f"BatchAnalyzer({self.column!r})"

    def schema(self, given: _pa.Schema | None = None) -> _pa.Schema:
        """Return the columns of what comes back for tables of the columns `given`.

        Raises
        ------
        InvalidInputError
            Where `given` has another column of a name that is added, or lacks the column of videos.
        """
        pa = _rows.arrow()
        added = schema()
        if given is None:
            given = pa.schema([pa.field(self.column, pa.string())])
        if self.column not in given.names:
            raise InvalidInputError(
                f"the table has no column {self.column}, but {', '.join(given.names)}"
            )
        fields = [field for field in added if field.name != "video"]
        for field in fields:
            if field.name in given.names:
                raise InvalidInputError(f"the table has a column {field.name}, which is added here")
        return pa.schema([*given, *fields], metadata=added.metadata)

    def __call__(self, batch: Any) -> Any:
        pa = _rows.arrow()
        if isinstance(batch, pa.Table):
            return self._table(batch)
        if isinstance(batch, pa.RecordBatch):
            return _one_batch(self._table(pa.Table.from_batches([batch])))
        if isinstance(batch, (pa.Array, pa.ChunkedArray)):
            made = self._rows(batch.to_pylist())
            return pa.array(made.to_pylist(), pa.struct(list(schema())))
        if isinstance(batch, Iterator):
            return map(self, batch)
        if isinstance(batch, Mapping):
            return self._table(pa.table({name: pa.array(list(values)) for name, values in batch.items()}))
        if hasattr(batch, "to_parquet") and hasattr(batch, "iloc"):
            return self._table(pa.Table.from_pandas(batch, preserve_index=False)).to_pandas()
        raise InvalidInputError(f"a batch is a table, given is {type(batch).__qualname__}")

    def _rows(self, addresses: list[Any]) -> _pa.Table:
        return _rows.table([_row(address, self.options) for address in addresses])

    def _table(self, table: _pa.Table) -> _pa.Table:
        wanted = self.schema(table.schema)
        made = self._rows(table.column(self.column).to_pylist()).drop_columns(["video"])
        for name in made.column_names:
            table = table.append_column(wanted.field(name), made.column(name))
        return table.replace_schema_metadata(wanted.metadata)


def _row(address: Any, options: _rows.Options) -> dict[str, Any]:
    if isinstance(address, str):
        return _rows.row(address, address, options)
    error = InvalidInputError(f"the address is {address!r}, allowed is a text")
    return {**_rows.first("", "", options), **_rows.failure(error)}


def _one_batch(table: _pa.Table) -> _pa.RecordBatch:
    batches = table.combine_chunks().to_batches()
    if batches:
        return batches[0]
    empty: _pa.RecordBatch = _rows.arrow().RecordBatch.from_pylist([], schema=table.schema)
    return empty
