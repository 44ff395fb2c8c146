"""A pool of processes that each do one call at a time; one that dies costs its own call and no other.

Workers are fresh interpreters, so that neither locks nor threads of this process get into them, and a script needs no
``if __name__ == "__main__"``. They leave when this process does, however it ends.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from typing import Any, BinaryIO, cast

#: What a worker starts with: calls come through the standard input, which no child of its own may read from.
_PROGRAM = """
import os, pickle, sys
calls = os.fdopen(os.dup(0), "rb")
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
sys.path[:] = pickle.load(calls)
from geminivideo._workers import serve
serve(calls)
"""


class WorkerDied(RuntimeError):
    """A worker ended while it worked."""


class _Worker:
    """One process and the pipes to it."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._send(sys.path)

    def _send(self, value: object) -> None:
        stream = cast(BinaryIO, self.process.stdin)
        stream.write(pickle.dumps(value))
        stream.flush()

    def call(self, call: tuple[Any, ...]) -> Any:
        try:
            self._send(call)
            succeeded, value = pickle.load(cast(BinaryIO, self.process.stdout))
        except (EOFError, BrokenPipeError, pickle.UnpicklingError) as error:
            self.kill()
            status = self.process.returncode
            how = f"signal {-status}" if status < 0 else f"status {status}"
            raise WorkerDied(f"the process that worked on it ended with {how}") from error
        if succeeded:
            return value
        raise value

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()


class Workers(Executor):
    """An executor whose calls run in `count` processes, which start when they are first needed."""

    def __init__(self, count: int) -> None:
        self._max_workers = count
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="geminivideo-worker")
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()
        self._cancelled = False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run a call in a process; what it raises is raised by the future, as is :class:`WorkerDied`."""
        return self._threads.submit(self._call, (fn, args, kwargs))

    def _call(self, call: tuple[Any, ...]) -> Any:
        with self._lock:
            if self._cancelled:
                raise CancelledError
            worker = self._idle.pop() if self._idle else None
        if worker is None:
            worker = _Worker()
            with self._lock:
                self._all.add(worker)
        try:
            return worker.call(call)
        finally:
            with self._lock:
                if worker.process.poll() is None:
                    self._idle.append(worker)
                else:
                    self._all.discard(worker)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes: at once where `cancel_futures`, else when the calls are done."""
        if cancel_futures:
            with self._lock:
                self._cancelled = True
                for worker in self._all:
                    worker.process.kill()
        self._threads.shutdown(wait=wait, cancel_futures=cancel_futures)
        if not wait:
            return
        with self._lock:
            workers, self._idle, self._all = list(self._all), [], set()
        for worker in workers:
            worker.kill()


def serve(calls: BinaryIO) -> None:
    """Do the calls that come until there are no more; called in the worker's own process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    results = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while True:
        try:
            fn, args, kwargs = pickle.load(calls)
        except EOFError:
            return
        try:
            answer = pickle.dumps((True, fn(*args, **kwargs)))
        except Exception as error:
            answer = pickle.dumps((False, error))
        results.write(answer)
        results.flush()
