"""Our requests against those of the official Python clients: method, target, headers, body."""

from __future__ import annotations

import json
import re

import pytest

from geminivideo.elevenlabs_voice import ElevenLabsClient, VoiceOverRequest, VoiceSettings
from geminivideo.runway_gen3 import GenerationRequest, RunwayGen3Client

runwayml = pytest.importorskip("runwayml")
elevenlabs = pytest.importorskip("elevenlabs")
httpx = pytest.importorskip("httpx")

pytestmark = pytest.mark.filterwarnings("ignore")

HEADERS = {
    "runway": ("authorization", "x-runway-version", "content-type", "accept"),
    "elevenlabs": ("xi-api-key", "content-type"),
}
VOICE = "abcdefghij0123456789"
MP3 = b"\xff\xfb\x90\xc0" + bytes(413)


def seen(loopback, service):
    """What matters of each request; a form's boundary is named alike."""
    told = []
    for request in loopback.received(service):
        headers = {name.lower(): value for name, value in request["headers"]}
        body, kind = request["body"], headers.get("content-type", "")
        found = re.search(r"boundary=(\S+)", kind)
        if found:
            body = body.replace(found.group(1), "BOUNDARY")
            headers["content-type"] = kind.replace(found.group(1), "BOUNDARY")
        kept = {name: headers.get(name) for name in HEADERS[service]}
        told.append((request["method"], request["target"], kept, body))
    return told


def pairs(loopback, service, official, ours):
    """The requests of both clients, made one after the other."""
    official()
    theirs = seen(loopback, service)
    ours()
    return theirs, seen(loopback, service)[len(theirs) :]


def keys(body):
    """JSON as pairs in their order, so that the order of keys is compared too."""
    return json.loads(body, object_pairs_hook=lambda pairs: pairs)


@pytest.fixture
def official_runway(loopback):
    service = loopback.runway
    with runwayml.RunwayML(base_url=service["url"], api_key=service["key"], max_retries=0) as client:
        yield client


@pytest.fixture
def official_voice(loopback):
    service = loopback.elevenlabs
    with httpx.Client() as transport:
        yield elevenlabs.ElevenLabs(
            base_url=service["url"], api_key=service["key"], httpx_client=transport
        )


IMAGE = "https://example.com/a.jpg"
CREATIONS = [
    dict(model="gen4.5", ratio="720:1280", duration=5, promptText="a café – 日本", seed=42),
    dict(model="gen4.5", ratio="1280:720", duration=10, promptText='quotes " \\ / <b>'),
    dict(model="gen4_turbo", ratio="1584:672", duration=2, promptImage=IMAGE, promptText="x", seed=0),
    dict(model="gen4_turbo", ratio="960:960", duration=5, promptImage=IMAGE),
]
SHAPES = {"720:1280": "9:16", "1280:720": "16:9", "1584:672": "21:9", "960:960": "1:1"}
SNAKE = {"promptText": "prompt_text", "promptImage": "prompt_image"}


@pytest.mark.parametrize("fields", CREATIONS, ids=lambda fields: f"{fields['model']}-{fields['ratio']}")
def test_creating_a_video(loopback, official_runway, fields):
    given = {SNAKE.get(name, name): value for name, value in fields.items()}
    endpoint = official_runway.image_to_video if "promptImage" in fields else official_runway.text_to_video
    request = GenerationRequest(
        fields.get("promptText", ""),
        model=fields["model"],
        duration=fields["duration"],
        aspect_ratio=SHAPES[fields["ratio"]],
        seed=fields.get("seed"),
        image_url=fields.get("promptImage"),
    )
    client = RunwayGen3Client(poll_interval=0.01, download=False)
    theirs, ours = pairs(
        loopback, "runway", lambda: endpoint.create(**given), lambda: client.generate_video_sync(request)
    )
    assert ours[0] == theirs[0]
    assert keys(ours[0][3]) == keys(theirs[0][3])


