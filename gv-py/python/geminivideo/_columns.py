"""Tables of ads as columns: a mapping of numpy arrays, an Arrow table, a pandas data frame."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import InvalidInputError

Numbers = dict[str, npt.NDArray[np.float64]]
Texts = dict[str, list[Any]]


def columns(
    table: Any, needed: Iterable[str], optional: Iterable[str], texts: Iterable[str]
) -> tuple[Numbers, Texts]:
    """Take columns by name; numeric arrays of float64 are not copied."""
    names = getattr(table, "column_names", None)
    if names is None:
        names = table.columns if hasattr(table, "columns") else table.keys()
    present = set(names)
    needed = list(needed)
    missing = [name for name in [*needed, "ad_id"] if name not in present]
    if missing:
        raise InvalidInputError(f"the table lacks the columns {', '.join(missing)}")
    numbers: Numbers = {}
    for name in [*needed, *(name for name in optional if name in present)]:
        try:
            numbers[name] = np.ascontiguousarray(np.asarray(table[name]), dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise InvalidInputError(f"the column {name} is not of numbers: {error}") from error
        if numbers[name].ndim != 1:
            raise InvalidInputError(f"the column {name} has {numbers[name].ndim} dimensions, allowed is 1")
    return numbers, {name: _texts(table[name]) for name in ["ad_id", *texts] if name in present}


def _texts(column: Any) -> list[Any]:
    return list(column) if isinstance(column, list) else np.asarray(column).tolist()
