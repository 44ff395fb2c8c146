"""ElevenLabs from Python, against the service on the loopback address."""

from __future__ import annotations

import asyncio
import logging

import pytest

from awaiting import run_awaiting
from geminivideo.elevenlabs_voice import (
    VOICE_PRESETS,
    ElevenLabsClient,
    MockElevenLabsClient,
    VoiceOverRequest,
    VoiceSettings,
    VoiceStyle,
    get_elevenlabs_client,
)
from geminivideo.errors import PlatformError

MP3 = b"\xff\xfb\x90\xc0" + bytes(413)


def test_the_specifications_example_runs_as_written(loopback, tmp_path):
    for name in ("sample1.mp3", "sample2.mp3"):
        (tmp_path / name).write_bytes(MP3)
    told = run_awaiting("elevenlabs_voice", tmp_path)
    assert "Voice cloned: clonedvoice000000001" in told
    assert "Estimated cost: $0.0021" in told
    assert loopback.stats()["spoken"] == 2
    assert (tmp_path / "voiceover.mp3").stat().st_size > 10_000


def test_a_voice_over_is_measured_and_its_captions_follow(loopback):
    client = ElevenLabsClient()
    request = VoiceOverRequest("Stop scrolling! Look at this.", "josh", timestamps=True)
    result = asyncio.run(client.generate_voiceover(request))
    assert result.error is None
    assert (result.characters_used, result.billed_characters) == (29, 15)
    assert abs(result.duration_seconds - 29 / 15) < 0.03
    assert [word["word"] for word in result.words] == ["Stop", "scrolling!", "Look", "at", "this."]
    assert result.words[-1]["end"] <= result.duration_seconds
    assert result.srt.startswith("1\n00:00:00,000 --> 00:00:01,000\nStop scrolling!")
    assert result.vtt.startswith("WEBVTT\n")
    assert result.audio_url.startswith("file://")
    assert client.generate_voiceover_sync(request).cached


def test_voices_clones_languages_and_streams(loopback, caplog):
    client = ElevenLabsClient()
    assert len(client.get_available_voices_sync()) == 230
    assert asyncio.run(client.get_available_voices())[0]["name"] == "Voice 0"
    assert client.clone_voice_sync("Brand #retry", [MP3], "d") == "clonedvoice000000001"
    with caplog.at_level(logging.ERROR):
        assert asyncio.run(client.clone_voice("Brand", [b"no sound"])) is None
    assert "MP3, WAV" in caplog.text
    spoken = client.generate_multilingual_sync("Guten Tag.", "bella", "de")
    assert (spoken.error, spoken.model_used) == (None, "eleven_flash_v2_5")
    assert "uk, vi, zh" in client.generate_multilingual_sync("x", "bella", "xx").error
    assert client.generate_ad_voiceover_sync("Now!", "calm_female").error is None
    assert "calm_male" in client.generate_ad_voiceover_sync("Now!", "angry").error

    async def heard():
        return [piece async for piece in client.stream_voiceover(VoiceOverRequest("A longer text to hear.", "adam"))]

    pieces = asyncio.run(heard())
    assert len(pieces) > 1
    with pytest.raises(PlatformError, match="used up"):
        list(client.stream_voiceover_sync(VoiceOverRequest("x #fail=quota", "adam")))


@pytest.mark.parametrize(
    ("request_", "rule"),
    [
        (VoiceOverRequest("", "adam"), "a text"),
        (VoiceOverRequest("x" * 200_000, "adam"), "100000"),
        (VoiceOverRequest("x", "nobody"), "20 letters and digits"),
        (VoiceOverRequest("x", "adam", output_format="flac"), "mp3_44100_128"),
        (VoiceOverRequest("x", "adam", settings=VoiceSettings(stability=1.5)), "stability"),
        (VoiceOverRequest("x", "adam", settings=VoiceSettings(speed=3.0)), "0.7 to 1.2"),
        (VoiceOverRequest("x", "adam", language="xx"), "language"),
    ],
)
def test_a_text_that_breaks_a_rule_is_not_sent(loopback, request_, rule):
    result = ElevenLabsClient().generate_voiceover_sync(request_)
    assert rule in result.error
    assert (result.audio_data, loopback.received("elevenlabs")) == (b"", [])


@pytest.mark.parametrize("style", VoiceStyle)
def test_every_style_has_settings_of_its_own(style):
    settings = VoiceSettings.for_style(style)
    assert 0 <= settings.stability <= 1
    others = [VoiceSettings.for_style(other) for other in VoiceStyle if other is not style]
    assert settings not in others

def test_a_missing_key_fails_and_says_so(loopback, monkeypatch):
    monkeypatch.delenv("ELEVENLABS_API_KEY")
    request = VoiceOverRequest("x", VOICE_PRESETS["adam"])
    assert "ELEVENLABS_API_KEY" in get_elevenlabs_client().generate_voiceover_sync(request).error


def test_the_mock_client_answers_and_fails_as_told():
    voice = MockElevenLabsClient(failures=["out of order"])
    assert "out of order" in voice.generate_voiceover_sync(VoiceOverRequest("x", "adam")).error
    assert voice.generate_voiceover_sync(VoiceOverRequest("x", "adam")).duration_seconds > 0
    assert {v["name"] for v in asyncio.run(voice.get_available_voices())} == set(VOICE_PRESETS)
