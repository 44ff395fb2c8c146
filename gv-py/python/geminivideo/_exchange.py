"""Running exchanges of the core: in any asyncio loop, or on this thread."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from . import _core

#: Requests under way at the same time in one process; waits take no thread.
MAX_THREADS = 32

_T = TypeVar("_T")
_pool: ThreadPoolExecutor | None = None


def _forget_pool() -> None:
    global _pool
    _pool = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_pool)


def _threads() -> ThreadPoolExecutor:
    global _pool
    if _pool is None:
        _pool = ThreadPoolExecutor(MAX_THREADS, thread_name_prefix="geminivideo")
    return _pool


async def on_thread(work: Callable[[], _T]) -> _T:
    """Run blocking work on a thread of the pool."""
    return await asyncio.get_running_loop().run_in_executor(_threads(), work)


def _tell(session: _core.Session, on_progress: Callable[[dict[str, Any]], object] | None) -> None:
    if on_progress is not None:
        shown = session.progress()
        if shown is not None:
            on_progress(shown)


async def run(
    session: _core.Session, on_progress: Callable[[dict[str, Any]], object] | None = None
) -> tuple[Any, bytes | None]:
    """Run an exchange in the running loop.

    A request that is under way when the task is cancelled is still answered, on its thread, and what it
    began is written into the journal.
    """
    try:
        while True:
            wait = await on_thread(session.advance)
            _tell(session, on_progress)
            if wait is None:
                return session.result()
            await asyncio.sleep(wait)
    except asyncio.CancelledError:
        session.cancel()
        raise


def run_blocking(
    session: _core.Session, on_progress: Callable[[dict[str, Any]], object] | None = None
) -> tuple[Any, bytes | None]:
    """Run an exchange to its end; Ctrl-C is heard while it waits."""
    try:
        while True:
            wait = _threads().submit(session.advance).result()
            _tell(session, on_progress)
            if wait is None:
                return session.result()
            time.sleep(wait)
    except BaseException:
        session.cancel()
        raise
