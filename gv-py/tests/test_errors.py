"""Every kind of error of the library has its class, number and bases."""

from __future__ import annotations

import errno
import pickle

import pytest

from geminivideo import _core, errors

ROWS = {
    "InvalidInput": (100, errors.InvalidInputError, (ValueError,)),
    "NotFound": (101, errors.NotFoundError, (LookupError,)),
    "Conflict": (102, errors.ConflictError, ()),
    "Unsupported": (103, errors.UnsupportedError, (ValueError,)),
    "Unavailable": (104, errors.UnavailableError, (RuntimeError,)),
    "Media": (200, errors.MediaError, (OSError,)),
    "Model": (201, errors.ModelError, ()),
    "Storage": (202, errors.StorageError, (OSError,)),
    "Platform": (300, errors.PlatformError, ()),
    "Transport": (301, errors.TransportError, (ConnectionError,)),
    "Timeout": (302, errors.TransportTimeout, (TimeoutError, errors.TransportError)),
    "Cancelled": (304, errors.Cancelled, ()),
    "Internal": (900, errors.InternalError, ()),
}


def test_the_table_names_every_kind_that_the_library_knows():
    kinds = {name for name, _, _ in _core.error_table()}
    assert kinds == ROWS.keys() | {"Callback"}


@pytest.mark.parametrize("kind", ROWS)
def test_a_kind_becomes_its_class_with_its_number_and_bases(kind):
    status, expected, bases = ROWS[kind]
    given = {name: (number, error) for name, number, error in _core.error_table()}
    number, error = given[kind]
    assert type(error) is expected
    assert number == error.status == status
    assert isinstance(error, errors.GeminiVideoError)
    for base in bases:
        assert isinstance(error, base)
    assert str(error) == kind


def public_classes():
    return [getattr(errors, name) for name in errors.__all__]


def test_every_public_class_is_below_the_base_and_documented():
    for cls in public_classes():
        assert issubclass(cls, errors.GeminiVideoError)
        assert cls.__doc__


@pytest.mark.parametrize("cls", public_classes(), ids=lambda cls: cls.__name__)
def test_errors_survive_pickling_as_a_process_pool_does_it(cls):
    error = pickle.loads(pickle.dumps(cls("what happened")))
    assert type(error) is cls
    assert str(error) == "what happened"
    assert error.status == cls.status


def test_a_missing_file_is_a_file_not_found_error_with_its_path():
    error = errors.MissingFileError("no file at ad.mp4", "ad.mp4")
    assert isinstance(error, FileNotFoundError)
    assert isinstance(error, errors.NotFoundError)
    assert (error.errno, error.filename) == (errno.ENOENT, "ad.mp4")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.filename) == ("no file at ad.mp4", "ad.mp4")
