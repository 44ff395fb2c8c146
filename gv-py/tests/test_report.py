"""The report, the notebook's view and the plot: the same timeline in three forms."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import xml.dom.minidom

import numpy as np
import pytest
from conftest import shared, write_clip

import geminivideo
from geminivideo.errors import MissingFileError, StorageError

#: Acts on the page as a reader does, and leaves what it saw in the document.
READER = """<script>
addEventListener("load", () => {
  const chart = document.getElementById("chart"), told = {};
  const key = (name, shift) => chart.dispatchEvent(new KeyboardEvent("keydown", {key: name, shiftKey: shift}));
  const now = () => Number(chart.getAttribute("aria-valuenow"));
  const link = document.querySelector(".findings a[data-time]");
  link.click();
  told.linked = [Number(link.dataset.time), now()];
  told.focused = document.activeElement === chart;
  key("Home"); key("ArrowRight"); key("ArrowRight", true);
  told.after_keys = now() - Number(chart.dataset.start);
  key("End"); key("ArrowRight");
  told.at_end = now() - Number(chart.dataset.start) - Number(chart.dataset.duration);
  told.playhead = !document.getElementById("playhead").hidden;
  told.readout = document.getElementById("readout").textContent;
  told.pictures = [...document.images].every((image) => image.complete && image.naturalWidth > 0);
  told.wider_than_screen = document.documentElement.scrollWidth - innerWidth;
  const asked = performance.getEntriesByType("resource").map((entry) => entry.name);
  told.requests = asked.filter((name) => !name.startsWith("data:"));
  document.documentElement.dataset.told = JSON.stringify(told);
});
</script></body>"""


@pytest.fixture(scope="module")
def result(clip):
    return geminivideo.analyze(clip)


@pytest.fixture(scope="module")
def ad():
    """An ad that ends just after a label of the time axis."""
    return geminivideo.analyze(shared("media/video_ads/pixel9_de/pixel9_de_rebuilt_720p.mp4"))


@pytest.fixture(scope="module")
def chromium():
    """Opens pages in a headless Chromium; skipped where there is none, and fails where CI is true."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("there is no chromium")
        pytest.skip("there is no chromium")

    def run(page, folder, *options):
        given = [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        given += [f"--user-data-dir={folder / 'profile'}", "--enable-logging=stderr"]
        done = subprocess.run([*given, *options, page.as_uri()], capture_output=True, text=True, timeout=120)
        complaints = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
        assert not complaints, complaints
        return done.stdout

    return run


@pytest.mark.parametrize("size", ["1280,2400", "500,2400"])
def test_a_browser_shows_the_report_and_it_can_be_used_without_a_mouse(ad, chromium, tmp_path, size):
    page = tmp_path / "report.html"
    ad.report(page)
    assert page.stat().st_size < 3_000_000
    used = tmp_path / "used.html"
    used.write_text(page.read_text().replace("</body>", READER))
    dom = chromium(used, tmp_path, f"--window-size={size}", "--dump-dom")
    told = json.loads(re.search('data-told="([^"]*)"', dom)[1].replace("&quot;", '"'))
    assert told["linked"][0] == told["linked"][1]
    assert told["after_keys"] == pytest.approx(1.1) and told["at_end"] == pytest.approx(0, abs=1e-3)
    assert told["focused"] and told["playhead"] and told["pictures"]
    assert "attention" in told["readout"] and "loudness" in told["readout"]
    assert told["wider_than_screen"] <= 0
    assert told["requests"] == []


def test_a_picture_of_the_report_is_kept(ad, chromium, tmp_path):
    page, picture = tmp_path / "report.html", tmp_path / "report.png"
    ad.report(page)
    chromium(page, tmp_path, "--window-size=1280,2400", f"--screenshot={picture}")
    from matplotlib import pyplot

    shown = pyplot.imread(picture)
    assert shown.shape[:2] == (2400, 1280) and shown[..., :3].std() > 0.05
    kept = os.environ.get("GV_TEST_ARTEFACTS")
    if kept:
        os.makedirs(kept, exist_ok=True)
        shutil.copy(picture, kept)


def test_a_report_names_what_is_found_and_runs_no_foreign_code(ad, tmp_path):
    page = tmp_path / "report.html"
    ad.report(page)
    html = page.read_text()
    assert "Content-Security-Policy" in html and "default-src 'none'" in html
    for heading in ("What to do", "The hook", "The call to action", "Moments", "Shots"):
        assert heading in html
    for shot in ad.shots:
        assert f'data-time="{shot.start_time:.3f}"' in html
    outside = re.findall(r'(?:src|href)="(?!data:|#)[^"]*"', html)
    assert not outside, outside


def test_a_report_is_made_of_a_stored_result_whose_video_is_gone(result, tmp_path):
    stored = json.loads(result.to_json())
    stored["path"] = str(tmp_path / "gone <b>.mp4")
    gone = geminivideo.AnalysisResult.from_json(json.dumps(stored))
    page = tmp_path / "report.html"
    gone.report(page)
    html = page.read_text()
    assert "data:image/jpeg" not in html and "gone &lt;b&gt;.mp4" in html and "<b>" not in html
    with pytest.raises(MissingFileError, match="gone"):
        gone.report(tmp_path / "other.html", film=True)
    assert not (tmp_path / "other.html").exists()


def test_a_report_that_cannot_be_written_is_named(result, tmp_path):
    with pytest.raises(StorageError, match="no such folder"):
        result.report(tmp_path / "no such folder" / "report.html", film=False)


def test_progress_is_told_and_an_error_of_it_leaves_no_file(result, tmp_path):
    steps = []
    result.report(tmp_path / "report.html", progress=lambda *step: steps.append(step))
    assert steps and all(stage == "film" for _, _, stage in steps)

    def stop(done, total, stage):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        result.report(tmp_path / "stopped.html", progress=stop)
    assert not (tmp_path / "stopped.html").exists()


def test_the_notebook_view_is_well_formed_and_has_no_script(result, clip, tmp_path):
    html = result._repr_html_()
    xml.dom.minidom.parseString(html)
    assert "<svg" in html and "<script" not in html
    odd = tmp_path / "a <b> & 'c'.mp4"
    odd.write_bytes(clip.read_bytes())
    html = geminivideo.analyze(odd)._repr_html_()
    xml.dom.minidom.parseString(html)
    assert "<b>" not in html


def test_the_plot_has_the_lanes_of_the_report(ad, tmp_path):
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure = ad.plot()
    figure.savefig(tmp_path / "ad.png")
    names = [axes.get_ylabel() for axes in figure.axes]
    page = tmp_path / "report.html"
    ad.report(page, film=False)
    assert names == re.findall('<div class="row"><div class="name">([a-z]+)</div>', page.read_text())
    assert {"shots", "attention", "motion", "faces", "text", "call", "loudness", "beats"} <= set(names)
    bars = figure.axes[0].patches
    assert [bar.get_x() for bar in bars] == pytest.approx([shot.start_time for shot in ad.shots])
    picture = pyplot.imread(tmp_path / "ad.png")
    assert picture.shape[1] > 1000 and picture[..., :3].std() > 0.05
    pyplot.close(figure)


def test_a_video_of_one_frame_is_drawn_too(tmp_path):
    from matplotlib.figure import Figure

    path = write_clip(tmp_path / "one.mp4", [np.full((64, 96, 3), 90, np.uint8)])
    result = geminivideo.analyze(path)
    assert result.frames == 1 and result.motion["energy_stats"] is None
    xml.dom.minidom.parseString(result._repr_html_())
    result.plot(Figure()).savefig(tmp_path / "one.png")
    result.report(tmp_path / "one.html")
    assert "data:image/jpeg" in (tmp_path / "one.html").read_text()
    assert len(result.to_frame()) == 0
