"""What pages take from the repository instead of saying it again.

A line `{{ kind argument }}` of a page becomes: `readme` a section of README.md by its heading, `file` a file as a block of code,
`help` what the command line says of a command, `doc` the docstring of a Python module, `reference` the public names of all modules.
What is not there is an error, so that a page cannot outlive what it shows.
"""

from __future__ import annotations

import importlib
import inspect
import pathlib
import re
import subprocess
import sys
import textwrap

ROOT = pathlib.Path(__file__).parents[1]
LINE = re.compile(r"^\{\{ (\w+)(?: (.+?))? \}\}$", re.M)
LANGUAGES = {"rs": "rust", "py": "python", "toml": "toml", "c": "c", "cpp": "cpp", "txt": "text"}


def on_page_markdown(markdown: str, **_: object) -> str:
    """Fill in the lines of a page; mkdocs calls it."""
    return LINE.sub(lambda found: KINDS[found[1]](found[2] or ""), markdown)


def readme(heading: str) -> str:
    """The section of README.md below a heading, links into the repository left as text."""
    lines = (ROOT / "README.md").read_text("utf-8").split("\n")
    start = next(at for at, line in enumerate(lines) if line.lstrip("#").strip() == heading and line.startswith("#"))
    level = len(lines[start]) - len(lines[start].lstrip("#"))
    fenced, taken = False, []
    for line in lines[start + 1 :]:
        fenced ^= line.startswith("```")
        if not fenced and re.match(rf"#{{1,{level}}} ", line):
            break
        taken.append(line)
    text = "\n".join(taken)
    text = re.sub(r"```rust,no_run", "```rust", text)
    text = re.sub(r"^# Ok::.*\n", "", text, flags=re.M)
    return re.sub(r"\[([^\]]+)\]\((?!https?:)[^)]+\)", r"\1", text)


def file(path: str) -> str:
    """A file of the repository as a block of code."""
    text = (ROOT / path).read_text("utf-8").rstrip()
    return f"```{LANGUAGES.get(path.rpartition('.')[2], 'text')}\n{text}\n```"


def command_help(command: str) -> str:
    """What the command line says of a command."""
    arguments = [sys.executable, "-m", "geminivideo", *command.split(), "--help"]
    told = subprocess.run(arguments, capture_output=True, text=True, check=True).stdout
    return f"```text\n{told.rstrip()}\n```"


def doc(module: str) -> str:
    """The docstring of a Python module, without its first line's full stop as a heading."""
    text = inspect.getdoc(importlib.import_module(module)) or ""
    return f"```text\n{text}\n```"


def reference(_: str) -> str:
    """The public names of every module of the package, with their signatures and docstrings."""
    folder = pathlib.Path(importlib.import_module("geminivideo").__file__ or "").parent
    stems = sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_"))
    return "\n\n".join(_module(f"geminivideo.{stem}") for stem in stems)


def _module(name: str) -> str:
    module = importlib.import_module(name)
    if not module.__doc__:
        raise LookupError(f"{name} has no docstring")
    names = getattr(module, "__all__", [])
    parts = [f"## {name}", f"```text\n{inspect.getdoc(module)}\n```"]
    parts += [_entry(name, public, getattr(module, public)) for public in names]
    return "\n\n".join(part for part in parts if part)


def _entry(module: str, name: str, value: object) -> str:
    if not (inspect.isclass(value) or inspect.isfunction(value)):
        return ""
    text = [_told(name, value)]
    if inspect.isclass(value):
        for method, member in vars(value).items():
            inner = member.__func__ if isinstance(member, (staticmethod, classmethod)) else member
            if not method.startswith("_") and (inspect.isfunction(inner) or isinstance(inner, property)):
                text.append(textwrap.indent(_told(method, inner), "    "))
    shown = "\n\n".join(text).replace("```", "'''")
    return f"### {module.removeprefix('geminivideo.')}.{name}\n\n```text\n{shown}\n```"


def _told(name: str, value: object) -> str:
    try:
        signature = "" if isinstance(value, property) else str(inspect.signature(value))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        signature = ""
    documented = inspect.getdoc(value) or ""
    return f"{name}{signature}\n{textwrap.indent(documented, '    ')}".rstrip()


KINDS = {"readme": readme, "file": file, "help": command_help, "doc": doc, "reference": reference}
