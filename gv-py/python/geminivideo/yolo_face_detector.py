"""Faces: where they are, for how long, and at which moments they are seen best.

The detector is the best that is there: a face model of ``GV_MODEL_DIR`` or of the model cache (YuNet, YOLOv8-face,
UltraFace), else a cascade that is built in and needs no file. ``model_used`` says which one ran. ``geminivideo models``
lists and fetches models; weights of YOLO are not among them, for their licence (AGPL): export your own to ONNX and name
the file.
"""

from __future__ import annotations

import functools
import os
import pathlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypedDict

from . import _core, config
from ._progress import Progress, reporter
from .errors import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    import numpy.typing as npt

__all__ = [
    "BestFaceMoment",
    "FaceDetection",
    "FaceEntry",
    "FaceFrame",
    "Streak",
    "SupportsDetectFaces",
    "VideoFaces",
    "YOLOFaceDetector",
]


@dataclass
class FaceDetection:
    """A face in a picture, in pixels.

    Attributes
    ----------
    x, y, width, height : int
        The box; ``x`` and ``y`` are its left and upper edge.
    confidence : float
        How sure the detector is, 0 to 1; not calibrated.
    landmarks : dict, optional
        ``left_eye``, ``right_eye``, ``nose``, ``mouth_left``, ``mouth_right`` as (x, y), left and right being the
        picture's; ``None`` where the detector gives none.
    emotion : str, optional
        The likeliest emotion, where the detector has an ``emotion_model``; ``None`` is unknown, not neutral.
    age_estimate : int, optional
        The expected age in years, where the detector has an ``age_model``.
    """

    x: int
    y: int
    width: int
    height: int
    confidence: float
    landmarks: dict[str, tuple[int, int]] | None = None
    emotion: str | None = None
    age_estimate: int | None = None

    @property
    def center(self) -> tuple[int, int]:
        """The middle of the box as (x, y)."""
        return self.x + self.width // 2, self.y + self.height // 2

    @property
    def area(self) -> int:
        """Area of the box in square pixels."""
        return self.width * self.height


class FaceEntry(TypedDict):
    """A face of a frame; ``bbox`` is x, y, width and height in source pixels."""

    bbox: list[int]
    confidence: float
    area: int


class FaceFrame(TypedDict):
    """A frame that was looked at."""

    frame: int
    timestamp: float
    face_count: int
    faces: list[FaceEntry]
    has_face: bool


class Streak(TypedDict):
    """A stretch of time with a face in every frame that was looked at, in seconds."""

    start_time: float
    end_time: float


class VideoFaces(TypedDict):
    """What :meth:`YOLOFaceDetector.detect_faces_video` returns.

    ``face_presence_ratio`` is a part of the time, ``average_faces_per_frame`` a mean over it: a frame that was looked
    at stands for the time until the next one, so that neither changes with `sample_rate` beyond its resolution.
    ``first_face_time``, ``longest_streak`` and ``streaks`` are in seconds.
    """

    video_path: str
    total_frames: int
    processed_frames: int
    fps: float
    duration: float
    sample_rate: int
    frames_with_faces: int
    face_presence_ratio: float
    average_faces_per_frame: float
    total_face_detections: int
    timeline: list[FaceFrame]
    model_used: str
    first_face_time: float | None
    longest_streak: float | None
    streaks: list[Streak]


class BestFaceMoment(TypedDict):
    """A moment at which a face is seen well; ``parts`` add up to ``score``, 0 to 1."""

    timestamp: float
    frame: int
    face_count: int
    score: float
    recommendation: str
    parts: dict[str, float]


class SupportsDetectFaces(Protocol):
    """A face detector of one's own: anything with this method, such as a wrapper around another library.

    ``detect_faces(frame)`` gets a picture, ``uint8 (H, W, 3)`` in BGR order, and gives its faces in any order, each with
    ``x``, ``y``, ``width``, ``height`` (pixels), ``confidence`` (0 to 1) and perhaps ``landmarks``, as attributes (see
    :class:`FaceDetection`) or as keys. It is called on threads of the library's own; what it raises ends the analysis
    and is raised there.
    """

    def detect_faces(self, frame: npt.NDArray[np.uint8], /) -> Iterable[Any]:
        """Find the faces of a picture."""
        ...


