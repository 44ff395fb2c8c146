"""What is heard, beside librosa on the same sounds: onsets, beats and tempo scored by mir_eval, and the time it takes.

Sounds with exact truth are made here (strokes and grooves, seeded); loops whose tempo their length gives come from the test
media. librosa runs with its defaults, warm. Where the package silero-vad is, its network finds voices as well.
"""

from __future__ import annotations

import importlib.util
import json
import os
import pathlib
import warnings

import librosa
import mir_eval
import numpy as np
from benchlib import cpu, in_turn, row, say

from geminivideo.precision_av_sync import PrecisionAVSync

ROOT = pathlib.Path(__file__).resolve().parents[2]
MEDIA = pathlib.Path(os.environ.get("GV_TEST_MEDIA", ROOT / ".." / "shared" / "media"))
RATE = 22050


def stroke(kind, level, rng):
    time = np.arange(int(0.5 * RATE)) / RATE
    noise = rng.normal(size=time.size)

    def shape(attack, decay):
        return np.minimum(1, time / attack) * np.exp(-time / decay)

    if kind == "kick":
        return level * np.sin(2 * np.pi * 55 * time) * shape(0.002, 0.12)
    if kind == "snare":
        return level * (0.5 * noise + 0.4 * np.sin(2 * np.pi * 190 * time)) * shape(0.001, 0.08)
    if kind == "hat":
        return level * 0.5 * np.diff(noise, prepend=0) * shape(0.0005, 0.03)
    tone = sum(np.sin(2 * np.pi * 220 * k * time) / k for k in range(1, 8))
    return level * 0.5 * tone * shape(0.001, 0.12)


def add(sound, what, at):
    first = round(at * RATE)
    part = sound[first : first + what.size]
    part += what[: part.size]


def reverberant(sound, rng, seconds=1.0, level=0.3):
    tail = rng.normal(size=int(seconds * RATE)) * 10 ** (-3 * np.linspace(0, 1, int(seconds * RATE)))
    size = sound.size + tail.size
    wet = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(tail / np.linalg.norm(tail), size), size)
    return sound + level * wet[: sound.size]


def strokes():
    """Sounds of strokes at random times and levels over 20 dB, dry and in a room, with those times."""
    rng = np.random.default_rng(7)
    for kind in ("kick", "snare", "hat", "pluck"):
        for room in (False, True):
            sound, times, at = rng.normal(0, 1e-4, 20 * RATE), [], 0.5
            while at < 19:
                times.append(at)
                add(sound, stroke(kind, 10 ** rng.uniform(-1.3, -0.3), rng), at)
                at += rng.uniform(0.15, 0.7)
            yield f"{kind}{' in a room' if room else ''}", reverberant(sound, rng) if room else sound, times


