"""Objects: what is seen, what kind of scene it makes, and for how long the product shows.

No weights come with the package: :class:`YOLOObjectDetector` takes an ONNX file of ``GV_MODEL_DIR`` or of the model
cache, into which ``geminivideo models fetch yolox-nano`` puts one, or the file that is named.
"""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypedDict

from . import _core
from ._progress import Progress, reporter
from .yolo_face_detector import onnx_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    import numpy.typing as npt

__all__ = [
    "AD_RELEVANT_CATEGORIES",
    "BRAND_UNSAFE_CLASSES",
    "COCO_CLASSES",
    "BrandSafety",
    "ClassSummary",
    "ObjectDetection",
    "ObjectFrame",
    "ProductVisibility",
    "SafetySighting",
    "SceneAnalysis",
    "SceneShare",
    "SupportsDetectObjects",
    "VideoObjects",
    "YOLOObjectDetector",
]

_classes, _categories, _unsafe = _core.object_tables()

#: The 80 classes of COCO in the order of their numbers.
COCO_CLASSES: list[str] = _classes
#: Categories of an ad, and the classes that each holds.
AD_RELEVANT_CATEGORIES: dict[str, list[str]] = dict(_categories)
#: The classes that speak against a brand-safe picture.
BRAND_UNSAFE_CLASSES: list[str] = _unsafe


@dataclass
class ObjectDetection:
    """An object in a picture, in pixels; ``x`` and ``y`` are the left and upper edge of its box.

    ``confidence`` is how sure the detector is, 0 to 1, and not calibrated; ``category`` is what the class is to an ad,
    a key of :data:`AD_RELEVANT_CATEGORIES`.
    """

    class_name: str
    class_id: int
    confidence: float
    x: int
    y: int
    width: int
    height: int
    category: str

    @property
    def center(self) -> tuple[int, int]:
        """The middle of the box as (x, y)."""
        return self.x + self.width // 2, self.y + self.height // 2

    @property
    def area(self) -> int:
        """Area of the box in square pixels."""
        return self.width * self.height


class ClassSummary(TypedDict):
    """The detections of one class; ``total_area`` is in square source pixels."""

    count: int
    max_confidence: float
    total_area: float


class ObjectFrame(TypedDict):
    """A frame that was looked at; ``objects`` by the names of their classes."""

    frame: int
    timestamp: float
    objects: dict[str, ClassSummary]
    total_objects: int
    has_person: bool
    has_product: bool


class SceneShare(TypedDict):
    """A kind of scene and its part of all that is seen, 0 to 1."""

    scene_type: str
    share: float


class SafetySighting(TypedDict):
    """Something that speaks against a brand-safe picture."""

    class_name: str
    timestamp: float
    confidence: float


class BrandSafety(TypedDict):
    """Whether something of a list is seen: ``pass``, ``fail`` or ``unknown``.

    A pass says that none of ``classes`` is seen, and nothing about what is not on the list.
    """

    verdict: str
    classes: list[str]
    sightings: list[SafetySighting]


class SceneAnalysis(TypedDict):
    """What kind of scene the objects make; ``unknown`` where nothing was recognised, ``mixed`` without a clear kind."""

    primary_scene_type: str
    confidence: float
    scene_types: list[SceneShare]
    has_people: bool
    brand_safety: BrandSafety


class ProductVisibility(TypedDict):
    """How products are seen; ratios are parts of the time, the others seconds and a part of the picture."""

    product_presence_ratio: float
    visible_seconds: float
    first_appearance: float | None
    longest_seconds: float
    average_size: float
    recommendation: str


class VideoObjects(TypedDict):
    """What :meth:`YOLOObjectDetector.analyze_video_objects` returns."""

    video_path: str
    total_frames: int
    processed_frames: int
    fps: float
    duration: float
    object_summary: dict[str, ClassSummary]
    category_summary: dict[str, int]
    most_common_objects: list[tuple[str, int]]
    timeline: list[ObjectFrame]
    scene_analysis: SceneAnalysis
    product_visibility: ProductVisibility
    model_used: str


