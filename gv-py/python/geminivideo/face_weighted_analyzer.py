"""Motion weighed by faces: what moves in a face counts 3.2 times what moves elsewhere.

The weight is the specification's figure, a prior and not a measurement of ours. Energies are in **source pixels per
frame interval at the video's nominal rate**, as in :mod:`geminivideo.motion_energy`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from . import _core, config
from ._progress import Progress, reporter
from .errors import UnavailableError
from .yolo_face_detector import SupportsDetectFaces, face_core

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = [
    "FACE_WEIGHT",
    "FaceRegion",
    "FaceWeightedAnalyzer",
    "FrameAnalysis",
    "PeakFaceMoment",
    "VideoFaceMotion",
]

#: What motion in a face counts for; a prior.
FACE_WEIGHT = 3.2


@dataclass
class FaceRegion:
    """A face in pixels and how much moves in it.

    ``motion_energy`` is the mean inside of the box, ``weighted_energy`` the same times the weight of faces. Both are 0
    for a face of a single picture, in which nothing can move.
    """

    x: int
    y: int
    width: int
    height: int
    confidence: float
    motion_energy: float
    weighted_energy: float


@dataclass
class FrameAnalysis:
    """How much moves between two frames, in faces and elsewhere.

    ``total_weighted_motion`` is ``face_ratio * face_motion + (1 - face_ratio) * background_motion``, so that a weight
    of 1 gives the plain mean motion.

    Attributes
    ----------
    frame_idx : int
        Number of the frame that the motion leads to.
    timestamp : float
        Its time in seconds.
    faces : list of FaceRegion
        The faces of that frame.
    background_motion : float
        Mean energy outside of all faces.
    face_motion : float
        Mean energy inside of the faces times their weight; 0 without a face.
    total_weighted_motion : float
        Energy of the whole picture, that of faces weighed.
    face_ratio : float
        Part of the picture that faces cover, 0 to 1.
    """

    frame_idx: int
    timestamp: float
    faces: list[FaceRegion]
    background_motion: float
    face_motion: float
    total_weighted_motion: float
    face_ratio: float


class PeakFaceMoment(TypedDict):
    """A moment at which faces and their motion draw the eye most."""

    timestamp: float
    frame: int
    weighted_motion: float
    face_count: int
    face_ratio: float


class VideoFaceMotion(TypedDict):
    """What :meth:`FaceWeightedAnalyzer.analyze_video` returns.

    Totals are added up over the pairs of frames that lie in one shot; the ratio is infinite where only faces move and 0
    where nothing does.
    """

    total_frames: int
    fps: float
    duration: float
    total_face_motion_weighted: float
    total_background_motion: float
    face_to_background_ratio: float
    average_face_coverage: float
    face_weight_applied: float
    peak_face_moments: list[PeakFaceMoment]
    model_used: str


class FaceWeightedAnalyzer:
    """Weighs the motion of frame pairs and of videos by faces.

    Frames are ``uint8 (H, W, 3)`` arrays in BGR order, as OpenCV reads them, or ``uint8 (H, W)`` grey.

    Parameters
    ----------
    use_yolo : bool, default False
        ``False`` looks for faces with the built-in cascade, ``True`` with a face model of ``GV_MODEL_DIR`` or of the
        model cache.
    face_weight : float, default 3.2
        What motion in a face counts for; 1 gives plain motion.
    face_detector : SupportsDetectFaces, optional
        What looks for faces in place of both: a :class:`~geminivideo.yolo_face_detector.YOLOFaceDetector`, or an object
        of your own with its method ``detect_faces``.

    Raises
    ------
    UnavailableError
        For ``use_yolo=True`` where there is no face model; the cascade never runs under its name.
    """

    #: What motion in a face counts for by default.
    FACE_WEIGHT = FACE_WEIGHT

    def __init__(
        self,
        use_yolo: bool = False,
        *,
        face_weight: float = FACE_WEIGHT,
        face_detector: SupportsDetectFaces | None = None,
    ) -> None:
        self.use_yolo = use_yolo
        self.face_weight = face_weight
        self.face_detector = face_detector
        if face_detector is not None:
            self._core = face_core(face_detector)
            return
        self._core = _core.FaceDetector(
            "best" if use_yolo else "built in", config.chosen("face_detection_confidence", 0.5)
        )
        if use_yolo and self._core.name.endswith("(built in)"):
            raise UnavailableError(
                "no face model is there: put an ONNX file into GV_MODEL_DIR, or `geminivideo models fetch yunet`; "
                "use_yolo=False looks with the built-in cascade"
            )

    def __repr__(self) -> str:
        return f"{type(self).__name__}(use_yolo={self.use_yolo}, face_weight={self.face_weight})"

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuilt, (type(self), self.use_yolo, self.face_weight, self.face_detector)

    def detect_faces(self, frame: npt.NDArray[np.uint8]) -> list[FaceRegion]:
        """Find the faces of a picture, surest first; their energies are 0.

        Raises
        ------
        InvalidInputError
            For an array of another type or shape, or without pixels.
        """
        return [
            FaceRegion(
                x=face["x"],
                y=face["y"],
                width=face["width"],
                height=face["height"],
                confidence=face["confidence"],
                motion_energy=0.0,
                weighted_energy=0.0,
            )
            for face in self._core.detect(frame)
        ]

    def calculate_weighted_motion(
        self,
        frame1: npt.NDArray[np.uint8],
        frame2: npt.NDArray[np.uint8],
        *,
        frame_idx: int = 1,
        fps: float = 30.0,
    ) -> FrameAnalysis:
        """Weigh the motion from one frame to the next by the faces of the second.

        `frame_idx` is the number of the second frame and `fps` the rate of the video; the timestamp is
        ``frame_idx / fps``, for frames given as arrays bring no time stamp of their own.

        Raises
        ------
        InvalidInputError
            For arrays of another type or shape, and for frames of different size.
        """
        found = _core.weighted_motion(
            self._core, frame1, frame2, self.face_weight, frame_idx, fps
        )
        faces = [
            FaceRegion(**{key: face[key] for key in FaceRegion.__dataclass_fields__})
            for face in found.pop("faces")
        ]
        return FrameAnalysis(faces=faces, **found)

    def analyze_video(
        self, video_path: str | os.PathLike[str], *, top_n: int = 5, progress: Progress = False
    ) -> VideoFaceMotion:
        """Weigh the motion of a video by its faces.

        Faces are looked for five times a second and move straight in between. What differs across a cut is no motion.

        Parameters
        ----------
        video_path : str or os.PathLike
            The video file.
        top_n : int, default 5
            Peak moments at most, best first, half a second apart at least.
        progress : bool or callable, default False
            ``True`` shows a bar; a callable is called with ``(done, total, stage)``.

        Raises
        ------
        MissingFileError, MediaError, UnavailableError
            As for :func:`geminivideo.analyze`.
        """
        with reporter(progress) as report:
            return _core.video_face_motion(
                self._core, video_path, self.face_weight, top_n, progress=report
            )


def _rebuilt(
    cls: type[FaceWeightedAnalyzer],
    use_yolo: bool,
    face_weight: float,
    face_detector: SupportsDetectFaces | None,
) -> FaceWeightedAnalyzer:
    return cls(use_yolo, face_weight=face_weight, face_detector=face_detector)
