"""Sync of picture and sound, from Python."""

from __future__ import annotations

import importlib.util
import os
import pathlib
import pickle

import numpy as np
import pytest

from conforming import check, check_fields
from conftest import BPM, SOUND_RATE, drums, shared, write_sound
import geminivideo
from geminivideo.errors import InvalidInputError, MissingFileError, ModelError, UnsupportedError
from geminivideo.precision_av_sync import (
    SYNC_TOLERANCE,
    AudioPeak,
    CutAdjustment,
    Listening,
    PrecisionAVSync,
    SileroVoice,
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


def test_what_a_detector_of_voices_raises_is_raised(music_ad):
    class Broken(Loud):
        def scores(self, samples):
            raise LookupError("no network")

    class Short(Loud):
        def scores(self, samples):
            return [0.5]

    sound = np.full(22050, 0.1, np.float32) * np.sin(np.arange(22050, dtype=np.float32))
    with pytest.raises(LookupError, match="no network"):
        PrecisionAVSync(voice_detector=Broken()).listen(sound)
    with pytest.raises(LookupError, match="no network"):
        geminivideo.analyze(music_ad[0], voice_detector=Broken())
    assert geminivideo.analyze(music_ad[0], voice_detector=Loud()).sound["voice_detector"] == "Loud"
    with pytest.raises(ModelError, match="Short gave 1 scores for 31 frames"):
        PrecisionAVSync(voice_detector=Short()).listen(sound)


@pytest.fixture(scope="module")
def silero():
    """A file of Silero's; without its package the test is skipped, and fails where CI is true."""
    package = importlib.util.find_spec("silero_vad")
    if package is None:
        assert os.environ.get("CI") != "true", "the package silero-vad is missing"
        pytest.skip("there is no package silero-vad")
    return pathlib.Path(package.submodule_search_locations[0], "data", "silero_vad.onnx")


def test_silero_hears_what_onnx_runtime_hears(silero):
    onnxruntime = pytest.importorskip("onnxruntime")
    time = np.arange(4 * 16000) / 16000
    pitch = np.cumsum(140 + 60 * np.sin(3 * time)) / 16000
    sound = ((pitch % 1 - 0.5) * np.sin(9 * time).clip(0)).astype(np.float32)
    voice = SileroVoice(silero)
    assert (voice.name, voice.rate, voice.frame) == ("silero_vad.onnx", 16000, 512)
    scores = voice.scores(sound)
    session = onnxruntime.InferenceSession(str(silero))
    state, before, peer = np.zeros((2, 1, 128), np.float32), np.zeros(64, np.float32), []
    for window in sound[: sound.size // 512 * 512].reshape(-1, 512):
        given = {"input": np.concatenate([before, window])[None], "state": state, "sr": np.array(16000)}
        score, state = session.run(None, given)
        before = window[-64:]
        peer.append(score.item())
    np.testing.assert_allclose(scores, peer, atol=1e-3)
    assert scores.max() - scores.min() > 0.1
    again = pickle.loads(pickle.dumps(voice))
    np.testing.assert_array_equal(again.scores(sound), scores)


def test_silero_finds_the_voices(silero, music_ad):
    speech = shared("media/audio/speech/pyannote_sample.wav")
    heard = PrecisionAVSync(voice_model=silero).listen(speech)
    check(heard, Listening)
    assert heard["voice_detector"] == "silero_vad.onnx"
    assert 15 < sum(voice["end"] - voice["start"] for voice in heard["voice"]) < 28
    strict = PrecisionAVSync(voice_detector=SileroVoice(silero, threshold=0.9)).listen(speech)
    assert sum(voice["end"] - voice["start"] for voice in strict["voice"]) < 28
    assert PrecisionAVSync().listen(music_ad[1])["voice_detector"] == "built-in"
    seen = geminivideo.analyze(music_ad[0], voice_model=silero)
    assert seen.sound["voice_detector"] == "silero_vad.onnx" and seen.sound["voice"] == []


def test_what_is_no_model_of_voices_is_refused(tmp_path, silero, music_ad):
    with pytest.raises(MissingFileError):
        SileroVoice(tmp_path / "none.onnx")
    text = tmp_path / "text.onnx"
    text.write_text("no model")
    with pytest.raises(ModelError):
        PrecisionAVSync(voice_model=text)
    with pytest.raises(ModelError):
        geminivideo.analyze(music_ad[0], voice_model=text)
    with pytest.raises(InvalidInputError, match="allowed is one"):
        PrecisionAVSync(voice_detector=Loud(), voice_model=silero)
    with pytest.raises(InvalidInputError, match="runtime"):
        SileroVoice(silero, runtime="torch")
