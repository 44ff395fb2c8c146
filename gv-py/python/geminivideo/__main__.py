"""The command line: ``geminivideo``, ``python -m geminivideo``."""

from __future__ import annotations

import shutil
import sys

from . import _core


def main() -> int:
    """Run the command line of this process and return its exit status."""
    return _core.cli(["geminivideo", *sys.argv[1:]], shutil.get_terminal_size().columns)


if __name__ == "__main__":
    sys.exit(main())
