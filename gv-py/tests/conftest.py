"""Clips for the tests: made here with numpy and ffmpeg, or real ones from the shared media."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import urllib.request
import wave

import numpy as np
import pytest

RATE = 25
SIZE = (180, 320)


def ffmpeg_program():
    """The ffmpeg that makes the clips."""
    found = os.environ.get("GV_FFMPEG") or shutil.which("ffmpeg")
    if found:
        return found
    import imageio_ffmpeg

    return imageio_ffmpeg.get_ffmpeg_exe()


def write_clip(path, frames, rate=RATE, *options):
    """Writes BGR frames as a video, nearly without loss."""
    frames = iter(frames)
    first = next(frames)
    height, width = first.shape[:2]
    command = [ffmpeg_program(), "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "bgr24"]
    command += ["-s", f"{width}x{height}", "-r", str(rate), "-i", "-", "-pix_fmt", "yuv420p"]
    command += ["-b:v", "8M", *options, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as encoder:
        encoder.stdin.write(first.tobytes())
        for frame in frames:
            encoder.stdin.write(frame.tobytes())
    assert encoder.returncode == 0
    return path


def shot(seed, seconds, speed):
    """Frames of a smooth random picture that moves to the right by `speed` pixels each."""
    height, width = SIZE
    count = round(seconds * RATE)
    rng = np.random.default_rng(seed)
    wide = rng.uniform(0, 255, (height // 12 + 2, (width + int(abs(speed) * count)) // 12 + 3, 3))
    wide = np.kron(wide, np.ones((12, 12, 1))).astype(np.float32)
    for axis in (0, 1):
        wide = sum(np.roll(wide, k, axis) for k in range(-6, 7)) / 13
    for number in range(count):
        left = int(abs(speed) * (count - number))
        yield wide[12 : 12 + height, left + 6 : left + 6 + width].astype(np.uint8)


#: Lengths in seconds and speeds in pixels a frame of the shots of the clip.
SHOTS = ((1.6, 6.0), (2.0, 2.0), (2.4, 0.0), (2.0, 9.0), (2.0, 1.0))


def ad():
    for number, (seconds, speed) in enumerate(SHOTS):
        yield from shot(number, seconds, speed)


@pytest.fixture(scope="session")
def clip(tmp_path_factory):
    """Ten seconds of 320x180 at 25 frames a second: five shots, each at a speed of its own."""
    return write_clip(tmp_path_factory.mktemp("clip") / "ad.mp4", ad())


#: Rate of the sound in Hz, and the time of its first beat and the beats a minute of the ad with music.
SOUND_RATE, FIRST_BEAT, BPM = 44100, 0.4, 100.0


def drums(seconds):
    """Kick and snare in turn on the beats, hats between them, as float32 from -1 to 1."""
    rng = np.random.default_rng(5)
    sound = rng.normal(0, 1e-3, int(seconds * SOUND_RATE))
    time = np.arange(SOUND_RATE // 4) / SOUND_RATE
    kick = np.sin(2 * np.pi * 55 * time) * np.exp(-time / 0.08)
    snare = 0.5 * rng.normal(size=time.size) * np.exp(-time / 0.05)
    hat = 0.1 * rng.normal(size=time.size) * np.exp(-time / 0.02)
    beats = np.arange(FIRST_BEAT, seconds - 0.8, 60 / BPM)
    for number, beat in enumerate(beats):
        for at, stroke in ((beat, (kick, snare)[number % 2]), (beat + 30 / BPM, hat)):
            first = round(at * SOUND_RATE)
            sound[first : first + time.size] += 0.6 * stroke
    return sound.astype(np.float32), beats


def write_sound(path, sound):
    """Writes float32 samples as a 16-bit WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SOUND_RATE)
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    return path


@pytest.fixture(scope="session")
def music_ad(tmp_path_factory):
    """An ad of 24 s whose cuts fall on every fourth beat, its sound as a file, and its beats."""
    folder = tmp_path_factory.mktemp("music")
    sound, beats = drums(24)
    track = write_sound(folder / "audio.wav", sound)
    frames = np.round(beats[3::4] * RATE).astype(int)
    edges = [0, *frames, 24 * RATE]
    shots = (shot(seed, (b - a) / RATE, 1.0) for seed, (a, b) in enumerate(zip(edges, edges[1:])))
    pictures = write_clip(folder / "pictures.mp4", (frame for frames in shots for frame in frames))
    path = folder / "ad_video.mp4"
    command = [ffmpeg_program(), "-v", "error", "-i", str(pictures), "-i", str(track)]
    subprocess.run([*command, "-c:v", "copy", "-c:a", "aac", str(path)], check=True, stdin=subprocess.DEVNULL)
    return path, track, beats, frames / RATE


@pytest.fixture(scope="session")
def long_clip(tmp_path_factory, clip):
    """The clip over and over, two minutes at 1280x720."""
    path = tmp_path_factory.mktemp("long") / "long.mp4"
    command = [ffmpeg_program(), "-v", "error", "-stream_loop", "11", "-i", str(clip)]
    command += ["-vf", "scale=1280:720", "-preset", "ultrafast", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return path


@pytest.fixture(scope="session")
def cut_times():
    """When the clip's shots but the first begin, in seconds."""
    return list(np.cumsum([seconds for seconds, _ in SHOTS])[:-1])


def shared(name):
    """A real test input, `media/...` or `models/...`; without it the test is skipped, and fails where CI is true."""
    kind, _, rest = name.partition("/")
    default = pathlib.Path(__file__).parents[2] / ".." / "shared" / kind
    path = pathlib.Path(os.environ.get(f"GV_TEST_{kind.upper()}", default)) / rest
    if not path.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"there is no {path}")
        pytest.skip(f"there is no {path}")
    return path


