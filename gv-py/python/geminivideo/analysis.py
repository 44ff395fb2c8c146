"""One pass over a video: shots, motion, moments, and the attention curve.

Examples
--------
>>> import geminivideo
>>> result = geminivideo.analyze("ad.mp4", progress=True)  # doctest: +SKIP
>>> result  # doctest: +SKIP
<AnalysisResult ad.mp4: 12.00 s, 1280x720, 6 shots, 4 moments>
>>> result.plot()  # doctest: +SKIP
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

from . import _core
from ._progress import Progress, reporter
from .config import Settings
from .motion_energy import MotionRecommendation
from .motion_moment_sdk import MotionMoment
from .precision_av_sync import VoiceDetector, voice_core
from .yolo_face_detector import SupportsDetectFaces, face_core
from .yolo_object_detector import SupportsDetectObjects, object_core

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import numpy.typing as npt
    import pandas as _pd
    from matplotlib.figure import Figure

__all__ = [
    "AnalysisResult",
    "AttentionCurve",
    "Boundary",
    "NotAnalyzed",
    "Shot",
    "ShotList",
    "analyze",
    "find_shots",
]


@dataclass(frozen=True)
class Shot:
    """A run of frames between two boundaries.

    ``end_frame`` is one past the last frame; times are presentation times in seconds. ``blank`` says
    that every frame is of one plain colour.
    """

    index: int
    start_frame: int
    end_frame: int
    start_time: float
    end_time: float
    blank: bool


@dataclass(frozen=True)
class Boundary:
    """Where one shot gives way to the next.

    ``frame`` is the first frame that counts to the new shot and ``time`` when it is shown; the change
    is seen from ``start_time`` to ``end_time``, which are ``time`` for a plain cut. ``kind`` is
    ``cut``, ``dissolve``, ``fade``, ``fade_in`` or ``fade_out``, ``score`` the evidence, 0 to 1.
    """

    frame: int
    time: float
    start_frame: int
    start_time: float
    end_frame: int
    end_time: float
    kind: str
    score: float


class ShotList(NamedTuple):
    """The shots of a video, which cover every frame once, and the boundaries between them, one less."""

    shots: list[Shot]
    boundaries: list[Boundary]


class AttentionCurve(TypedDict):
    """Predicted attention over time, and the parts that add up to it.

    ``timeline`` is in seconds; ``attention`` is 0 to 1 and the sum of ``motion``, ``cuts`` and
    ``faces``, the last being ``None`` where faces are unknown. ``speed`` is the speed behind the
    motion part in frame diagonals per second, ``peaks`` the times at which attention peaks.
    """

    timeline: list[float]
    attention: list[float]
    motion: list[float]
    cuts: list[float]
    faces: list[float] | None
    speed: list[float]
    peaks: list[float]


class NotAnalyzed(TypedDict):
    """Something that was not looked at: it is unknown, not absent."""

    what: str
    reason: str


class AnalysisResult:
    """Everything that was found in a video.

    Times are presentation times in seconds, frames are counted from 0. Results compare equal by
    value, pickle, and go to JSON and back without loss.
    """

    __slots__ = ("_core", "_data")

    def __init__(self, core: _core.Analysis) -> None:
        self._core = core
        self._data: dict[str, Any] | None = None

    @classmethod
    def from_json(cls, text: str) -> AnalysisResult:
        """Read what :meth:`to_json` or ``geminivideo analyze --json`` wrote.

        Raises
        ------
        InvalidInputError
            Where the text is no such document.
        """
        return cls(_core.Analysis.from_json(text))

    def to_json(self) -> str:
        """Return one JSON document, the same as ``geminivideo analyze --json`` writes."""
        return self._core.to_json()

    def to_csv(self) -> str:
        """Return the timeline as comma-separated values, one row for each measured frame."""
        return self._core.to_csv()

    def to_otio(self) -> str:
        """Return shots, moments and advice as an OpenTimelineIO document.

        Raises
        ------
        InvalidInputError
            Where the video tells no frame rate from 1 to 1000; so for the other timelines.
        """
        return self._core.to_otio()

    def to_fcpxml(self) -> str:
        """Return shots, moments and advice as Final Cut Pro XML, version 1.8."""
        return self._core.to_fcpxml()

    def to_edl(self) -> str:
        """Return shots, moments and advice as a CMX 3600 edit decision list.

        Raises
        ------
        InvalidInputError
            For more than 999 shots, which such a list cannot number.
        """
        return self._core.to_edl()

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain dicts and lists: a copy that is yours to change."""
        return self._core.to_dict()

    def table(self, name: str = "timeline") -> _core.Table:
        """Return one table of the result, which whatever speaks Arrow's PyCapsule interface reads without a copy.

        ``pyarrow.table(result.table("shots"))``, ``polars.DataFrame(result.table())``; ``.columns()`` has read-only
        numpy arrays over the same memory. The schema's metadata name the table and the version of its columns.

        Parameters
        ----------
        name : {"timeline", "shots", "boundaries", "moments", "attention"}
            ``timeline`` has one row for each measured frame, see :meth:`to_frame`; ``attention`` one for each point of
            the curve; the others one for each entry of the property of that name.

        Raises
        ------
        InvalidInputError
            For another name.
        """
        return _core.analysis_table(self._core, name)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Hand the timeline to whatever reads Arrow: ``polars.DataFrame(result)``, ``pyarrow.table(result)``."""
        return self.table().__arrow_c_stream__(requested_schema)

    def to_frame(self, table: str = "timeline") -> _pd.DataFrame:
        """Return a table of the result as a pandas DataFrame: the timeline, or another of :meth:`table`.

        Columns of the timeline: ``time`` (s), ``shot``, ``mean_energy`` (source pixels per frame interval),
        ``diagonals_per_second``, ``motion_type``, ``direction``, ``camera_energy``,
        ``subject_energy`` (NaN where unknown) and ``attention`` (0 to 1). The index is ``frame``.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError("to_frame needs pandas: pip install geminivideo[pandas]") from error

        frame = pd.DataFrame(self.table(table).columns())
        return frame.set_index("frame") if table == "timeline" else frame

    def to_parquet(self, path: str | os.PathLike[str], table: str = "timeline") -> None:
        """Write a table of the result as a Parquet file, whose metadata name the version of its columns.

        A file that is there is replaced once the new one is whole. Needs pyarrow (extra ``parquet``).
        """
        from ._parquet import write

        write(self.table(table), path)

    def plot(self, figure: Figure | None = None) -> Figure:
        """Draw the timeline of the report: shots, attention, motion, faces, text, sound over one axis.

        Parameters
        ----------
        figure : matplotlib.figure.Figure, optional
            Where to draw; a new one otherwise.

        Returns
        -------
        matplotlib.figure.Figure
            The figure; ``.savefig("ad.png")`` writes it.
        """
        from ._plot import timeline

        return timeline(self, figure)

    def report(
        self,
        path: str | os.PathLike[str],
        *,
        film: bool | None = None,
        progress: Progress = False,
        ffmpeg: str | os.PathLike[str] | None = None,
    ) -> None:
        """Write the report that a person reads: one page of HTML, complete in itself.

        It shows the timeline with pictures of the video, what to do in the order of importance, the
        hook, the call to action, the moments and the shots; each finding leads to its time.

        Parameters
        ----------
        path : str or os.PathLike
            The file to write; it is there once it is complete.
        film : bool, optional
            Whether to show pictures of the video, which is decoded once more for that. By default
            where the video is still at :attr:`path`.
        progress : bool or callable, default False
            As for :func:`analyze`.
        ffmpeg : str or os.PathLike, optional
            As for :func:`analyze`.

        Raises
        ------
        MissingFileError
            Where pictures are asked for and the video is not there.
        StorageError
            Where the file cannot be written.
        """
        with reporter(progress) as report:
            self._core.report(path, film=film, progress=report, ffmpeg=ffmpeg)

    @property
    def path(self) -> str | None:
        """The file as it was named."""
        path: str | None = self._values["path"]
        return path

    @property
    def duration(self) -> float:
        """Length in seconds, from the first frame to the end of the last."""
        return self._core.duration

    @property
    def frames(self) -> int:
        """Number of frames that were decoded."""
        frames: int = self._values["frames"]
        return frames

    @property
    def damage(self) -> int:
        """Number of damaged places that the decoder met."""
        damage: int = self._values["damage"]
        return damage

    @property
    def video(self) -> dict[str, Any]:
        """Facts of the video stream: size after rotation, rates as (numerator, denominator)."""
        video: dict[str, Any] = self._values["video"]
        return video

    @property
    def audio(self) -> dict[str, Any] | None:
        """Facts of the audio stream, where there is one."""
        audio: dict[str, Any] | None = self._values["audio"]
        return audio

    @property
    def decoder(self) -> dict[str, str]:
        """Name and version of what decoded the file."""
        decoder: dict[str, str] = self._values["decoder"]
        return decoder

    @property
    def shots(self) -> list[Shot]:
        """The shots in order; they cover every frame once."""
        return [Shot(**shot) for shot in self._values["shots"]["shots"]]

    @property
    def boundaries(self) -> list[Boundary]:
        """The boundaries between the shots, one less than there are shots."""
        return [Boundary(**boundary) for boundary in self._values["shots"]["boundaries"]]

    @property
    def motion(self) -> dict[str, Any]:
        """How much moves, when and where to: statistics, segments and every measured frame."""
        motion: dict[str, Any] = self._values["motion"]
        return motion

    @property
    def recommendations(self) -> list[MotionRecommendation]:
        """What to change about the motion, in time order, each with its reason."""
        recommendations: list[MotionRecommendation] = self._values["motion"]["recommendations"]
        return recommendations

    @property
    def moments(self) -> list[MotionMoment]:
        """The moments that stand out, in time order."""
        return [MotionMoment(**moment) for moment in self._values["moments"]]

    @property
    def attention(self) -> AttentionCurve:
        """Predicted attention over time, and the parts that add up to it."""
        attention: AttentionCurve = self._values["attention"]
        return attention

    @property
    def faces(self) -> dict[str, Any] | None:
        """The faces; ``None`` where none were looked for.

        ``presence`` in seconds, ``tracks`` through the shots, ``best_moments``, and the ``frames`` that were looked at,
        in source pixels; ``model_used`` names what looked.
        """
        faces: dict[str, Any] | None = self._values["faces"]
        return faces

    @property
    def objects(self) -> dict[str, Any] | None:
        """The objects; ``None`` where there is no model.

        ``summary`` by class, ``scene``, ``product_visibility``, ``brand_safety``, and the ``frames`` that were looked
        at; ``model_used`` names what looked.
        """
        objects: dict[str, Any] | None = self._values["objects"]
        return objects

    @property
    def text(self) -> dict[str, Any] | None:
        """The text on the screen; ``None`` where none was looked for.

        ``lines`` with the times at which they come and go, their ``region`` as shares of the picture, and the ``text``
        that was read; ``read_by`` names what read.
        """
        text: dict[str, Any] | None = self._values["text"]
        return text

    @property
    def sound(self) -> dict[str, Any] | None:
        """The sound; ``None`` where there is none or it was not listened to.

        ``onsets``, ``beats``, ``tempo``, ``bars``, ``sections``, ``drops``, ``voice``, ``voice_detector`` (what looked for
        it), ``loudness``, ``silence``, ``clipping`` and ``peaks``, times in seconds of the presentation.
        """
        sound: dict[str, Any] | None = self._values["sound"]
        return sound

    @property
    def not_analyzed(self) -> list[NotAnalyzed]:
        """What was not looked at, and why."""
        not_analyzed: list[NotAnalyzed] = self._values["not_analyzed"]
        return not_analyzed

    @property
    def _values(self) -> dict[str, Any]:
        if self._data is None:
            self._data = self._core.to_dict()
        return self._data

    def __repr__(self) -> str:
        name = os.path.basename(self.path) if self.path else "video"
        size = f"{self.video['width']}x{self.video['height']}"
        shots = counted(len(self.shots), "shot")
        moments = counted(len(self.moments), "moment")
        return f"<AnalysisResult {name}: {self.duration:.2f} s, {size}, {shots}, {moments}>"

    def _repr_html_(self) -> str:
        return self._core.fragment()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AnalysisResult) and self._core == other._core

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return (AnalysisResult.from_json, (self.to_json(),))


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def analyze(
    path: str | os.PathLike[str],
    *,
    progress: Progress = False,
    num_threads: int | None = None,
    motion_long_side: int | None = None,
    face_model: str | os.PathLike[str] | None = None,
    object_model: str | os.PathLike[str] | None = None,
    voice_model: str | os.PathLike[str] | None = None,
    device: str | None = None,
    runtime: str | None = None,
    face_detector: SupportsDetectFaces | None = None,
    object_detector: SupportsDetectObjects | None = None,
    text_reader: Callable[[npt.NDArray[np.uint8]], str | None] | None = None,
    voice_detector: VoiceDetector | None = None,
    motion_only: bool = False,
    ffmpeg: str | os.PathLike[str] | None = None,
    settings: Settings | None = None,
) -> AnalysisResult:
    """Look at a video once and say what is in it.

    The interpreter lock is released meanwhile, and Ctrl-C stops the work within a tenth of a second.

    Parameters
    ----------
    path : str or os.PathLike
        The video file.
    progress : bool or callable, default False
        ``True`` shows a bar; a callable is called with ``(done, total, stage)`` on this thread,
        ``total`` being ``None`` where the file does not tell. What it raises stops the work and is
        raised here.
    num_threads : int, optional
        Threads that look at motion, at most; the environment variable ``GV_NUM_THREADS`` otherwise, else half of
        what the process may use, since decoding wants the others. The result does not depend on it.
    motion_long_side : int, optional
        Pixels on the long side of the picture in which motion and shots are looked at, 32 to 4096;
        320 otherwise.
    face_model, object_model : str or os.PathLike, optional
        The ONNX files that look for faces and objects, as for
        :class:`~geminivideo.yolo_face_detector.YOLOFaceDetector` and
        :class:`~geminivideo.yolo_object_detector.YOLOObjectDetector`; by default the best that are there.
    voice_model : str or os.PathLike, optional
        The ONNX file of Silero's that finds voices, as for :class:`~geminivideo.precision_av_sync.SileroVoice`; the
        built-in classifier otherwise.
    device, runtime : str, optional
        What the networks run on and what runs them, as for
        :class:`~geminivideo.yolo_face_detector.YOLOFaceDetector`.
    face_detector, object_detector : optional
        What looks for faces and objects in place of these files: objects of your own with the method
        ``detect_faces`` (see :class:`~geminivideo.yolo_face_detector.SupportsDetectFaces`) or
        ``detect_objects`` (:class:`~geminivideo.yolo_object_detector.SupportsDetectObjects`).
    text_reader : callable, optional
        What reads the lines of writing that are found: a function of a line, ``uint8 (H, W)`` grey,
        that returns what it says, or ``None``. Each line is read once, on a thread of the library's
        own. By default nobody reads, and what lines say is unknown.
    voice_detector : VoiceDetector, optional
        What finds voices in place of a file: a :class:`~geminivideo.precision_av_sync.SileroVoice`, or an object of your
        own (see :class:`~geminivideo.precision_av_sync.VoiceDetector`).
    motion_only : bool, default False
        Look at motion and shots alone: no faces, objects, text or sound.
    ffmpeg : str or os.PathLike, optional
        The ffmpeg program that decodes: ``GV_FFMPEG`` otherwise, else the one on ``PATH``, else that
        of ``imageio-ffmpeg``.
    settings : Settings, optional
        Settings for this call alone, in place of :func:`geminivideo.config.current`.

    Returns
    -------
    AnalysisResult

    Raises
    ------
    MissingFileError
        Where there is no such file; it is a ``FileNotFoundError``.
    MediaError
        Where the file cannot be decoded at all. A file that is damaged in the middle is analysed as
        far as it can be decoded, and ``damage`` counts the damage.
    UnavailableError
        Where there is no ffmpeg program of version 5.1 or later.
    InvalidInputError
        Where an option is outside its range.
    Exception
        Whatever a detector or reader of yours raises, unchanged.
    """
    with reporter(progress) as report:
        core = _core.analyze(
            path,
            progress=report,
            num_threads=num_threads,
            motion_long_side=motion_long_side,
            face_model=face_model,
            object_model=object_model,
            voice_model=voice_model,
            device=device,
            runtime=runtime,
            face_detector=None if face_detector is None else face_core(face_detector),
            object_detector=None if object_detector is None else object_core(object_detector),
            text_reader=text_reader,
            voice_detector=voice_core(voice_detector),
            motion_only=motion_only,
            ffmpeg=ffmpeg,
            settings=None if settings is None else settings.pairs(),
        )
    return AnalysisResult(core)


