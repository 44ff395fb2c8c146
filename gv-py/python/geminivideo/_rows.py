"""One row for each video: the columns of a batch, and what fills them."""

from __future__ import annotations

import datetime
import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from . import config, errors
from ._core import __version__
from ._fetch import Fetch, is_address, local, shown
from .analysis import AnalysisResult, analyze

if TYPE_CHECKING:
    import pyarrow as _pa

#: Version of the columns; within one, columns are only ever added, at the end.
SCHEMA_VERSION = 1


def arrow() -> Any:
    """Import pyarrow, or say how to get it."""
    try:
        import pyarrow
    except ImportError as error:
        raise ImportError("tables of many videos need pyarrow: pip install geminivideo[batch]") from error
    return pyarrow


def schema() -> _pa.Schema:
    """Return the columns of a batch as a ``pyarrow.Schema`` whose metadata name the version."""
    pa = arrow()

    def many(value: _pa.DataType) -> _pa.DataType:
        """A list as Parquet names its parts."""
        return pa.list_(pa.field("element", value))

    shot = pa.struct([("start_time", pa.float64()), ("end_time", pa.float64())])
    moment = pa.struct(
        [
            ("moment_type", pa.string()),
            ("timestamp_start", pa.float64()),
            ("timestamp_end", pa.float64()),
            ("score", pa.float64()),
            ("reason", pa.string()),
        ]
    )
    columns = [
        pa.field("video", pa.string(), nullable=False),
        pa.field("status", pa.string(), nullable=False),
        ("error", pa.string()),
        ("error_status", pa.int32()),
        ("message", pa.string()),
        ("file_size", pa.int64()),
        ("file_modified", pa.timestamp("us", "UTC")),
        pa.field("library_version", pa.string(), nullable=False),
        pa.field("options", pa.string(), nullable=False),
        ("decoder", pa.string()),
        ("duration", pa.float64()),
        ("width", pa.int32()),
        ("height", pa.int32()),
        ("frame_rate", pa.float64()),
        ("frames", pa.int64()),
        ("damage", pa.int64()),
        ("shots", many(shot)),
        ("moments", many(moment)),
        ("attention_peaks", many(pa.float64())),
        ("median_motion", pa.float64()),
        ("max_motion", pa.float64()),
        ("face_presence", pa.float64()),
        ("text_lines", pa.int32()),
        ("objects", many(pa.string())),
        ("tempo", pa.float64()),
        ("loudness", pa.float64()),
        ("true_peak", pa.float64()),
        ("unknown", many(pa.string())),
        ("analysis", pa.string()),
    ]
    metadata = {"geminivideo.table": "batch", "geminivideo.schema_version": str(SCHEMA_VERSION)}
    return pa.schema(columns, metadata=metadata)


@dataclass(frozen=True)
class Options:
    """How each video of a batch is looked at; pickles, and travels to other machines."""

    num_threads: int | None = None
    motion_long_side: int | None = None
    face_model: str | None = None
    object_model: str | None = None
    voice_model: str | None = None
    motion_only: bool = False
    ffmpeg: str | None = None
    documents: bool = True
    fetch: Fetch | None = None
    settings: config.Settings = field(default_factory=config.current)

    def key(self) -> str:
        """What results depend on, as one text: rows of another key are not taken for done."""
        values = {
            "motion_long_side": self.motion_long_side,
            "face_model": self.face_model,
            "object_model": self.object_model,
            "voice_model": self.voice_model,
            "motion_only": self.motion_only,
            "documents": self.documents,
            "motion_window_size": self.settings.motion_window_size,
            "face_detection_confidence": self.settings.face_detection_confidence,
        }
        return json.dumps({name: value for name, value in values.items() if value not in (None, False)})

    def keywords(self) -> dict[str, Any]:
        """The keywords of :func:`geminivideo.analyze`."""
        models = ("face_model", "object_model", "voice_model")
        names = ("num_threads", "motion_long_side", *models, "motion_only", "ffmpeg", "settings")
        return {name: getattr(self, name) for name in names}


def first(name: str, address: str, options: Options) -> dict[str, Any]:
    """The columns that say which video, file, library and options a row is of."""
    return {
        "video": name,
        **facts(address),
        "library_version": __version__,
        "options": options.key(),
    }


def facts(address: str) -> dict[str, Any]:
    """Size and time of change of a file; unknown for what is no file."""
    if is_address(address):
        return {"file_size": None, "file_modified": None}
    try:
        stat = os.stat(address)
    except (OSError, ValueError):
        return {"file_size": None, "file_modified": None}
    epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    modified = epoch + datetime.timedelta(microseconds=stat.st_mtime_ns // 1000)
    return {"file_size": stat.st_size, "file_modified": modified}


def row(name: str, address: str, options: Options) -> dict[str, Any]:
    """Look at one video, and return its row; what goes wrong with the video is a row too."""
    made = {**first(name, address, options), "status": "ok"}
    try:
        with local(address, options.fetch) as path:
            try:
                result = analyze(path, **options.keywords())
            except Exception as error:
                return {**made, **failure(error, str(error).replace(path, shown(address)))}
    except Exception as error:
        return {**made, **failure(error)}
    return {**made, **figures(result, shown(address), documents=options.documents)}


def failure(error: BaseException, message: str | None = None) -> dict[str, Any]:
    """The columns of a video that could not be looked at."""
    status = error.status if isinstance(error, errors.GeminiVideoError) else errors.InternalError.status
    return {
        "status": "error",
        "error": type(error).__name__,
        "error_status": status,
        "message": str(error) if message is None else message,
    }


def figures(result: AnalysisResult, path: str, *, documents: bool) -> dict[str, Any]:
    """The columns that say what a video is; `path` is what the document calls it."""
    found = result.to_dict()
    stats = found["motion"]["energy_stats"] or {}
    sound = found["sound"] or {}
    loudness = sound.get("loudness") or {}
    faces, text, objects = found["faces"], found["text"], found["objects"]
    return {
        "decoder": "{name} {version}".format(**found["decoder"]),
        "duration": result.duration,
        "width": found["video"]["width"],
        "height": found["video"]["height"],
        "frame_rate": found["motion"]["fps"],
        "frames": found["frames"],
        "damage": found["damage"],
        "shots": found["shots"]["shots"],
        "moments": found["moments"],
        "attention_peaks": found["attention"]["peaks"],
        "median_motion": stats.get("median"),
        "max_motion": stats.get("max"),
        "face_presence": faces and faces["presence"]["face_presence_ratio"],
        "text_lines": None if text is None else len(text["lines"]),
        "objects": None if objects is None else [seen["class_name"] for seen in objects["summary"]],
        "tempo": (sound.get("tempo") or {}).get("bpm"),
        "loudness": loudness.get("integrated"),
        "true_peak": loudness.get("true_peak"),
        "unknown": [entry["what"] for entry in found["not_analyzed"]],
        "analysis": _document(result, path) if documents else None,
    }


def _document(result: AnalysisResult, path: str) -> str:
    if result.path == path:
        return result.to_json()
    return json.dumps({**json.loads(result.to_json()), "path": path}, ensure_ascii=False)


def table(rows: list[dict[str, Any]]) -> _pa.Table:
    """Return rows as a ``pyarrow.Table`` of :func:`schema`."""
    made: _pa.Table = arrow().Table.from_pylist(rows, schema=schema())
    return made
