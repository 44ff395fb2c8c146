"""The pages of the site: every Python block is run, in order, but those that need another program (`.other`)."""

from __future__ import annotations

import json
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
BLOCK = re.compile(r"^```(python|\{ ?\.python \.other\})\n(.*?)^```", re.M | re.S)


def blocks(page):
    return BLOCK.findall(page.read_text("utf-8"))


WITH_CODE = [page for page in PAGES if any(kind == "python" for kind, _ in blocks(page))]


@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: page.stem)
def test_the_code_of_a_page_runs(page, tmp_path, clip):
    (tmp_path / "ad.mp4").write_bytes(clip.read_bytes())
    source = "\n".join(code for kind, code in blocks(page) if kind == "python")
    done = subprocess.run([sys.executable, "-c", source], cwd=tmp_path, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_code_that_is_not_run_is_python_at_least(page):
    for _, code in blocks(page):
        compile(code, str(page), "exec")


def test_every_component_has_a_section_with_method_evidence_and_limits():
    text = "\n".join(page.read_text("utf-8") for page in (ROOT / "docs" / "components").glob("*.md"))
    sections = {part.split("\n", 1)[0].strip(): part for part in re.split(r"^## ", text, flags=re.M)[1:]}
    stems = (ROOT / "gv-py" / "tests" / "contract.json").read_text("utf-8")
    for stem in json.loads(stems):
        for word in ("**Method.**", "**Evidence.**", "**Limits.**"):
            assert word in sections[stem], f"{stem} lacks {word}"
