"""The package keeps the interface that existing pipelines rely on: every row of contract.json.

The table names, for each module, its constants, enums, dataclasses with their fields in order,
methods with parameters and defaults, which of them are coroutines, and the keys of returned dicts.
A module that the package does not have yet is listed as skipped.
"""

from __future__ import annotations

import ast
import dataclasses
import enum
import importlib
import importlib.util
import inspect
import json
import pathlib
import typing

import numpy as np
import numpy.typing
import pytest

CONTRACT = json.loads(pathlib.Path(__file__).with_name("contract.json").read_text("utf-8"))


def is_here(stem):
    return importlib.util.find_spec(f"geminivideo.{stem}") is not None


HERE = {stem: module for stem, module in CONTRACT.items() if is_here(stem)}


def load(stem):
    return importlib.import_module(f"geminivideo.{stem}")


def rows(part):
    return [
        pytest.param(stem, name, row, id=f"{stem}.{name}")
        for stem, module in HERE.items()
        for name, row in module.get(part, {}).items()
    ]


def classes(kind):
    return [row for row in rows("classes") if row.values[2]["kind"] == kind]


def callables():
    found = list(rows("functions"))
    for stem, module in HERE.items():
        for owner, cls in module.get("classes", {}).items():
            for name, row in cls.get("methods", {}).items():
                where = f"{owner}.{name}"
                found.append(pytest.param(stem, where, row, id=f"{stem}.{where}"))
    return found


def resolve(module, where):
    owner, _, name = where.rpartition(".")
    return inspect.getattr_static(getattr(module, owner), name) if owner else getattr(module, name)


def value_of(source, module):
    return eval(source, {**vars(dataclasses), "dict": dict, "list": list}, vars(module))


@pytest.mark.parametrize("stem", CONTRACT)
def test_the_module_is_there(stem):
    if stem not in HERE:
        pytest.skip(f"geminivideo.{stem} is not there yet")
    assert load(stem).__doc__


@pytest.mark.parametrize(("stem", "name", "source"), rows("constants"))
def test_module_constants(stem, name, source):
    module = load(stem)
    assert hasattr(module, name)
    if source is not None and not source.startswith("("):
        assert getattr(module, name) == value_of(source, module)


@pytest.mark.parametrize(("stem", "name", "row"), classes("enum"))
def test_enum_members_and_values(stem, name, row):
    cls = getattr(load(stem), name)
    assert issubclass(cls, enum.Enum)
    members = {key: member.value for key, member in cls.__members__.items()}
    assert members == row["members"]


@pytest.mark.parametrize(("stem", "name", "row"), classes("dataclass"))
def test_dataclass_fields_in_order_with_defaults(stem, name, row):
    module = load(stem)
    cls = getattr(module, name)
    assert dataclasses.is_dataclass(cls)
    fields = dataclasses.fields(cls)
    expected = [ast.parse(field).body[0] for field in row["fields"]]
    assert [field.name for field in fields[: len(expected)]] == [e.target.id for e in expected]
    for field, wanted in zip(fields, expected):
        if wanted.value is None:
            continue
        default = value_of(ast.unparse(wanted.value), module)
        if isinstance(default, dataclasses.Field):
            assert field.default_factory is not dataclasses.MISSING
            assert type(field.default_factory()) is type(default.default_factory())
        else:
            assert field.default == default
    for field in fields[len(expected) :]:
        given = field.default is not dataclasses.MISSING
        assert given or field.default_factory is not dataclasses.MISSING, field.name


@pytest.mark.parametrize(("stem", "name", "row"), rows("classes"))
def test_class_constants(stem, name, row):
    module = load(stem)
    cls = getattr(module, name)
    for constant, source in row.get("constants", {}).items():
        assert getattr(cls, constant) == value_of(source, module)


@pytest.mark.parametrize(("stem", "where", "row"), callables())
def test_signatures_and_coroutines(stem, where, row):
    module = load(stem)
    given = resolve(module, where)
    if row.get("property"):
        assert isinstance(given, property)
        return
    assert inspect.iscoroutinefunction(given) == row.get("async", False)
    signature = inspect.signature(given)
    parameters = [p for p in signature.parameters.values() if p.name != "self"]
    text = row["signature"].partition(" -> ")[0]
    wanted = ast.parse(f"def f{text}: ...").body[0].args
    names = [argument.arg for argument in wanted.args]
    assert [p.name for p in parameters[: len(names)]] == names
    defaults = dict(zip(names[len(names) - len(wanted.defaults) :], wanted.defaults))
    for parameter in parameters[: len(names)]:
        if parameter.name in defaults:
            expected = value_of(ast.unparse(defaults[parameter.name]), module)
            assert parameter.default == expected
    for parameter in parameters[len(names) :]:
        variadic = parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
        assert variadic or parameter.default is not parameter.empty, parameter.name


def arms(annotation):
    """The types that an annotation allows: the arms of a union, the items of a list."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if typing.is_typeddict(annotation) or origin is None:
        return [annotation]
    if origin is dict:
        return [found for argument in arguments[1:] for found in arms(argument)] + [annotation]
    return [found for argument in arguments for found in arms(argument)]


def typed_dicts(annotation):
    return [arm for arm in arms(annotation) if typing.is_typeddict(arm)]


def hints_of(annotated):
    """Type hints; numpy is imported for type checkers only."""
    return typing.get_type_hints(annotated, localns={"np": np, "npt": np.typing})


def has_keys(candidate, keys):
    hints = hints_of(candidate)
    for key, inner in keys.items():
        if key not in hints:
            return False
        if inner is not None:
            wanted = inner[0] if isinstance(inner, list) else inner
            if not any(has_keys(found, wanted) for found in typed_dicts(hints[key])):
                return False
    return True


def records(annotation):
    return [arm for arm in arms(annotation) if typing.is_typeddict(arm) or dataclasses.is_dataclass(arm)]


def below(annotation):
    """Every TypedDict and dataclass that is reached from an annotation."""
    found, waiting = [], records(annotation)
    while waiting:
        candidate = waiting.pop()
        if candidate not in found:
            found.append(candidate)
            for hint in hints_of(candidate).values():
                waiting += records(hint)
    return found


@pytest.mark.parametrize(
    ("stem", "where", "row"),
    [row for row in callables() if "keys" in row.values[2] or "items" in row.values[2]],
)
def test_keys_of_returned_dicts_are_declared(stem, where, row):
    module = load(stem)
    returned = hints_of(resolve(module, where))["return"]
    for keys in row.get("keys", []):
        assert any(has_keys(candidate, keys) for candidate in typed_dicts(returned)), keys
    for item in row.get("items", []):
        keys = dict.fromkeys(item["keys"])
        assert any(has_keys(candidate, keys) for candidate in below(returned)), keys


def test_every_component_of_the_package_is_in_the_table():
    package = pathlib.Path(importlib.import_module("geminivideo").__file__).parent
    here = {path.stem for path in package.glob("*.py")}
    assert here & CONTRACT.keys(), "the package has none of the modules"
    assert len(CONTRACT) == 19