@pytest.fixture(scope="session")
def media():
    """The folder of real test media."""
    return shared("media/")


class Loopback:
    """Runway and ElevenLabs on the loopback address: the program `loopback` of the Rust workspace."""

    def __init__(self, program, **environment):
        self.process = subprocess.Popen(
            [program], stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}
        )
        told = json.loads(self.process.stdout.readline())
        self.runway, self.elevenlabs = told["runway"], told["elevenlabs"]
        self._stats = told["stats"]

    def _read(self, path):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(self._stats + path, timeout=10) as reply:
            return json.load(reply)

    def stats(self):
        """What was paid: tasks created, the most at a time, texts spoken, characters billed."""
        return self._read("/_stats")

    def received(self, service):
        """The requests of a service so far."""
        return self._read(f"/_received?service={service}")

    def close(self):
        self.process.kill()
        self.process.communicate()


def built_example(variable, crate, example):
    """The path of a program of the Rust workspace: named by a variable, else built."""
    given = os.environ.get(variable)
    if given:
        return given
    root = pathlib.Path(__file__).parents[2]
    if shutil.which("cargo"):
        command = ["cargo", "build", "--quiet", "-p", crate, "--example", example, "--features", "testing"]
        subprocess.run(command, check=True, cwd=root)
        return str(root / "target" / "debug" / "examples" / example)
    if os.environ.get("CI") == "true":
        pytest.fail("cargo is needed to build the loopback services")
    pytest.skip("cargo is needed to build the loopback services")


@pytest.fixture(scope="session")
def loopback_program():
    """The program that plays both services; built where it is missing, skipped where it cannot be."""
    return built_example("GV_LOOPBACK", "gv-gen", "loopback")


class MetaLoopback:
    """Meta's Marketing API on the loopback address: the program `meta_loopback` of the Rust workspace."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdout=subprocess.PIPE, text=True)
        told = json.loads(self.process.stdout.readline())
        self.url, self.token, self.secret = told["url"], told["token"], told["secret"]
        self._stats = told["stats"]

    def _read(self, path):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(self._stats + path, timeout=10) as reply:
            return json.load(reply)

    def budgets(self):
        """The daily budgets in cents, by ad set or campaign."""
        return self._read("/_stats")["budgets"]

    def received(self):
        """The requests so far."""
        return self._read("/_received")

    def close(self):
        self.process.kill()
        self.process.communicate()


@pytest.fixture(scope="session")
def meta_program():
    """The program that plays Meta; built where it is missing, skipped where it cannot be."""
    return built_example("GV_META_LOOPBACK", "gv-optimize", "meta_loopback")


@pytest.fixture
def meta(meta_program, monkeypatch, tmp_path):
    """A fresh platform, and an environment in which clients find it and nothing else."""
    service = MetaLoopback(meta_program)
    monkeypatch.setenv("META_GRAPH_URL", service.url)
    monkeypatch.setenv("META_ACCESS_TOKEN", service.token)
    monkeypatch.setenv("META_APP_SECRET", service.secret)
    monkeypatch.setenv("META_AD_ACCOUNT_ID", "9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.chdir(tmp_path)
    yield service
    service.close()


@pytest.fixture
def loopback(loopback_program, monkeypatch, tmp_path):
    """Fresh services, and an environment in which clients find them and nothing else."""
    services = Loopback(loopback_program)
    monkeypatch.setenv("RUNWAY_API_URL", services.runway["url"])
    monkeypatch.setenv("RUNWAY_API_KEY", services.runway["key"])
    monkeypatch.setenv("ELEVENLABS_API_URL", services.elevenlabs["url"] + "/v1")
    monkeypatch.setenv("ELEVENLABS_API_KEY", services.elevenlabs["key"])
    monkeypatch.setenv("GV_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    yield services
    services.close()


class Postgres:
    """A server of its own on a free port of the loopback address."""

    def __init__(self, programs, folder):
        self.programs, self.folder = programs, folder
        self._user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self._user:
            shutil.chown(folder, "postgres")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "-D", str(folder / "data"))
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {folder}"
        self._control("-w", "-l", str(folder / "log"), "-o", options, "start")

    def _run(self, program, *arguments):
        command = [*self._user, str(self.programs / program), *arguments]
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)

    def _control(self, *arguments):
        self._run("pg_ctl", "-D", str(self.folder / "data"), *arguments)

    def __call__(self, name):
        """The address of a new database."""
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", name)
        return f"postgresql://postgres:s3cret@127.0.0.1:{self.port}/{name}"

    def close(self):
        self._control("-m", "immediate", "stop")


@pytest.fixture(scope="session")
def postgres():
    """Makes databases on a real server; skipped where PostgreSQL is not installed, and failed there where CI is true."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        if os.environ.get("CI") == "true":
            pytest.fail("PostgreSQL is not installed (Debian: postgresql)")
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    # Not in pytest's own folder, which only its user may enter.
    with tempfile.TemporaryDirectory(prefix="gv-postgres-") as folder:
        server = Postgres(found[-1].parent, pathlib.Path(folder))
        yield server
        server.close()
