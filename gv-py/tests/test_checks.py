"""Checks before publishing, from Python: the same as those of the command line."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys

import pytest

import geminivideo
from geminivideo.checks import Outcome, built_in_rules
from geminivideo.cta_optimizer import PLACEMENTS
from geminivideo.errors import InvalidInputError, MissingFileError


@pytest.fixture(scope="module")
def seen(music_ad):
    return geminivideo.analyze(music_ad[0])


@pytest.fixture(scope="module")
def report(seen):
    return geminivideo.check(seen, "reels")


def test_the_report_is_that_of_the_command_line(report, music_ad, tmp_path):
    path = tmp_path / "checks.json"
    command = [sys.executable, "-m", "geminivideo", "check", str(music_ad[0]), "--placement", "reels"]
    done = subprocess.run([*command, "--json", str(path), "--quiet"], capture_output=True)
    assert done.returncode == (0 if report.passed else 3)
    assert json.loads(path.read_text()) == report.to_dict()
    assert len(report.findings) == len(built_in_rules()["rules"]) == 18


def test_a_file_and_its_analysis_and_its_document_are_judged_alike(report, seen, music_ad):
    assert geminivideo.check(music_ad[0], "reels") == report
    again = geminivideo.AnalysisResult.from_json(seen.to_json())
    assert geminivideo.check(again, "reels") == report


def test_a_wide_ad_without_a_call_fails_for_reels_and_says_why(report):
    aspect = report["aspect"]
    assert aspect.outcome is Outcome.FAIL and aspect.required and aspect.fix
    assert aspect in report.failed
    assert not report.passed
    assert report["frozen"].outcome is Outcome.PASS
    with pytest.raises(KeyError):
        report["colour"]


def test_what_nobody_looked_at_is_unknown_and_fails_only_where_strict(clip):
    seen = geminivideo.analyze(clip, motion_only=True)
    report = geminivideo.check(seen)
    assert report["first_face"].outcome is Outcome.UNKNOWN
    rules = built_in_rules()
    rules["rules"] = [{**rule, "required": True} for rule in rules["rules"] if rule["check"] == "first_face"]
    report = geminivideo.check(seen, rules=rules)
    assert report.passes() and not report.passes(strict=True)
    assert len(report.findings) == 1


def test_rules_and_placements_of_ones_own_decide(seen):
    rules = built_in_rules()
    rules["rules"] = [{"check": "loudness", "at_least": -200.0, "required": True, "fix": "make it audible"}]
    assert geminivideo.check(seen, rules=rules)["loudness"].outcome is Outcome.PASS
    rules["rules"][0]["at_least"] = 100.0
    assert geminivideo.check(seen, rules=rules)["loudness"].outcome is Outcome.FAIL
    reels = [row for row in PLACEMENTS["placements"] if row["name"] == "reels"]
    with pytest.raises(InvalidInputError, match="stories"):
        geminivideo.check(seen, "stories", placements={**PLACEMENTS, "placements": reels})


def test_an_unknown_placement_is_refused_before_the_video_is_looked_at(tmp_path):
    with pytest.raises(InvalidInputError, match="billboard"):
        geminivideo.check(tmp_path / "absent.mp4", "billboard")
    with pytest.raises(MissingFileError):
        geminivideo.check(tmp_path / "absent.mp4", "reels")
    with pytest.raises(InvalidInputError):
        geminivideo.check(tmp_path / "absent.mp4", rules={"rules": [{"check": "colour"}]})


def test_reports_pickle_and_become_tables(report):
    assert pickle.loads(pickle.dumps(report)) == report
    frame = report.to_frame()
    assert list(frame.check) == [finding.check for finding in report.findings]
    assert "18" not in repr(report) and "for reels:" in repr(report)
