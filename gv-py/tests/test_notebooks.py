"""The notebooks of the examples, run from top to bottom on an ad that this repository makes."""

from __future__ import annotations

import pathlib
import shutil
import subprocess
import sys

import pytest

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")

ROOT = pathlib.Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "examples" / "notebooks").glob("*.ipynb"))
#: Those that speak to paid services; they meet the ones on the loopback address.
REMOTE = {"flow_generation"}


@pytest.fixture(scope="session")
def made_ad(tmp_path_factory):
    """Twelve seconds of picture and sound with six shots on the beat."""
    path = tmp_path_factory.mktemp("made") / "ad.mp4"
    subprocess.run([sys.executable, ROOT / "scripts" / "make_ad.py", path], check=True)
    return path


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path, tmp_path, made_ad, monkeypatch, request):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert all(not cell.get("outputs") for cell in notebook.cells), "no outputs are kept"
    monkeypatch.setenv("GV_DATA_DIR", str(tmp_path / "data"))
    if path.stem in REMOTE:
        monkeypatch.setenv("GV_LOOPBACK_VIDEO", str(made_ad))
        request.getfixturevalue("loopback")
    shutil.copy(made_ad, tmp_path / "ad.mp4")
    client = nbclient.NotebookClient(notebook, timeout=240, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