def groove(bpm_at, seconds=40, swing=0.0, half=False, meter=4):
    rng = np.random.default_rng(11)
    sound, beats, at = rng.normal(0, 1e-3, seconds * RATE), [], 0.3
    while at < seconds - 0.6:
        period, place = 60 / bpm_at(at), len(beats) % meter
        if half:
            kind = {0: "kick", 2: "snare"}.get(place)
        else:
            kind = "kick" if place == 0 or (meter == 4 and place == 2) else "snare"
        if kind:
            add(sound, stroke(kind, 0.5, rng), at)
        add(sound, stroke("hat", 0.2, rng), at)
        add(sound, stroke("hat", 0.15, rng), at + period * (0.5 + swing / 6))
        if place == 0:
            hold = np.arange(int(meter * period * RATE)) / RATE
            root = (65.4, 55.0, 43.7, 49.0)[len(beats) // meter % 4]
            add(sound, 0.06 * sum(np.sin(2 * np.pi * root * k * hold) for k in (1, 4, 5)), at)
        beats.append(at)
        at += period
    return sound, beats


def grooves():
    """Grooves with their beats and beats a minute; ``None`` where the tempo changes."""
    for bpm in (72, 90, 104, 120, 128, 140, 168):
        yield f"straight {bpm}", *groove(lambda _, bpm=bpm: bpm), bpm
    for bpm in (80, 110, 140):
        yield f"swing {bpm}", *groove(lambda _, bpm=bpm: bpm, swing=1.0), bpm
    for bpm in (120, 140, 150):
        yield f"half-time {bpm}", *groove(lambda _, bpm=bpm: bpm, half=True), bpm
    for bpm in (90, 150):
        yield f"waltz {bpm}", *groove(lambda _, bpm=bpm: bpm, meter=3), bpm
    yield "96, then 126", *groove(lambda at: 96 if at < 20 else 126), None
    yield "100 to 120", *groove(lambda at: 100 + at / 2), None


def loops():
    """The loops of known tempo, repeated to at least 20 s."""
    folder = MEDIA / "audio" / "sonicpi_cc0"
    truth = json.loads((folder / "tempo_gt.json").read_text("utf-8"))["loops"]
    for name, known in truth.items():
        if (folder / f"{name}.flac").is_file():
            sound, _ = librosa.load(folder / f"{name}.flac", sr=RATE)
            yield name, np.tile(sound, int(np.ceil(20 * RATE / sound.size))), known["bpm"]


def recordings():
    """Recordings by whether somebody speaks in them; music without a singer, and people who read."""
    folder = MEDIA / "audio" / "librosa_data"
    for pattern, speaks in (("Hungarian*", False), ("Kevin*", False), ("sorohanro*", False), ("[0-9]*", True)):
        for file in sorted(folder.glob(f"{pattern}.ogg")):
            yield file, speaks


def silero():
    """What finds voices with Silero's network; ``None`` where its package is not installed."""
    package = importlib.util.find_spec("silero_vad")
    if package is None:
        return None
    file = pathlib.Path(package.submodule_search_locations[0], "data", "silero_vad.onnx")
    return PrecisionAVSync(sr=RATE, voice_model=file)


def voiced(listener, file):
    """The share of a file in which voices are heard, in percent."""
    heard = listener.listen(file)
    share = 100 * sum(voice["end"] - voice["start"] for voice in heard["voice"]) / heard["duration"]
    say(f"voices, {file.stem}, {heard['voice_detector']}: {share:.0f} % of the time")
    return share


def scored(found, truth, window):
    found, truth = np.asarray(found), np.asarray(truth)
    value = mir_eval.onset.f_measure(truth, found, window=window)[0] if found.size else 0.0
    pairs = mir_eval.util.match_events(truth, found, 0.05) if found.size else []
    offsets = [found[b] - truth[a] for a, b in pairs]
    return value, 1000 * float(np.median(offsets)) if offsets else float("nan")


def rhythm(sound):
    """What librosa does of it."""
    librosa.onset.onset_detect(y=sound, sr=RATE)
    librosa.beat.beat_track(y=sound, sr=RATE)


def as_floats(sound):
    return np.asarray(sound, np.float32)


def main():
    warnings.simplefilter("ignore")
    sync = PrecisionAVSync(sr=RATE)
    ours, theirs = [], []
    for name, sound, times in strokes():
        sound = as_floats(sound)
        mine = scored([onset["time"] for onset in sync.listen(sound)["onsets"]], times, 0.025)
        peer = scored(librosa.onset.onset_detect(y=sound, sr=RATE, units="time"), times, 0.025)
        ours.append(mine)
        theirs.append(peer)
        say(f"onsets, {name}: F {mine[0]:.3f}, {mine[1]:+.1f} ms; librosa {peer[0]:.3f}, {peer[1]:+.1f} ms")
    row("onsets of strokes, F at 25 ms", [f for f, _ in ours], "librosa", [f for f, _ in theirs], "")
    row("onsets of strokes, median offset", [o for _, o in ours], "librosa", [o for _, o in theirs], "ms")

    ours, theirs, right, peer_right, known = [], [], 0, 0, 0
    for name, sound, beats, bpm in grooves():
        sound = as_floats(sound)
        heard = sync.listen(sound)
        tempo, peer_beats = librosa.beat.beat_track(y=sound, sr=RATE, units="time")
        truth = mir_eval.beat.trim_beats(np.asarray(beats))
        score = [
            mir_eval.beat.f_measure(truth, mir_eval.beat.trim_beats(np.asarray(found, float)))
            for found in ([beat["time"] for beat in heard["beats"]], peer_beats)
        ]
        ours.append(score[0])
        theirs.append(score[1])
        mine = heard["tempo"]["bpm"] if heard["tempo"] else 0.0
        peer = float(np.atleast_1d(tempo)[0])
        if bpm:
            known += 1
            right += abs(mine / bpm - 1) < 0.02
            peer_right += abs(peer / bpm - 1) < 0.02
        say(f"beats, {name}: F {score[0]:.3f} at {mine:.1f}; librosa {score[1]:.3f} at {peer:.1f}")
    row("beats of grooves, F at 70 ms", ours, "librosa", theirs, "")
    row(f"grooves of {known} with the right tempo within 2 %", [right], "librosa", [peer_right], "")

    right = peer_right = known = 0
    for name, sound, bpm in loops():
        tempo = sync.listen(as_floats(sound))["tempo"]
        mine = tempo["bpm"] if tempo else 0.0
        peer = float(np.atleast_1d(librosa.beat.beat_track(y=sound, sr=RATE)[0])[0])
        known += 1
        right += abs(mine / bpm - 1) < 0.02
        peer_right += abs(peer / bpm - 1) < 0.02
        say(f"tempo, {name}: {mine:.1f} of {bpm}; librosa {peer:.1f}")
    if known:
        row(f"loops of {known} with the right tempo within 2 %", [right], "librosa", [peer_right], "")

    network = silero()
    for speaks, what in ((False, "voices in music without a singer"), (True, "voices of people who read aloud")):
        files = [file for file, speaker in recordings() if speaker == speaks]
        own = [voiced(sync, file) for file in files]
        others = [voiced(network, file) for file in files] if network else []
        if own and others:
            row(f"{what}, share of the time", own, "Silero's network", others, "%")

    sound = as_floats(groove(lambda _: 117, seconds=60)[0])
    mine, peers = in_turn(ours=lambda: sync.listen(sound), peer=lambda: rhythm(sound))
    row("60 s of sound, all that is heard", mine, "librosa, onsets and beats alone", peers)
    mine, peers = in_turn(ours=lambda: sync.listen(sound), peer=lambda: rhythm(sound), clock=cpu)
    row("the same, processor time", mine, "librosa, onsets and beats alone", peers)
    for file, speaks in recordings():
        if speaks:
            speech, _ = librosa.load(file, sr=RATE)
            speech = np.resize(speech, 60 * RATE)
            ours = in_turn(ours=lambda: sync.listen(speech), peer=lambda: rhythm(speech), clock=cpu)
            row("60 s of speech, processor time", ours[0], "librosa, onsets and beats alone", ours[1])
            break


if __name__ == "__main__":
    main()