class YOLOFaceDetector:
    """Finds faces in pictures and videos.

    Pictures are ``uint8 (H, W, 3)`` arrays in BGR order, as OpenCV reads them, or ``uint8 (H, W)`` grey. Detectors
    pickle, and one may be used by many threads.

    Parameters
    ----------
    model_path : str or os.PathLike, optional
        An ONNX file: YuNet, UltraFace, YOLOv8-face, or YOLOv8 of COCO (whose persons stand for faces at the place of
        their heads). Which it is, is found from its outputs. The name of a PyTorch file (``.pt``) stands for the ONNX
        file of the same name beside it or in ``GV_MODEL_DIR``. By default the best detector that is there.
    confidence_threshold : float, default 0.5
        Least confidence, 0 to 1; by default that of :mod:`geminivideo.config`.
    device : str, optional
        ``"cpu"``, or ``"cuda"`` (``"cuda:1"`` for the second card), which only ONNX Runtime can use. ``None`` is the
        processor.
    runtime : str, optional
        What runs the network: ``"tract"``, built in and the default, or ``"onnxruntime"``, the library of the
        ``onnxruntime`` or ``onnxruntime-gpu`` package (or the one that ``ORT_DYLIB_PATH`` names), which is faster on
        large networks. With ``device="cuda"`` it need not be named.
    emotion_model : str or os.PathLike, optional
        An ONNX file of yours that tells emotions: its input is a picture of a face, ``[1, 1 or 3, height, width]``, its
        output one score an emotion, ``[1, n]``.
    emotion_labels : sequence of str, optional
        What the scores are called; by default the labels of FER+ for eight scores and of FER2013 for seven.
    age_model : str or os.PathLike, optional
        An ONNX file of yours that tells ages from such a picture: the years, ``[1, 1]``, scores of the ages from 0 on,
        ``[1, n]`` for n of 90 or more, or of the eight groups of Adience, ``[1, 8]``.
    attribute_values : (float, float), default (0, 255)
        What black and white are in the inputs of these two.

    Raises
    ------
    MissingFileError
        Where a model file is not there.
    ModelError
        For a file that is no such model; the message lists its outputs.
    UnsupportedError
        For a PyTorch file without an ONNX file of its name.
    UnavailableError
        Where ONNX Runtime is asked for and is not installed, is older than 1.17, or cannot use the card.
    InvalidInputError
        For a threshold out of range, another device or runtime, and labels that are not as many as the scores.

    Examples
    --------
    >>> import numpy as np
    >>> from geminivideo.yolo_face_detector import YOLOFaceDetector
    >>> YOLOFaceDetector().detect_faces(np.zeros((90, 160, 3), np.uint8))
    []
    """

    #: The model that pipelines name; its ONNX export is taken where it is there.
    DEFAULT_MODEL = "yolov8n-face.pt"
    #: The model of persons that pipelines fall back to; taken only where it is named.
    FALLBACK_MODEL = "yolov8n.pt"

    def __init__(
        self,
        model_path: str | os.PathLike[str] | None = None,
        confidence_threshold: float = config.FACE_DETECTION_CONFIDENCE,
        device: str | None = None,
        *,
        runtime: str | None = None,
        emotion_model: str | os.PathLike[str] | None = None,
        emotion_labels: Sequence[str] | None = None,
        age_model: str | os.PathLike[str] | None = None,
        attribute_values: tuple[float, float] = (0.0, 255.0),
    ) -> None:
        self.model_path = None if model_path is None else os.fspath(model_path)
        least = config.given_or("face_detection_confidence", confidence_threshold)
        self.confidence_threshold = least
        self.device = device
        self.runtime = runtime
        model = "best" if self.model_path is None else onnx_of(self.model_path)
        self._attributes: dict[str, Any] = {
            "emotion_model": None if emotion_model is None else os.fspath(emotion_model),
            "emotion_labels": None if emotion_labels is None else list(emotion_labels),
            "age_model": None if age_model is None else os.fspath(age_model),
            "attribute_values": tuple(attribute_values),
        }
        self._core = _core.FaceDetector(
            model, least, device=device, runtime=runtime, **self._attributes
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.model_used!r}, {self.confidence_threshold})"

    def __reduce__(self) -> tuple[object, ...]:
        given = self.model_path, self.confidence_threshold, self.device
        return functools.partial(type(self), runtime=self.runtime, **self._attributes), given

    @property
    def model_used(self) -> str:
        """What looks for faces: the model's file, or the built-in cascade."""
        return self._core.name

    def detect_faces(self, frame: npt.NDArray[np.uint8]) -> list[FaceDetection]:
        """Find the faces of a picture, surest first.

        Raises
        ------
        InvalidInputError
            For an array of another type or shape, or without pixels.
        """
        return [_detection(face) for face in self._core.detect(frame)]

    def detect_faces_video(
        self,
        video_path: str | os.PathLike[str],
        sample_rate: int = 1,
        *,
        progress: Progress = False,
    ) -> VideoFaces:
        """Find the faces of a video.

        Parameters
        ----------
        video_path : str or os.PathLike
            The video file.
        sample_rate : int, default 1
            Every so many frames one is looked at.
        progress : bool or callable, default False
            ``True`` shows a bar; a callable is called with ``(done, total, stage)``.

        Raises
        ------
        MissingFileError, MediaError, UnavailableError
            As for :func:`geminivideo.analyze`.
        InvalidInputError
            For a sample rate below 1.
        """
        with reporter(progress) as report:
            return self._core.video(video_path, sample_rate, progress=report)

    def find_best_face_moments(
        self, video_path: str | os.PathLike[str], top_n: int = 5, *, progress: Progress = False
    ) -> list[BestFaceMoment]:
        """Find the moments at which the largest face is seen best, best first, half a second apart at least.

        Size, sharpness, confidence, whether it looks at the camera (where the detector gives landmarks) and place
        make up the score; their weights are priors.

        Raises
        ------
        MissingFileError, MediaError, UnavailableError
            As for :func:`geminivideo.analyze`.
        InvalidInputError
            For a negative number of moments.
        """
        with reporter(progress) as report:
            return self._core.best_moments(video_path, top_n, progress=report)


def _detection(face: dict[str, Any]) -> FaceDetection:
    places = face.pop("landmarks")
    landmarks = places and {name: (x, y) for name, (x, y) in places.items()}
    return FaceDetection(**face, landmarks=landmarks)


def onnx_of(model: str) -> str:
    """Find the ONNX file that a model's name stands for."""
    path = pathlib.Path(model)
    if path.suffix != ".pt":
        return model
    folders = [path.parent, pathlib.Path(os.environ.get("GV_MODEL_DIR") or path.parent)]
    for folder in folders:
        export = folder / f"{path.stem}.onnx"
        if export.is_file():
            return str(export)
    raise UnsupportedError(
        f"{model} is a PyTorch file; export it to ONNX (yolo export model={path.name} format=onnx opset=12) "
        f"and keep {path.stem}.onnx beside it or in GV_MODEL_DIR"
    )


def face_core(detector: SupportsDetectFaces) -> _core.FaceDetector:
    """The core's face detector of a Python one."""
    if isinstance(detector, YOLOFaceDetector):
        return detector._core
    return _core.FaceDetector.of(detector)
