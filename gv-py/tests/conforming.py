"""Checks of values against the types that the package declares for them."""

from __future__ import annotations

import types
import typing

import numpy as np
import numpy.typing


def check(value, annotation, where="result"):
    """Asserts that a value is what its annotation says: dicts have just the declared keys."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if typing.is_typeddict(annotation):
        hints = typing.get_type_hints(annotation, localns={"np": np, "npt": np.typing})
        assert isinstance(value, dict), where
        assert value.keys() == hints.keys(), f"{where}: {value.keys() ^ hints.keys()}"
        for key, hint in hints.items():
            check(value[key], hint, f"{where}[{key!r}]")
    elif origin in (typing.Union, types.UnionType):
        failures = []
        for arm in arguments:
            try:
                return check(value, arm, where)
            except AssertionError as failure:
                failures.append(failure)
        raise AssertionError(f"{where}: none of {arguments}: {failures}")
    elif origin is list:
        assert isinstance(value, list), where
        for number, item in enumerate(value):
            check(item, arguments[0], f"{where}[{number}]")
    elif origin is dict:
        assert isinstance(value, dict), where
        for key, item in value.items():
            check(key, arguments[0], f"{where} key {key!r}")
            check(item, arguments[1], f"{where}[{key!r}]")
    elif origin is tuple:
        assert isinstance(value, tuple) and len(value) == len(arguments), where
        for number, (item, argument) in enumerate(zip(value, arguments)):
            check(item, argument, f"{where}[{number}]")
    elif origin is np.ndarray:
        assert isinstance(value, np.ndarray), where
        assert value.dtype == typing.get_args(arguments[1])[0], where
    elif annotation is float:
        assert type(value) is float, f"{where}: {value!r}"
    elif annotation is typing.Any:
        pass
    else:
        assert type(value) is annotation, f"{where}: {value!r} is no {annotation}"


def check_fields(instance):
    """Asserts that every field of a dataclass instance is of its declared type."""
    hints = typing.get_type_hints(type(instance), localns={"np": np, "npt": np.typing})
    for name, hint in hints.items():
        check(getattr(instance, name), hint, f"{type(instance).__name__}.{name}")
