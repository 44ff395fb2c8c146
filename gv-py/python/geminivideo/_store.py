"""Stores by address, opened once for each."""

from __future__ import annotations

import json
import os
from typing import Any, TypeAlias

from . import _core, config

#: An address of a store, an open one, or ``None`` for the one that the environment names.
Storage: TypeAlias = str | os.PathLike[str] | _core.Store | None

_open: dict[tuple[int, str | None], _core.Store] = {}


def open_store(storage: Storage) -> _core.Store:
    """Open a store, or return the one that is open in this process at the same address."""
    if isinstance(storage, _core.Store):
        return storage
    address = config.configured().patterns_db_path if storage is None else os.fspath(storage)
    if address is None:
        names = ("PATTERNS_DB_PATH", "GV_DATA_DIR", "XDG_DATA_HOME", "HOME", "APPDATA")
        named = "\n".join(os.environ.get(name, "") for name in names)
        key = (os.getpid(), f"\n{named}")
    elif address == ":memory:":
        return _core.Store(address)
    else:
        key = (os.getpid(), address)
    if key not in _open:
        _open[key] = _core.Store(address)
    return _open[key]


def features_json(features: dict[str, Any]) -> str:
    """Write properties of a creative: numbers, names, and texts, which have a space in them."""

    def plain(value: Any) -> Any:
        if isinstance(value, str):
            return {"text": value} if " " in value else value
        return float(value)

    return json.dumps({name: plain(value) for name, value in features.items() if value is not None})
