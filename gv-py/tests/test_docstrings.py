"""Docstrings of everything public, by numpydoc's rules."""

from __future__ import annotations

import importlib
import inspect
import pathlib

import pytest

import geminivideo

validate = pytest.importorskip("numpydoc.validate").validate
#: What is not asked for: a section for what the first sentences say already, examples everywhere, cross references.
NOT_ASKED = {"ES01", "EX01", "SA01", "PR01", "PR04", "RT01", "RT03", "YD01"}
#: "Say" and the like are no third person, which the rule takes each word with an s for.
MISTAKEN = {"SS05"}
FOLDER = pathlib.Path(geminivideo.__file__).parent
STEMS = sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))


def members(cls):
    for name, value in vars(cls).items():
        callable_ = inspect.isfunction(value) or isinstance(value, (property, staticmethod, classmethod))
        if callable_ and not name.startswith("_"):
            yield name


def public(stem):
    """The dotted names of what a module offers."""
    module = importlib.import_module(f"geminivideo.{stem}")
    for name in getattr(module, "__all__", []):
        value = getattr(module, name)
        if inspect.isclass(value) or inspect.isfunction(value):
            yield f"{module.__name__}.{name}"
            if inspect.isclass(value):
                yield from (f"{module.__name__}.{name}.{member}" for member in members(value))


@pytest.mark.parametrize("stem", STEMS)
def test_docstrings_keep_to_numpydoc(stem):
    assert importlib.import_module(f"geminivideo.{stem}").__doc__
    for name in public(stem):
        errors = [error for error in validate(name)["errors"] if error[0] not in NOT_ASKED | MISTAKEN]
        assert not errors, f"{name}: {errors}"


def test_help_leads_to_every_module():
    for stem in STEMS:
        assert f"geminivideo.{stem}" in geminivideo.__doc__, stem