def find_shots(
    path: str | os.PathLike[str],
    *,
    threshold: float | None = None,
    progress: Progress = False,
    ffmpeg: str | os.PathLike[str] | None = None,
) -> ShotList:
    """Find the shots of a video and nothing else, about as fast as it can be decoded.

    Parameters
    ----------
    path : str or os.PathLike
        The video file.
    threshold : float, optional
        Evidence that a boundary must have, 0 to 1; 0.5 otherwise. More finds fewer.
    progress, ffmpeg
        As for :func:`geminivideo.analyze`.

    Returns
    -------
    ShotList
        Shots and boundaries, in order. Where :func:`analyze` looks as well, the scores may differ in their last digits:
        this looks at a smaller picture.

    Raises
    ------
    InvalidInputError
        For a threshold that is not 0 to 1.
    MissingFileError, MediaError, UnavailableError
        As for :func:`geminivideo.analyze`.

    Examples
    --------
    >>> import geminivideo
    >>> for shot in geminivideo.find_shots("ad.mp4").shots:  # doctest: +SKIP
    ...     print(f"{shot.start_time:.2f} s to {shot.end_time:.2f} s")
    """
    with reporter(progress) as report:
        found = _core.find_shots(path, threshold=threshold, progress=report, ffmpeg=ffmpeg)
    shots = [Shot(**shot) for shot in found["shots"]]
    return ShotList(shots, [Boundary(**boundary) for boundary in found["boundaries"]])