def test_looking_at_and_deleting_a_task(loopback, official_runway):
    client = RunwayGen3Client(poll_interval=0.01, download=False)
    made = client.generate_video_sync(GenerationRequest("a cup #running=0"))

    def official():
        official_runway.tasks.retrieve(made.task_id)
        official_runway.tasks.delete(made.task_id)

    before = len(seen(loopback, "runway"))
    look = seen(loopback, "runway")[-1]
    official()
    client.cancel_sync(made.task_id)
    theirs_look, theirs_delete, ours_delete = seen(loopback, "runway")[before:]
    assert look == theirs_look
    assert ours_delete[:2] == theirs_delete[:2]
    for name in ("authorization", "x-runway-version", "accept"):
        assert ours_delete[2][name] == theirs_delete[2][name]


def test_uploading_a_picture(loopback, official_runway, tmp_path):
    picture = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x02\x80" + bytes(4 << 20)
    path = tmp_path / "a.png"
    path.write_bytes(picture)
    client = RunwayGen3Client(poll_interval=0.01, download=False)
    request = GenerationRequest("x", model="gen4_turbo", image_url=path)
    theirs, ours = pairs(
        loopback,
        "runway",
        lambda: official_runway.uploads.create_ephemeral(file=("a.png", picture, "image/png")),
        lambda: client.generate_video_sync(request),
    )
    (sign, send), (our_sign, our_send) = theirs[:2], ours[:2]
    assert our_sign[:3] == sign[:3]
    assert [key for key, _ in keys(our_sign[3])] == [key for key, _ in keys(sign[3])]
    assert our_send[:2] == send[:2]
    assert our_send[2]["authorization"] is None and send[2]["authorization"] is None
    parts = r'Content-Disposition: form-data; name="(\w[\w-]*)"'
    assert re.findall(parts, our_send[3]) == re.findall(parts, send[3])


def test_speaking(loopback, official_voice):
    settings = dict(stability=0.5, similarity_boost=0.75, style=0.5, use_speaker_boost=True, speed=1.1)
    client = ElevenLabsClient()

    def official():
        list(
            official_voice.text_to_speech.convert(
                VOICE,
                text="Héllo – 日",
                model_id="eleven_turbo_v2",
                output_format="mp3_44100_128",
                voice_settings=elevenlabs.VoiceSettings(**settings),
                seed=7,
            )
        )
        official_voice.text_to_speech.convert_with_timestamps(
            VOICE, text="hi", model_id="eleven_flash_v2_5", output_format="pcm_16000", language_code="de"
        )
        list(
            official_voice.text_to_speech.stream(
                VOICE, text="hi there", model_id="eleven_turbo_v2", output_format="mp3_44100_128"
            )
        )

    def ours():
        spoken = client.generate_voiceover_sync(
            VoiceOverRequest("Héllo – 日", VOICE, settings=VoiceSettings(**settings), seed=7)
        )
        assert spoken.error is None
        timed = VoiceOverRequest(
            "hi", VOICE, "eleven_flash_v2_5", output_format="pcm_16000", language="de", timestamps=True
        )
        assert client.generate_voiceover_sync(timed).error is None
        list(client.stream_voiceover_sync(VoiceOverRequest("hi there", VOICE)))

    theirs, made = pairs(loopback, "elevenlabs", official, ours)
    assert len(made) == len(theirs) == 3
    for mine, other in zip(made, theirs):
        assert mine == other
        assert keys(mine[3]) == keys(other[3])


def test_listing_voices_and_cloning(loopback, official_voice):
    client = ElevenLabsClient()

    def official():
        official_voice.voices.search(page_size=100)
        official_voice.voices.ivc.create(
            name="Brand", files=[("sample1.mp3", MP3, "audio/mpeg")], description="a voice", labels={}
        )

    def ours():
        client.get_available_voices_sync()
        client.clone_voice_sync("Brand", [MP3], "a voice")

    theirs, made = pairs(loopback, "elevenlabs", official, ours)
    assert made[0][:2] == theirs[0][:2]
    clone, other = made[-1], theirs[-1]
    assert clone[:3] == other[:3]

    def parts(body):
        return {
            re.search(r'name="(\w+)"', part).group(1): part for part in body.split("--BOUNDARY") if "name=" in part
        }

    mine, their = parts(clone[3]), parts(other[3])
    assert mine.keys() == their.keys() - {"labels"}
    for name in mine:
        assert mine[name] == their[name]
