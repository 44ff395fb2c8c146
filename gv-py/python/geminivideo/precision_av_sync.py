"""Whether what is seen falls on what is heard.

Cuts, motion and faces that appear are matched with beats, onsets, voices and drops, one with one. Dense music has a peak
near every cut, so that each figure comes with what chance gives: as many cuts placed at random. Times are presentation
times in seconds.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypedDict, Union

from . import _core, config
from ._progress import Progress, reporter
from .errors import InvalidInputError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = [
    "SYNC_TOLERANCE",
    "AudioPeak",
    "Bars",
    "Beat",
    "BassDrop",
    "ChanceSync",
    "CutAdjustment",
    "DecoderName",
    "Listening",
    "Loudness",
    "Onset",
    "PeakEntry",
    "PrecisionAVSync",
    "RecutPlan",
    "Section",
    "SileroVoice",
    "Stretch",
    "SyncOffset",
    "SyncPoint",
    "SyncQuality",
    "Tempo",
    "TempoCandidate",
    "VisualPeak",
    "VoiceDetector",
    "VoiceStretch",
    "onset_strength",
]

#: Seconds within which an audio and a visual peak are in sync.
SYNC_TOLERANCE = 0.1


@dataclass
class AudioPeak:
    """A moment that a cut can fall on.

    Attributes
    ----------
    timestamp : float
        In seconds: where the energy begins to rise.
    energy : float
        Root mean square of the 46 ms that follow, as a share of the loudest such stretch.
    peak_type : str
        ``beat``, ``onset``, ``vocal`` or ``drop``; a moment that is several is reported once.
    """

    timestamp: float
    energy: float
    peak_type: str


@dataclass
class VisualPeak:
    """A moment that stands out in the picture.

    Attributes
    ----------
    timestamp : float
        In seconds.
    motion_energy : float
        Motion in source pixels per frame interval: of the peak itself for motion, else of the quarter second after.
    peak_type : str
        ``cut``, ``transition`` (a dissolve or fade), ``face_appear`` or ``motion``.
    """

    timestamp: float
    motion_energy: float
    peak_type: str


@dataclass
class SyncPoint:
    """A visual peak and the audio peak that goes with it.

    Attributes
    ----------
    audio_peak : AudioPeak
    visual_peak : VisualPeak
    offset : float
        Seconds by which the picture is later than the sound; negative where it is earlier.
    is_synced : bool
        Whether the offset is within the tolerance.
    sync_score : float
        1 for no offset, 0.5 at the tolerance, 0 from twice the tolerance on.
    """

    audio_peak: AudioPeak
    visual_peak: VisualPeak
    offset: float
    is_synced: bool
    sync_score: float


class CutAdjustment(TypedDict):
    """A shift: seconds (negative for ``earlier``), and frames where the rate is known.

    ``priority`` is ``high`` for a cut that comes onto a beat or drop, ``medium`` for one that comes onto a voice or an
    onset, ``low`` for a face or motion.
    """

    current_visual_time: float
    target_audio_time: float
    adjustment_needed: float
    direction: str
    priority: str
    frames: int | None


class RecutPlan(TypedDict):
    """The fewest shifts that bring what can be brought into sync, and the mean score before and after.

    ``kept`` counts the points out of sync that stay so: a shift would cross another cut, leave a shot too short, or
    break speech.
    """

    adjustments: list[CutAdjustment]
    score_before: float
    score_after: float
    kept: int


class ChanceSync(TypedDict):
    """Sync beside that of as many visual peaks placed at random.

    ``corrected`` is 0 for chance and 1 for all in sync; ``chance_interval`` holds 95 % of random placements;
    ``p_value`` is the share of random placements that are as much in sync.
    """

    visual_peaks: int
    audio_peaks: int
    synced: int
    percentage: float
    chance_percentage: float
    corrected: float | None
    chance_interval: list[float] | None
    p_value: float


class SyncOffset(TypedDict):
    """By how many seconds the picture is late throughout, with its standard error.

    ``drift`` is in seconds a second, ``None`` where the offset is constant as far as can be told.
    """

    seconds: float
    uncertainty: float
    pairs: int
    drift: float | None
    drift_uncertainty: float


class SyncQuality(TypedDict):
    """What :meth:`PrecisionAVSync.analyze_sync_quality` returns.

    ``sync_percentage`` is the share of the visual peaks that have an audio peak of their own within the tolerance;
    ``average_offset_seconds`` the mean size of the offsets of the points found. Both are 0 where there is nothing to
    compare. ``all_peaks`` holds them against chance, ``cuts_on_beats`` cuts against beats and drops; None where there are
    no beats or no cuts.
    """

    total_audio_peaks: int
    total_visual_peaks: int
    sync_points_found: int
    synced_within_tolerance: int
    sync_percentage: float
    average_offset_seconds: float
    average_sync_score: float
    tolerance_used: float
    recommendation: str
    all_peaks: ChanceSync | None
    cuts_on_beats: ChanceSync | None
    offset: SyncOffset | None
    recut: RecutPlan


class DecoderName(TypedDict):
    """What decoded a file."""

    name: str
    version: str


class Onset(TypedDict):
    """The beginning of a sound; strength as a share of the strongest."""

    time: float
    strength: float


class Beat(TypedDict):
    """A beat; strength as a share of the strongest rise, 0 where nothing is struck."""

    time: float
    strength: float


class TempoCandidate(TypedDict):
    """A tempo that may be meant; all strengths together are 1."""

    bpm: float
    strength: float


class Tempo(TypedDict):
    """The tempo, its alternatives (half, double), and how sure it is."""

    bpm: float
    confidence: float
    steady: bool
    candidates: list[TempoCandidate]


class Bars(TypedDict):
    """The bars of the beats."""

    beats_per_bar: int
    downbeats: list[float]
    confidence: float


class Section(TypedDict):
    """A stretch that sounds alike; ``level`` in dBFS, ``name`` shared by stretches that sound alike."""

    start: float
    end: float
    name: str
    level: float
    contrast: float | None


class BassDrop(TypedDict):
    """A moment at which the bass comes in and stays; rises in dB."""

    time: float
    bass_rise: float
    rise: float


class VoiceStretch(TypedDict):
    """A stretch in which somebody speaks or sings."""

    start: float
    end: float
    confidence: float


class Loudness(TypedDict):
    """Loudness after EBU R128: LUFS, LU for the range, dBTP and dBFS for the peaks.

    ``None`` where nothing is loud enough. ``momentary`` holds a value for each tenth of a second.
    """

    integrated: float | None
    range: float | None
    true_peak: float | None
    sample_peak: float | None
    momentary_max: float | None
    short_term_max: float | None
    momentary: list[float]


class Stretch(TypedDict):
    """A stretch of time."""

    start: float
    end: float


class PeakEntry(TypedDict):
    """The fields of an :class:`AudioPeak`."""

    timestamp: float
    energy: float
    peak_type: str


class Listening(TypedDict):
    """What :meth:`PrecisionAVSync.listen` returns; times in seconds of the presentation.

    ``tempo`` and ``bars`` are ``None`` where there is no rhythm, or no beat of the bar stands out. ``voice_detector`` is
    ``built-in``, or the name of what was given to find voices.
    """

    start: float
    duration: float
    rate: int
    channels: int
    decoder: DecoderName | None
    onsets: list[Onset]
    beats: list[Beat]
    tempo: Tempo | None
    bars: Bars | None
    sections: list[Section]
    drops: list[BassDrop]
    voice: list[VoiceStretch] | None
    voice_detector: str | None
    loudness: Loudness | None
    silence: list[Stretch]
    clipping: list[Stretch]
    clipped_samples: int
    bad_samples: int
    damage: int
    peaks: list[PeakEntry]


class VoiceDetector(Protocol):
    """Says how likely somebody speaks, frame by frame, in place of the built-in classifier; :class:`SileroVoice` is one."""

    @property
    def rate(self) -> int:
        """The rate in Hz at which it wants sound."""
        ...

    @property
    def frame(self) -> int:
        """Samples of a frame."""
        ...

    def scores(self, samples: npt.NDArray[np.float32]) -> Sequence[float] | npt.NDArray[np.float32]:
        """Return one probability from 0 to 1 for each whole frame of mono sound within -1 to 1.

        Whatever is kept from frame to frame begins anew at each call. What this raises is raised unchanged.
        """
        ...


class SileroVoice:
    """Silero's network, which tells speech from all else in windows of 32 ms.

    Parameters
    ----------
    path : str or os.PathLike
        An ONNX file of version 5 or later, such as ``silero_vad.onnx`` out of the package ``silero-vad``.
    threshold : float, default 0.5
        The probability at which a voice begins; it ends 0.15 below.
    device, runtime : str, optional
        What the network runs on and what runs it, as for
        :class:`~geminivideo.yolo_face_detector.YOLOFaceDetector`.

    Raises
    ------
    MissingFileError, ModelError
        Where there is no such file, or it is none of Silero's that is understood.
    UnavailableError
        Where the runtime is not there.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        threshold: float = 0.5,
        *,
        device: str | None = None,
        runtime: str | None = None,
    ) -> None:
        self._arguments = (os.fspath(path), threshold, device, runtime)
        self._network = _core.Silero(path, threshold, device=device, runtime=runtime)

    def __repr__(self) -> str:
        path, threshold, _, _ = self._arguments
        return f"SileroVoice({path!r}, threshold={threshold})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _silero, self._arguments

    @property
    def name(self) -> str:
        """The name of the file."""
        return self._network.name

    @property
    def rate(self) -> int:
        """The rate in Hz at which it wants sound."""
        return self._network.rate

    @property
    def frame(self) -> int:
        """Samples of a frame."""
        return self._network.frame

    def scores(self, samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Return the probability of speech in each whole frame of mono sound."""
        return self._network.scores(samples)


def _silero(path: str, threshold: float, device: str | None, runtime: str | None) -> SileroVoice:
    return SileroVoice(path, threshold, device=device, runtime=runtime)


def voice_core(given: VoiceDetector | None) -> VoiceDetector | _core.Silero | None:
    """What the library takes for a detector: Silero's network runs without a way through Python."""
    return given._network if isinstance(given, SileroVoice) else given


def _audio(peaks: Iterable[AudioPeak]) -> list[tuple[float, float, str]]:
    return [(peak.timestamp, peak.energy, peak.peak_type) for peak in peaks]


def _visual(peaks: Iterable[VisualPeak]) -> list[tuple[float, float, str]]:
    return [(peak.timestamp, peak.motion_energy, peak.peak_type) for peak in peaks]


def _point(plain: dict[str, Any]) -> SyncPoint:
    audio, visual = plain.pop("audio_peak"), plain.pop("visual_peak")
    return SyncPoint(AudioPeak(**audio), VisualPeak(**visual), **plain)


def onset_strength(samples: npt.NDArray[np.float32], sr: int = 22050) -> npt.NDArray[np.float32]:
    """The mean rise of mono sound over 128 mel bands, one value for each 512 samples.

    Equals ``librosa.onset.onset_strength`` with its defaults, for comparison with what was measured by it; what this
    module finds is measured otherwise, since that curve is about 30 ms late.
    """
    return _core.onset_strength(samples, sr)


class PrecisionAVSync:
    """Finds what is heard and what is seen, and holds the one against the other.

    Parameters
    ----------
    sr : int, default 22050
        The rate in Hz at which sound is analysed, 8000 to 192000.
    voice_detector : VoiceDetector, optional
        What finds voices; the built-in classifier where it is not given.
    voice_model : str or os.PathLike, optional
        A file of Silero's that finds voices: ``voice_detector=SileroVoice(voice_model)``.

    Raises
    ------
    InvalidInputError
        Where both are given.
    MissingFileError, ModelError
        As for :class:`SileroVoice`.
    """

    #: Seconds that picture and sound may be apart and still match; that of :mod:`geminivideo.config` where it is set.
    TOLERANCE = SYNC_TOLERANCE

    def __init__(
        self,
        sr: int = 22050,
        *,
        voice_detector: VoiceDetector | None = None,
        voice_model: str | os.PathLike[str] | None = None,
    ) -> None:
        if voice_model is not None:
            if voice_detector is not None:
                raise InvalidInputError("voice_detector and voice_model are both given, allowed is one")
            voice_detector = SileroVoice(voice_model)
        self.sr = sr
        self.voice_detector = voice_detector
        self.TOLERANCE = config.chosen("sync_tolerance", self.TOLERANCE)

    def listen(
        self,
        audio: Union[str, os.PathLike[str], npt.NDArray[np.float32]],
        *,
        rate: int | None = None,
        progress: Progress = False,
    ) -> Listening:
        """Hear all there is: onsets, beats, tempo, bars, sections, drops, voices, loudness.

        Parameters
        ----------
        audio : str, os.PathLike or numpy.ndarray
            A file with sound, a video's included, or float32 mono samples, of which 1.0 is full scale.
        rate : int, optional
            The rate of the samples in Hz; the analysis' own where it is not given.

        Raises
        ------
        MissingFileError, MediaError, UnavailableError, UnsupportedError
            Where the file cannot be decoded, or has no sound.
        InvalidInputError
            For a rate out of its range.
        """
        if isinstance(audio, (str, os.PathLike)):
            with reporter(progress) as report:
                return _core.listen(
                    audio, self.sr, progress=report, voice_detector=voice_core(self.voice_detector)
                )
        given = self.sr if rate is None else rate
        return _core.listen_samples(audio, given, self.sr, voice_detector=voice_core(self.voice_detector))

    def extract_audio_peaks(self, audio_path: str | os.PathLike[str]) -> list[AudioPeak]:
        """Find beats, onsets, voices and drops of a file with sound, in order of time.

        Silence and noise have no beats. Raises as :meth:`listen`.
        """
        return [AudioPeak(**peak) for peak in self.listen(audio_path)["peaks"]]

    def extract_visual_peaks(
        self, video_path: str | os.PathLike[str], *, progress: Progress = False
    ) -> list[VisualPeak]:
        """Find cuts, transitions, motion and faces that appear, in order of time.

        Raises
        ------
        MissingFileError, MediaError, UnavailableError
            As for :func:`geminivideo.analyze`.
        """
        with reporter(progress) as report:
            return [VisualPeak(**peak) for peak in _core.visual_peaks(video_path, progress=report)]

    def find_sync_points(
        self, audio_peaks: Iterable[AudioPeak], visual_peaks: Iterable[VisualPeak]
    ) -> list[SyncPoint]:
        """Match visual with audio peaks, one with one.

        As many pairs as possible are within the tolerance, at the smallest sum of offsets; what is left over is matched
        up to half a second apart, and is not in sync. Peaks may come in any order.

        Raises
        ------
        InvalidInputError
            For a time that is not finite, or an unknown type of peak.
        """
        points = _core.sync_points(_audio(audio_peaks), _visual(visual_peaks), self.TOLERANCE)
        return [_point(plain) for plain in points]

    def analyze_sync_quality(
        self,
        video_path: str | os.PathLike[str],
        audio_path: str | os.PathLike[str] | None = None,
        *,
        progress: Progress = False,
    ) -> SyncQuality:
        """Judge the sync of a video with its own sound, or with that of another file.

        Raises
        ------
        MissingFileError, MediaError, UnavailableError, UnsupportedError
            Where a file cannot be decoded; a video without sound of its own, where no other is given, is unsupported.
        """
        with reporter(progress) as report:
            return _core.sync_quality(
                video_path,
                video_path if audio_path is None else audio_path,
                self.sr,
                self.TOLERANCE,
                progress=report,
                voice_detector=voice_core(self.voice_detector),
            )

    def suggest_cut_adjustments(
        self,
        sync_points: Iterable[SyncPoint],
        *,
        frame_rate: float | None = None,
        speech: Iterable[tuple[float, float]] = (),
    ) -> list[CutAdjustment]:
        """Suggest shifts of the points that are out of sync, smallest first.

        No shift crosses another point or leaves less than 0.2 s between two; points in sync stay where they are.

        Parameters
        ----------
        sync_points : iterable of SyncPoint
            What :meth:`find_sync_points` returned.
        frame_rate : float, optional
            Frames a second; shifts are then whole frames.
        speech : iterable of (float, float), optional
            Where somebody speaks; no cut is moved into it or out of it.

        Raises
        ------
        InvalidInputError
            For a time that is not finite, or a rate that is not above 0.
        """
        points = list(sync_points)
        pairs = list(
            zip(_audio(p.audio_peak for p in points), _visual(p.visual_peak for p in points))
        )
        stretches = [(float(start), float(end)) for start, end in speech]
        return _core.cut_adjustments(pairs, self.TOLERANCE, frame_rate, stretches)["adjustments"]
