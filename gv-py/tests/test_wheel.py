"""The wheel and the source distribution as files: tags, size, what is linked, what is inside, and that the source builds."""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile

import pytest

ROOT = pathlib.Path(__file__).parents[2]
LIMIT = 20 << 20
#: The libraries of every Linux that a wheel may be linked with.
SYSTEM = {"libgcc_s", "libc", "libm", "libdl", "libpthread", "librt", "ld-linux-x86-64", "ld-linux-aarch64"}


def lacks(what):
    """Skips by name; where CI is true, a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"there is no {what}")
    pytest.skip(f"there is no {what}")


@pytest.fixture(scope="module")
def wheel():
    """The wheel of scripts/test, or the one that GV_WHEEL names."""
    given = os.environ.get("GV_WHEEL")
    found = [pathlib.Path(given)] if given else sorted((ROOT / "target" / "wheels").glob("geminivideo-*.whl"))
    if not found:
        lacks("wheel in target/wheels; scripts/test builds one")
    return found[-1]


@pytest.fixture(scope="module")
def names(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_one_wheel_is_for_every_cpython_from_3_10_on(wheel):
    _, _, python, abi, _ = wheel.stem.split("-")
    assert (python, abi) == ("cp310", "abi3")


def test_the_wheel_is_small(wheel):
    size = wheel.stat().st_size
    print(f"{wheel.name}: {size / 1e6:.1f} MB")
    assert size < LIMIT


def test_the_wheel_has_types_stubs_licences_and_nothing_of_the_tests(names):
    assert "geminivideo/py.typed" in names and "geminivideo/_core.pyi" in names
    assert any(name.startswith("geminivideo/_core.") and name.endswith(".so") for name in names)
    assert sum("LICENSE" in name for name in names) >= 2
    assert not [name for name in names if "test" in name or name.endswith((".onnx", ".mp4"))]
    inside = {name.partition("/")[2] for name in names if name.startswith("geminivideo/")}
    sources = {path.name for path in (ROOT / "gv-py" / "python" / "geminivideo").glob("*.py")}
    assert sources <= inside


@pytest.mark.skipif(sys.platform != "linux", reason="manylinux is Linux")
def test_auditwheel_agrees_with_the_tag_and_finds_nothing_external_linked(wheel):
    pytest.importorskip("auditwheel")
    command = [sys.executable, "-m", "auditwheel", "show", str(wheel)]
    done = subprocess.run(command, capture_output=True, text=True)
    told = " ".join(done.stdout.split())
    assert done.returncode == 0, done.stderr
    platform = wheel.stem.split("-")[-1].split(".")[0]
    assert platform.startswith("manylinux_2_"), platform
    assert f'"{platform}"' in told, told
    assert "external shared libraries are required" not in told, told
    assert set(re.findall(r"(\S+?)\.so[.\d]* with versions", told)) <= SYSTEM, told


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """The unpacked source distribution."""
    if shutil.which("cargo") is None or shutil.which("maturin", path=os.path.dirname(sys.executable)) is None:
        lacks("cargo or maturin")
    folder = tmp_path_factory.mktemp("sdist")
    maturin = [sys.executable, "-m", "maturin", "sdist", "--manifest-path", ROOT / "gv-py" / "Cargo.toml"]
    subprocess.run([*maturin, "--out", folder], check=True, capture_output=True)
    (packed,) = folder.glob("*.tar.gz")
    print(f"{packed.name}: {packed.stat().st_size / 1e6:.1f} MB")
    with tarfile.open(packed) as archive:
        archive.extractall(folder, filter="data")
    return next(path for path in folder.iterdir() if path.is_dir())


def test_the_source_has_its_lock_and_licences_and_no_media(source):
    files = [path for path in source.rglob("*") if path.is_file()]
    named = {path.name for path in files}
    assert {"Cargo.lock", "pyproject.toml", "PKG-INFO", "LICENSE-MIT", "LICENSE-APACHE"} <= named
    assert not [path for path in files if path.suffix in (".mp4", ".onnx", ".so", ".whl")]
    assert sum(path.stat().st_size for path in files) < LIMIT


def test_the_source_builds_a_wheel(source, tmp_path):
    if os.environ.get("CI") != "true" and "GV_TEST_SDIST" not in os.environ:
        pytest.skip("minutes of building: set GV_TEST_SDIST to do it")
    environment = {**os.environ, "CARGO_TARGET_DIR": str(ROOT / "target")}
    command = [sys.executable, "-m", "maturin", "build", "--profile", "dev", "--out", tmp_path]
    command += ["--interpreter", sys.executable]
    done = subprocess.run(command, cwd=source, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    (built,) = tmp_path.glob("*.whl")
    subprocess.run([sys.executable, "-m", "zipfile", "-t", built], check=True, capture_output=True)
    target = tmp_path / "site"
    with zipfile.ZipFile(built) as archive:
        archive.extractall(target)
    told = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(target)!r}); import geminivideo; print(geminivideo.__file__)"],
        capture_output=True, text=True, check=True,
    )
    assert str(target) in told.stdout
