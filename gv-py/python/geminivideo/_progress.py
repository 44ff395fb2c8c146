"""Progress of long calls: a bar, a callable, or silence."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Union

#: What the argument ``progress`` takes: ``True`` shows a bar, a callable is called with
#: ``(done, total, stage)``, ``total`` being ``None`` where it is not known.
Progress = Union[bool, Callable[[int, "int | None", str], object]]


@contextlib.contextmanager
def reporter(
    progress: Progress,
    unit: str = " frames",
) -> Iterator[Callable[[int, int | None, str], object] | None]:
    """Yields what the native code is to call, and takes a bar away at the end."""
    if callable(progress):
        yield progress
        return
    if not progress:
        yield None
        return

    from tqdm.auto import tqdm

    with tqdm(total=None, unit=unit, leave=False) as bar:

        def show(done: int, total: int | None, stage: str) -> None:
            bar.set_description(stage, refresh=False)
            bar.total = total
            bar.n = done
            bar.refresh()

        yield show