class SupportsDetectObjects(Protocol):
    """An object detector of one's own: anything with this method, such as a wrapper around another library.

    ``detect_objects(frame)`` gets a picture, ``uint8 (H, W, 3)`` in BGR order, and gives its objects in any order, each
    with ``class_name`` or ``class_id`` (of COCO), ``x``, ``y``, ``width``, ``height`` (pixels) and ``confidence`` (0 to
    1), as attributes (see :class:`ObjectDetection`) or as keys. It is called on threads of the library's own; what it
    raises ends the analysis and is raised there.
    """

    def detect_objects(self, frame: npt.NDArray[np.uint8], /) -> Iterable[Any]:
        """Find the objects of a picture."""
        ...


class YOLOObjectDetector:
    """Finds objects of the 80 COCO classes in pictures and videos.

    Pictures are ``uint8 (H, W, 3)`` arrays in BGR order, as OpenCV reads them, or ``uint8 (H, W)`` grey. Detectors
    pickle, and one may be used by many threads.

    Parameters
    ----------
    model_size : str, default "n"
        The size of YOLOv8 that is preferred where several models are there: n, s, m, l or x.
    confidence_threshold : float, default 0.4
        Least confidence, 0 to 1.
    device : str, optional
        As for :class:`~geminivideo.yolo_face_detector.YOLOFaceDetector`.
    model_path : str or os.PathLike, optional
        An ONNX file: YOLOX, YOLOv8 or YOLOv5 of the 80 COCO classes.
    runtime : str, optional
        As for :class:`~geminivideo.yolo_face_detector.YOLOFaceDetector`.

    Raises
    ------
    UnavailableError
        Where there is no model: what is in a picture is then unknown, not nothing.
    MissingFileError, ModelError, UnsupportedError, InvalidInputError
        As for :class:`geminivideo.yolo_face_detector.YOLOFaceDetector`.
    """

    def __init__(
        self,
        model_size: str = "n",
        confidence_threshold: float = 0.4,
        device: str | None = None,
        *,
        model_path: str | os.PathLike[str] | None = None,
        runtime: str | None = None,
    ) -> None:
        self.model_size = model_size
        self.confidence_threshold = confidence_threshold
        self.device = device
        self.runtime = runtime
        self.model_path = None if model_path is None else os.fspath(model_path)
        path = None if self.model_path is None else onnx_of(self.model_path)
        self._core = _core.ObjectDetector(
            model_size, confidence_threshold, path, device=device, runtime=runtime
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.model_used!r}, {self.confidence_threshold})"

    def __reduce__(self) -> tuple[object, ...]:
        again = functools.partial(type(self), model_path=self.model_path, runtime=self.runtime)
        return again, (self.model_size, self.confidence_threshold, self.device)

    @property
    def model_used(self) -> str:
        """The model's file."""
        return self._core.name

    def detect_objects(self, frame: npt.NDArray[np.uint8]) -> list[ObjectDetection]:
        """Find the objects of a picture, surest first.

        Raises
        ------
        InvalidInputError
            For an array of another type or shape, or without pixels.
        """
        return [ObjectDetection(**found) for found in self._core.detect(frame)]

    def analyze_video_objects(
        self,
        video_path: str | os.PathLike[str],
        sample_rate: int = 5,
        *,
        progress: Progress = False,
    ) -> VideoObjects:
        """Find the objects of a video, and what they say about it.

        Parameters
        ----------
        video_path : str or os.PathLike
            The video file.
        sample_rate : int, default 5
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
            found = self._core.video(video_path, sample_rate, progress=report)
        found["most_common_objects"] = [(name, count) for name, count in found["most_common_objects"]]
        return found


def object_core(detector: SupportsDetectObjects) -> _core.ObjectDetector:
    """The core's object detector of a Python one."""
    if isinstance(detector, YOLOObjectDetector):
        return detector._core
    return _core.ObjectDetector.of(detector)
