"""Adds up what the test runners print at their end, over all the log files given."""

import re
import sys

CLOSING = re.compile(r"test result: |\s+Summary \[|=+ .*\bin [0-9.]+s")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def count(lines, word):
    return sum(int(n) for line in lines for n in re.findall(rf"(\d+) (?:{word})\b", line))


def main(paths):
    lines = []
    for path in paths:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines += [line for line in (COLOUR.sub("", raw) for raw in file) if CLOSING.match(line)]
    passed, failed = count(lines, "passed"), count(lines, "failed|errors?")
    print(f"{passed} passed, {failed} failed, {count(lines, 'skipped|ignored')} skipped")
    return 1 if failed or not passed else 0


sys.exit(main(sys.argv[1:]))
