"""Sync of picture and sound, from Python."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from conforming import check, check_fields
from conftest import BPM, SOUND_RATE, drums, write_sound
from geminivideo.errors import InvalidInputError, MissingFileError, ModelError, UnsupportedError
from geminivideo.precision_av_sync import (
    SYNC_TOLERANCE,
    AudioPeak,
    CutAdjustment,
    Listening,
    PrecisionAVSync,
    SyncQuality,
    VisualPeak,
    onset_strength,
)


@pytest.fixture(scope="module")
def quality(music_ad):
    return PrecisionAVSync().analyze_sync_quality(music_ad[0])


def test_beats_are_heard_where_they_are(music_ad):
    _, track, beats, _ = music_ad
    peaks = PrecisionAVSync().extract_audio_peaks(track)
    for peak in peaks:
        check_fields(peak)
        assert 0 <= peak.energy <= 1
    assert [peak.timestamp for peak in peaks] == sorted(peak.timestamp for peak in peaks)
    found = np.array([peak.timestamp for peak in peaks if peak.peak_type == "beat"])
    assert abs(found[:, None] - beats[None]).min(axis=0).max() < 0.005
    assert {"beat", "onset"} <= {peak.peak_type for peak in peaks}
    assert pickle.loads(pickle.dumps(peaks)) == peaks


def test_all_that_is_heard_has_its_declared_type(music_ad):
    heard = PrecisionAVSync().listen(music_ad[1])
    check(heard, Listening)
    assert abs(heard["tempo"]["bpm"] - BPM) < 0.2 and heard["tempo"]["steady"]
    assert heard["decoder"]["name"] == "symphonia"
    assert -40 < heard["loudness"]["integrated"] < -5


def test_samples_are_heard_as_a_file_is(music_ad):
    sound, _ = drums(24)
    heard = PrecisionAVSync().listen(sound, rate=SOUND_RATE)
    check(heard, Listening)
    assert abs(heard["tempo"]["bpm"] - BPM) < 0.2
    with pytest.raises(TypeError):
        PrecisionAVSync().listen(sound.astype(np.float64))


def test_cuts_are_seen_where_they_are(music_ad):
    peaks = PrecisionAVSync().extract_visual_peaks(music_ad[0])
    for peak in peaks:
        check_fields(peak)
    assert [peak.timestamp for peak in peaks if peak.peak_type == "cut"] == pytest.approx(music_ad[3])


def test_an_ad_cut_on_its_beats_is_in_sync(quality, music_ad):
    check(quality, SyncQuality)
    cuts = quality["cuts_on_beats"]
    assert cuts["synced"] == cuts["visual_peaks"] == len(music_ad[3])
    assert cuts["corrected"] > 0.9 and cuts["p_value"] < 0.01
    assert abs(quality["offset"]["seconds"]) < 0.02
    assert quality["recommendation"].startswith("keep the cuts")
    assert quality["tolerance_used"] == SYNC_TOLERANCE


def test_sound_that_is_late_is_measured(music_ad, tmp_path):
    sound, _ = drums(24)
    late = write_sound(tmp_path / "late.wav", np.concatenate([np.zeros(SOUND_RATE // 8, np.float32), sound]))
    quality = PrecisionAVSync().analyze_sync_quality(music_ad[0], late)
    assert quality["offset"]["seconds"] == pytest.approx(-0.125, abs=0.02)
    assert "earlier" in quality["recommendation"]


def test_points_and_shifts():
    sync = PrecisionAVSync()
    beats = [AudioPeak(float(time), 0.5, "beat") for time in (3, 1, 2)]
    cuts = [VisualPeak(time, 1.0, "cut") for time in (1.02, 2.32, 9.0)]
    points = sync.find_sync_points(beats, cuts)
    for point in points:
        check_fields(point)
    assert [(p.audio_peak.timestamp, p.is_synced) for p in points] == [(1.0, True), (2.0, False)]
    shifts = sync.suggest_cut_adjustments(points, frame_rate=25)
    check(shifts, list[CutAdjustment])
    assert [shift["frames"] for shift in shifts] == [-8] and shifts[0]["direction"] == "earlier"
    assert sync.suggest_cut_adjustments(points, speech=[(1.5, 2.2)]) == []
    assert sync.find_sync_points([], []) == [] and sync.suggest_cut_adjustments([]) == []


def test_onset_strength_is_that_of_librosa():
    librosa = pytest.importorskip("librosa")
    sound = drums(5)[0][::2].copy()
    ours, theirs = onset_strength(sound, 22050), librosa.onset.onset_strength(y=sound, sr=22050)
    np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-3 * theirs.max())


def test_what_cannot_be_is_refused(clip, tmp_path):
    sync = PrecisionAVSync()
    with pytest.raises(MissingFileError):
        sync.extract_audio_peaks(tmp_path / "none.wav")
    with pytest.raises(UnsupportedError):
        sync.analyze_sync_quality(clip)
    with pytest.raises(InvalidInputError, match="allowed is drop, beat, vocal, onset"):
        sync.find_sync_points([AudioPeak(1.0, 1.0, "boom")], [])
    with pytest.raises(InvalidInputError):
        sync.find_sync_points([AudioPeak(float("nan"), 1.0, "beat")], [])
    with pytest.raises(InvalidInputError, match="rate"):
        PrecisionAVSync(sr=10).listen(np.zeros(10, np.float32))


def test_silence_and_noise_have_no_beats():
    rng = np.random.default_rng(1)
    for sound in (np.zeros(220500), 0.1 * rng.normal(size=220500), np.zeros(0)):
        heard = PrecisionAVSync().listen(sound.astype(np.float32))
        assert heard["beats"] == [] and heard["tempo"] is None


class Loud:
    """Says that there is a voice wherever it is loud."""

    rate, frame = 16000, 512

    def scores(self, samples):
        frames = samples[: samples.size // 512 * 512].reshape(-1, 512)
        return (abs(frames).max(axis=1) > 0.05).astype(np.float32)


def test_a_detector_of_voices_decides():
    sound = np.zeros(6 * 22050, np.float32)
    sound[2 * 22050 : 4 * 22050] = 0.3 * np.sin(0.06 * np.arange(2 * 22050))
    voices = PrecisionAVSync(voice_detector=Loud()).listen(sound)["voice"]
    assert [(voice["start"], voice["end"]) for voice in voices] == [
        (pytest.approx(2, abs=0.04), pytest.approx(4, abs=0.04))
    ]
    assert PrecisionAVSync().listen(sound)["voice"] == []


def test_what_a_detector_of_voices_raises_is_raised():
    class Broken(Loud):
        def scores(self, samples):
            raise LookupError("no network")

    class Short(Loud):
        def scores(self, samples):
            return [0.5]

    sound = np.full(22050, 0.1, np.float32) * np.sin(np.arange(22050, dtype=np.float32))
    with pytest.raises(LookupError, match="no network"):
        PrecisionAVSync(voice_detector=Broken()).listen(sound)
    with pytest.raises(ModelError, match="Short failed: 1 scores for 31 frames"):
        PrecisionAVSync(voice_detector=Short()).listen(sound)
