"""Examples that await at their top level, run as a notebook does."""

from __future__ import annotations

import pathlib
import subprocess
import sys
import textwrap

EXAMPLES = pathlib.Path(__file__).with_name("examples")


def run_awaiting(stem, folder):
    """Runs a usage example of the specification, import lines changed; returns what it prints."""
    source = (EXAMPLES / f"{stem}.py").read_text("utf-8")
    changed = source.replace(f"from {stem} import", f"from geminivideo.{stem} import")
    assert changed != source
    wrapper = f"""
        import ast, asyncio
        import geminivideo.runway_gen3
        geminivideo.runway_gen3.RunwayGen3Client.poll_interval = 0.01
        code = compile({changed!r}, "example", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        asyncio.run(eval(code, {{}}))
    """
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(wrapper)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout
