"""The library of ONNX Runtime that Python's package brings."""

from __future__ import annotations

import importlib.util
import pathlib

#: Names of the library on Linux, macOS and Windows.
NAMES = ("libonnxruntime.so*", "libonnxruntime.*dylib", "onnxruntime.dll")


def library() -> str | None:
    """Path of the library inside the ``onnxruntime`` or ``onnxruntime-gpu`` package, if one is installed.

    The package is not imported.
    """
    found = importlib.util.find_spec("onnxruntime")
    folders = (found and found.submodule_search_locations) or []
    for folder in folders:
        for name in NAMES:
            for path in sorted((pathlib.Path(folder) / "capi").glob(name)):
                return str(path)
    return None
