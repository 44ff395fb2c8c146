"""Timelines, read back by the real OpenTimelineIO."""

from __future__ import annotations

import xml.etree.ElementTree
from fractions import Fraction

import pytest
from conftest import ad, write_clip

import geminivideo

otio = pytest.importorskip("opentimelineio")


@pytest.fixture(scope="module", params=["25", "30000/1001"])
def result(request, tmp_path_factory):
    return geminivideo.analyze(write_clip(tmp_path_factory.mktemp("cut") / "the ad.mp4", ad(), request.param))


def rate_of(result):
    numerator, denominator = result.video["nominal_rate"]
    return numerator / denominator


def frames_of_shots(result):
    rate = rate_of(result)
    return [(round(shot.start_time * rate), round(shot.end_time * rate)) for shot in result.shots]


def ranges(clips):
    found = []
    for clip in clips:
        start = clip.source_range.start_time
        found.append((round(start.value), round(start.value + clip.source_range.duration.value)))
    return found


def test_opentimelineio_reads_every_shot_to_the_frame(result):
    timeline = otio.adapters.read_from_string(result.to_otio(), "otio_json")
    clips = list(timeline.find_clips())
    assert ranges(clips) == frames_of_shots(result)
    assert clips[0].source_range.start_time.rate == pytest.approx(rate_of(result), rel=1e-12)
    assert clips[0].media_reference.target_url.endswith("the ad.mp4")
    assert timeline.duration().value == result.frames
    markers = [marker for clip in clips for marker in clip.markers]
    hooks = [marker for marker in markers if marker.name == "hook"]
    (moment,) = [moment for moment in result.moments if moment.moment_type == "hook"]
    assert len(hooks) == 1
    start = hooks[0].marked_range.start_time
    assert start.to_seconds() == pytest.approx(moment.timestamp_start, abs=0.5 / start.rate)
    assert hooks[0].comment == moment.reason


def test_what_it_wrote_is_what_it_would_write(result):
    timeline = otio.adapters.read_from_string(result.to_otio(), "otio_json")
    again = otio.adapters.read_from_string(otio.adapters.write_to_string(timeline, "otio_json"), "otio_json")
    assert again.is_equivalent_to(timeline)


def test_an_edit_decision_list_reads_back_to_the_frame(result):
    text = result.to_edl()
    assert ("FCM: DROP FRAME" in text) == (result.video["nominal_rate"][1] == 1001)
    timeline = otio.adapters.read_from_string(text, "cmx_3600", rate=rate_of(result))
    clips = list(timeline.find_clips())
    assert ranges(clips) == frames_of_shots(result)
    assert sum(len(clip.markers) for clip in clips) >= len(result.moments)


def test_final_cut_pro_xml_counts_in_exact_fractions(result):
    numerator, denominator = result.video["nominal_rate"]
    root = xml.etree.ElementTree.fromstring(result.to_fcpxml())
    frame = Fraction(denominator, numerator)
    found = []
    for clip in root.iter("asset-clip"):
        start, length = (Fraction(clip.get(key).rstrip("s")) / frame for key in ("start", "duration"))
        assert clip.get("offset") == clip.get("start")
        found.append((start, start + length))
    assert found == frames_of_shots(result)
    assert Fraction(root.find(".//format").get("frameDuration").rstrip("s")) == frame


def test_opentimelineio_reads_final_cut_pro_xml(result):
    if result.video["nominal_rate"][1] != 1:
        pytest.skip("its adapter takes 30000/1001 for 29 frames a second")
    read = otio.adapters.read_from_string(result.to_fcpxml(), "fcpx_xml")
    children = [read] if hasattr(read, "find_clips") else list(read)
    clips = [clip for child in children if hasattr(child, "find_clips") for clip in child.find_clips()]
    assert ranges(clips) == frames_of_shots(result)
