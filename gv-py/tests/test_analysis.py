"""The one-pass analysis: its result in each of its forms."""

from __future__ import annotations

import copy
import csv
import io
import json
import pickle
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest
from conforming import check, check_fields
from yolo_model import write_yolov8

import geminivideo
from geminivideo.analysis import AttentionCurve
from geminivideo.errors import InvalidInputError, MediaError, MissingFileError, UnsupportedError


@pytest.fixture(scope="module")
def result(clip):
    return geminivideo.analyze(clip)


def test_the_shots_are_where_they_were_made(result, cut_times):
    found = [boundary.time for boundary in result.boundaries]
    np.testing.assert_allclose(found, cut_times, atol=0.021)
    assert len(result.shots) == len(cut_times) + 1
    assert result.shots[0].start_time == 0
    assert result.shots[-1].end_time == pytest.approx(10.0)
    for first, second in zip(result.shots, result.shots[1:]):
        assert first.end_frame == second.start_frame


def test_the_facts_are_those_of_the_file(result, clip):
    assert result.path == str(clip)
    assert (result.frames, result.damage) == (250, 0)
    assert result.duration == pytest.approx(10.0)
    assert (result.video["width"], result.video["height"]) == (320, 180)
    assert result.audio is None
    assert result.decoder["name"] == "ffmpeg" and result.decoder["version"]


def test_motion_is_as_fast_as_it_was_made(result):
    frame = result.to_frame()
    middle = frame[(frame.time > 2.0) & (frame.time < 3.4)]
    assert middle.mean_energy.median() == pytest.approx(2.0, rel=0.15)
    assert (middle.direction == "right").mean() > 0.9
    still = frame[(frame.time > 3.9) & (frame.time < 5.8)]
    assert still.mean_energy.max() < 0.2


def test_attention_is_the_sum_of_its_parts(result):
    check(result.attention, AttentionCurve)
    curve = {name: np.array(values) for name, values in result.attention.items() if values is not None}
    np.testing.assert_allclose(curve["motion"] + curve["cuts"], curve["attention"], atol=1e-12)
    assert set(result.attention["faces"]) == {0.0}
    assert ((curve["attention"] >= 0) & (curve["attention"] <= 1)).all()


def test_moments_have_a_score_that_adds_up(result):
    assert result.moments
    for moment in result.moments:
        check_fields(moment)
        assert sum(part["value"] for part in moment.score_parts) == pytest.approx(moment.score)
        assert moment.face_present is False


def test_faces_and_text_are_looked_for_and_a_clip_without_them_has_none(result):
    assert result.faces["presence"]["processed_frames"] == 50
    assert (result.faces["tracks"], result.faces["best_moments"]) == ([], [])
    assert "built in" in result.faces["model_used"]
    assert result.text["processed_frames"] == 50


def test_what_was_not_looked_at_is_said(clip, result, tmp_path):
    missing = {entry["what"]: entry["reason"] for entry in result.not_analyzed}
    assert result.objects is None and "GV_MODEL_DIR" in missing["objects"]
    motion = geminivideo.analyze(clip, motion_only=True)
    assert (motion.faces, motion.text) == (None, None)
    assert {"faces", "objects", "text"} <= {entry["what"] for entry in motion.not_analyzed}
    model = write_yolov8(tmp_path / "bottle.onnx", [(39, 0.9, 8, 8, 24, 40)])
    seen = geminivideo.analyze(clip, object_model=model)
    assert seen.objects["summary"][0]["class_name"] == "bottle"
    assert seen.objects["product_visibility"]["product_presence_ratio"] == 1.0


def test_the_result_is_short_in_words(result):
    assert repr(result).startswith("<AnalysisResult ad.mp4: 10.00 s, 320x180, 5 shots, ")


def test_json_and_back_loses_nothing(result):
    again = geminivideo.AnalysisResult.from_json(result.to_json())
    assert again == result
    assert json.loads(result.to_json()) == json.loads(json.dumps(result.to_dict()))


@pytest.mark.parametrize("text", ["", "{}", "[1, 2]", '{"schema_version": 1'])
def test_other_text_is_refused(text):
    with pytest.raises(InvalidInputError, match="no analysis"):
        geminivideo.AnalysisResult.from_json(text)


def test_results_pickle_copy_and_compare(result, clip):
    assert pickle.loads(pickle.dumps(result)) == result
    assert copy.deepcopy(result) == result == copy.copy(result)
    assert result != geminivideo.analyze(clip, motion_long_side=64)
    assert result != "another thing"


def test_the_dict_is_a_copy(result):
    values = result.to_dict()
    values["shots"]["shots"].clear()
    assert len(result.shots) == 5


def test_the_table_is_the_csv(result):
    rows = list(csv.DictReader(io.StringIO(result.to_csv())))
    frame = result.to_frame()
    assert len(rows) == len(frame)
    assert [int(row["frame"]) for row in rows] == list(frame.index)
    assert [row["motion_type"] for row in rows] == list(frame.motion_type)
    for name in ("time", "mean_energy", "attention"):
        np.testing.assert_allclose([float(row[name]) for row in rows], frame[name], atol=1e-3)
    assert list(rows[0])[1:] == list(frame.columns)


def test_the_result_does_not_depend_on_the_number_of_threads(result, clip):
    assert geminivideo.analyze(clip, num_threads=1) == geminivideo.analyze(clip, num_threads=3) == result


def test_a_pool_of_processes_gives_the_same_result(result, clip):
    with ProcessPoolExecutor(2) as pool:
        assert list(pool.map(geminivideo.analyze, [clip, clip])) == [result, result]


def test_text_paths_and_odd_names_are_taken(result, clip, tmp_path):
    for name in ("with space.mp4", "ünïcödé 漢字.mp4", "-dash.mp4", "a|b.mp4", "50%.mp4"):
        path = tmp_path / name
        path.write_bytes(clip.read_bytes())
        assert geminivideo.analyze(str(path)).frames == result.frames


def test_a_missing_file_is_a_file_not_found_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="absent.mp4") as caught:
        geminivideo.analyze(tmp_path / "absent.mp4")
    assert type(caught.value) is MissingFileError
    assert caught.value.filename == str(tmp_path / "absent.mp4")


def test_what_is_no_video_is_a_typed_error(tmp_path):
    for name, content in (("empty.mp4", b""), ("text.mp4", b"no video at all\n" * 50)):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises((InvalidInputError, MediaError, UnsupportedError), match=name):
            geminivideo.analyze(path)


@pytest.mark.parametrize(
    ("options", "name"),
    [({"num_threads": 0}, "num_threads"), ({"motion_long_side": 8}, "motion_long_side")],
)
def test_options_outside_their_range_are_named(clip, options, name):
    with pytest.raises(InvalidInputError, match=name):
        geminivideo.analyze(clip, **options)


def test_an_option_that_does_not_exist_is_refused(clip):
    with pytest.raises(TypeError, match="colour"):
        geminivideo.analyze(clip, colour="red")
    with pytest.raises(TypeError):
        geminivideo.analyze(12)


def test_shots_alone_are_those_of_the_whole_analysis(clip, cut_times):
    found = geminivideo.find_shots(clip)
    whole = geminivideo.analyze(clip, motion_only=True)
    assert found.shots == whole.shots
    assert [boundary.frame for boundary in found.boundaries] == [boundary.frame for boundary in whole.boundaries]
    assert [boundary.time for boundary in found.boundaries] == pytest.approx(cut_times)
    assert geminivideo.find_shots(clip, threshold=1.0).boundaries == []
    with pytest.raises(geminivideo.errors.InvalidInputError, match="threshold"):
        geminivideo.find_shots(clip, threshold=1.5)


def test_shots_alone_of_a_real_ad_are_those_of_the_whole_analysis(media):
    ad = media / "video_ads" / "pixel9_de" / "pixel9_de_rebuilt_720p.mp4"
    found, whole = geminivideo.find_shots(ad), geminivideo.analyze(ad, motion_only=True)
    assert len(found.shots) == 16
    assert found.shots == whole.shots
