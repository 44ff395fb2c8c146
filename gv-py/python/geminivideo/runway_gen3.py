"""Video from text and pictures, by Runway.

What is paid is written into a journal before it is sent: a process that is killed while it waits loses
nothing (:meth:`RunwayGen3Client.open_tasks`, :meth:`RunwayGen3Client.resume`), and the same request is
not paid twice unless ``fresh=True`` asks for it. Videos are downloaded at once, since their addresses
die after a day.

The API lives at ``https://api.dev.runwayml.com``; ``RUNWAY_API_URL`` in the environment, or
``base_url``, names another. The constant of that name is the specification's and is not called.
"""

from __future__ import annotations

import asyncio
import enum
import json
import logging
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields
from typing import Any, Optional, TypedDict

from . import _core
from ._exchange import on_thread, run, run_blocking
from .errors import GeminiVideoError

__all__ = [
    "GenerationRequest",
    "GenerationResult",
    "MockRunwayClient",
    "RunwayGen3Client",
    "RunwayModel",
    "VideoAspectRatio",
    "get_runway_client",
]

logger = logging.getLogger(__name__)

RUNWAY_API_URL = "https://api.runwayml.com/v1"
RUNWAY_API_KEY = os.environ.get("RUNWAY_API_KEY") or os.environ.get("RUNWAYML_API_SECRET") or ""


class RunwayModel(enum.Enum):
    """The specification's models.

    Runway retired the first on 2026-07-30, and the last was never part of its API: a request for one of
    them goes to the successor (``gen4_turbo`` for a picture, ``gen4.5`` for text), and the result's notes
    say so. A current model is named by its text: ``GenerationRequest(..., model="gen4.5")``.
    """

    GEN3_ALPHA = "gen3a_turbo"
    GEN3_ALPHA_TURBO = "gen3a_turbo"
    GEN2 = "gen2"


class VideoAspectRatio(enum.Enum):
    """Shapes of a video. Which there are depends on the model; ``4:3`` and ``3:4`` are named by their text."""

    LANDSCAPE = "16:9"
    PORTRAIT = "9:16"
    SQUARE = "1:1"
    WIDESCREEN = "21:9"


@dataclass
class GenerationRequest:
    """A video to be generated.

    Attributes
    ----------
    prompt : str
        What to show; at most 1000 UTF-16 code units for Runway's own models.
    model : RunwayModel or str
        The model.
    duration : int
        Seconds; 2 to 10 for Runway's own models.
    aspect_ratio : VideoAspectRatio or str
        The shape.
    seed : int, optional
        0 to 4294967295; makes a generation repeatable.
    image_url : str, bytes or os.PathLike, optional
        The picture to begin with: an ``https`` address, a data URI, the path of a JPEG, PNG or WebP file,
        or its bytes. A large file is uploaded.
    style_reference : str, optional
        A style: ``cinematic``, ``studio``, ``documentary``, ``ugc``, ``animation``, or a description. It
        becomes part of the prompt.
    fresh : bool
        Pays again even where the same request was paid before.
    """

    prompt: str
    model: RunwayModel | str = RunwayModel.GEN3_ALPHA_TURBO
    duration: int = 5
    aspect_ratio: VideoAspectRatio | str = VideoAspectRatio.PORTRAIT
    seed: Optional[int] = None
    image_url: str | bytes | os.PathLike[str] | None = None
    style_reference: Optional[str] = None
    fresh: bool = False


@dataclass
class GenerationResult:
    """What a generation ended with.

    Attributes
    ----------
    task_id : str
        Runway's name for the task; empty where it never took the request.
    status : str
        ``completed``, ``failed``, or ``pending`` and ``processing`` where the time to wait was over: the
        task goes on then, and :meth:`RunwayGen3Client.resume` takes it up.
    video_url : str or None
        Address of the video; it dies after a day.
    duration : float
        Seconds that were asked for.
    cost_credits : float
        Credits that this call cost: Runway's figure where it gave one (`billed`), else the table's.
    generation_time : float
        Seconds from the first request to the end.
    prompt_used : str
        The prompt as it was sent.
    error : str or None
        Why there is no video.
    task_status : str
        The state in Runway's words; empty where there is no task.
    model_used : str
        The model that worked on it.
    video_path : str or None
        The video on this machine.
    video_urls : list of str
        Addresses of all outputs.
    estimated_credits : float
        Credits by the table, before.
    billed : bool
        Whether `cost_credits` is Runway's own figure.
    cached : bool
        Whether an earlier payment for the same request was used.
    failure_code : str or None
        Runway's code for a failure.
    retry : str or None
        What another attempt is worth: ``never``, ``after_change`` or ``later``.
    notes : list of str
        What differs from what was asked for, and what else is worth knowing.
    """

    task_id: str
    status: str
    video_url: Optional[str]
    duration: float
    cost_credits: float
    generation_time: float
    prompt_used: str
    error: Optional[str] = None
    task_status: str = ""
    model_used: str = ""
    video_path: Optional[str] = None
    video_urls: list[str] = field(default_factory=list)
    estimated_credits: float = 0.0
    billed: bool = False
    cached: bool = False
    failure_code: Optional[str] = None
    retry: Optional[str] = None
    notes: list[str] = field(default_factory=list)


class LedgerEntry(TypedDict):
    """One paid request; `phase` is ``reserved``, ``running``, ``unanswered``, ``completed``, ``failed``, ``cancelled`` or ``released``."""

    id: str
    service: str
    summary: str
    at: int
    cost_usd: float
    billed: bool
    phase: str
    reason: str | None
    task_id: str | None
    files: list[str]


class Ledger(TypedDict):
    """What was spent in dollars, what is under way or uncertain included at its estimate."""

    spent_usd: float
    entries: list[LedgerEntry]


OnProgress = Callable[[dict[str, Any]], object]


def _value(given: enum.Enum | str) -> str:
    return str(given.value) if isinstance(given, enum.Enum) else given


def _model(given: RunwayModel | str) -> str | None:
    return _value(given) or None


def _result(shown: dict[str, Any]) -> GenerationResult:
    known = {each.name for each in fields(GenerationResult)}
    return GenerationResult(**{name: value for name, value in shown.items() if name in known})


def _failed(request: GenerationRequest, error: Exception, task_id: str = "") -> GenerationResult:
    return GenerationResult(
        task_id=task_id,
        status="failed",
        video_url=None,
        duration=float(request.duration),
        cost_credits=0.0,
        generation_time=0.0,
        prompt_used=request.prompt,
        error=str(error),
    )


class RunwayGen3Client:
    """Generates video with Runway.

    Generating never raises for what the service or the network does: the result's ``status`` is
    ``failed`` then, and ``error`` says why. What breaks a rule (a prompt too long, a shape the model does
    not have) fails in the same way before anything is sent.

    Coroutines run in any asyncio loop, many at once; each has a twin for scripts whose name ends in
    ``_sync``.

    Parameters
    ----------
    api_key : str, optional
        The key; ``RUNWAY_API_KEY``, else ``RUNWAYML_API_SECRET`` otherwise.
    base_url : str, optional
        The API's address; ``RUNWAY_API_URL`` otherwise, else ``https://api.dev.runwayml.com``.
    state_dir : path, optional
        Where journal and videos are kept; ``GV_STATE_DIR`` otherwise, else the user's data folder. ``""``
        keeps the journal in memory and stores nothing.
    spending_cap_usd : float, optional
        Dollars that may be spent in all, by the journal; a request beyond fails before it is sent.
    timeout, poll_interval, max_wait : float
        Seconds for one request, between two looks at a task, and for a generation.
    download : bool
        Whether videos are downloaded at once.
    concurrency : int
        Generations of :meth:`generate_variations` at the same time.
    max_retries : int
        Attempts after the first. A request that may have been taken is never repeated.
    allow_http : bool
        Takes plain ``http`` for hosts other than this machine.
    catalog : dict, optional
        Models, ratios and prices in place of the dated table of this release.
    on_progress : callable, optional
        Called with ``{task_id, status, progress, elapsed}`` after each look at a task.

    Raises
    ------
    InvalidInputError
        For a key with a line break, an address that cannot be used, a table that is none.
    """

    #: Seconds between two looks at a task.
    poll_interval: float = 5.0

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        state_dir: str | os.PathLike[str] | None = None,
        spending_cap_usd: float | None = None,
        timeout: float = 60.0,
        poll_interval: float | None = None,
        max_wait: float = 600.0,
        download: bool = True,
        concurrency: int = 3,
        max_retries: int = 4,
        allow_http: bool = False,
        catalog: dict[str, Any] | None = None,
        on_progress: OnProgress | None = None,
    ) -> None:
        if concurrency < 1:
            raise ValueError(f"concurrency is {concurrency}, allowed is 1 or more")
        self.concurrency = concurrency
        self.on_progress = on_progress
        self._core = _core.Runway(
            api_key=api_key or None,
            base_url=base_url,
            state_dir=state_dir,
            spending_cap_usd=spending_cap_usd,
            timeout=timeout,
            poll_interval=self.poll_interval if poll_interval is None else poll_interval,
            max_wait=max_wait,
            download=download,
            max_retries=max_retries,
            allow_http=allow_http,
            catalog=None if catalog is None else json.dumps(catalog),
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def _start(self, request: GenerationRequest) -> _core.Session:
        return self._core.start(
            request.prompt,
            _model(request.model),
            request.duration,
            _value(request.aspect_ratio),
            request.seed,
            request.image_url,
            request.style_reference,
            request.fresh,
        )

    async def generate_video(self, request: GenerationRequest) -> GenerationResult:
        """Generate a video and wait for it.

        A cancelled wait loses nothing: the task goes on, and the same request takes it up again.
        """
        try:
            session = await on_thread(lambda: self._start(request))
            return _result((await run(session, self.on_progress))[0])
        except GeminiVideoError as error:
            return _failed(request, error)

    def generate_video_sync(self, request: GenerationRequest) -> GenerationResult:
        """Do what :meth:`generate_video` does, without a loop."""
        try:
            return _result(run_blocking(self._start(request), self.on_progress)[0])
        except GeminiVideoError as error:
            return _failed(request, error)

    def _product(self, image: str | bytes | os.PathLike[str], scene: str) -> GenerationRequest:
        prompt = self._core.product_shot(scene)
        return GenerationRequest(prompt, model="", image_url=image)

    async def generate_product_shot(
        self, product_image: str | bytes | os.PathLike[str], scene_description: str
    ) -> GenerationResult:
        """Bring the picture of a product to life in a scene."""
        return await self.generate_video(self._product(product_image, scene_description))

    def generate_product_shot_sync(
        self, product_image: str | bytes | os.PathLike[str], scene_description: str
    ) -> GenerationResult:
        """Do what :meth:`generate_product_shot` does, without a loop."""
        return self.generate_video_sync(self._product(product_image, scene_description))

    def _lifestyle(self, description: str, mood: str) -> GenerationRequest:
        return GenerationRequest(self._core.lifestyle_scene(description, mood), model="")

    async def generate_lifestyle_scene(
        self, description: str, mood: str = "energetic"
    ) -> GenerationResult:
        """Generate footage of people or places in a mood: ``energetic``, ``calm``, ``luxury`` or ``playful``."""
        try:
            request = self._lifestyle(description, mood)
        except GeminiVideoError as error:
            return _failed(GenerationRequest(description), error)
        return await self.generate_video(request)

    def generate_lifestyle_scene_sync(
        self, description: str, mood: str = "energetic"
    ) -> GenerationResult:
        """Do what :meth:`generate_lifestyle_scene` does, without a loop."""
        try:
            request = self._lifestyle(description, mood)
        except GeminiVideoError as error:
            return _failed(GenerationRequest(description), error)
        return self.generate_video_sync(request)

    async def generate_variations(
        self, base_prompt: str, count: int = 3, **options: Any
    ) -> list[GenerationResult]:
        """Generate variations of a prompt, at most ``concurrency`` at the same time.

        Each differs in wording and has a seed of its own, so that asking again finds those that were paid.
        Options are fields of :class:`GenerationRequest`, the same for all.
        """
        try:
            requests = self._variations(base_prompt, count, options)
        except GeminiVideoError as error:
            return [_failed(GenerationRequest(base_prompt), error)] * max(count, 1)
        gate = asyncio.Semaphore(self.concurrency)

        async def one(request: GenerationRequest) -> GenerationResult:
            async with gate:
                return await self.generate_video(request)

        return list(await asyncio.gather(*map(one, requests)))

    def generate_variations_sync(
        self, base_prompt: str, count: int = 3, **options: Any
    ) -> list[GenerationResult]:
        """Do what :meth:`generate_variations` does, without a loop."""
        try:
            requests = self._variations(base_prompt, count, options)
        except GeminiVideoError as error:
            return [_failed(GenerationRequest(base_prompt), error)] * max(count, 1)
        with ThreadPoolExecutor(self.concurrency) as pool:
            return list(pool.map(self.generate_video_sync, requests))

    def _variations(
        self, base_prompt: str, count: int, options: dict[str, Any]
    ) -> list[GenerationRequest]:
        made = self._core.variations(base_prompt, count, options.get("seed") or 0)
        same = {"model": "", **options}
        return [
            GenerationRequest(**{**same, "prompt": prompt, "seed": seed}) for prompt, seed in made
        ]

    async def resume(self, task_id: str) -> GenerationResult:
        """Wait for a task that was begun, in this process or an earlier one; it costs nothing."""
        request = GenerationRequest("", duration=0)
        try:
            return _result((await run(self._core.resume(task_id), self.on_progress))[0])
        except GeminiVideoError as error:
            return _failed(request, error, task_id)

    def resume_sync(self, task_id: str) -> GenerationResult:
        """Do what :meth:`resume` does, without a loop."""
        request = GenerationRequest("", duration=0)
        try:
            return _result(run_blocking(self._core.resume(task_id), self.on_progress)[0])
        except GeminiVideoError as error:
            return _failed(request, error, task_id)

    async def cancel(self, task_id: str) -> None:
        """Cancel a task that runs, or delete one that ended; what ran is not refunded.

        Raises
        ------
        PlatformError, TransportError, InvalidInputError
            Where Runway refuses, cannot be reached, or `task_id` cannot be a task's name.
        """
        await on_thread(lambda: self._core.cancel_task(task_id))

    def cancel_sync(self, task_id: str) -> None:
        """Do what :meth:`cancel` does, without a loop."""
        self._core.cancel_task(task_id)

    def open_tasks(self) -> list[str]:
        """Tasks of the journal that have not ended."""
        return self._core.open_tasks()

    def estimate(self, request: GenerationRequest) -> tuple[float, float]:
        """Credits and dollars that a request will cost by the table; nothing is sent.

        Raises
        ------
        InvalidInputError
            For a request that breaks a rule.
        """
        return self._core.estimate(
            request.prompt,
            _model(request.model),
            request.duration,
            _value(request.aspect_ratio),
            request.image_url,
            request.style_reference,
        )

    def credit_balance(self) -> float:
        """Credits that are left on the account."""
        return self._core.credit_balance()

    def ledger(self) -> Ledger:
        """What was spent, entry by entry."""
        shown: Ledger = self._core.ledger()
        return shown

    def release(self, entry_id: str) -> None:
        """Declare that an entry whose answer nobody saw was not paid, so that it may be sent again.

        Raises
        ------
        InvalidInputError
            Where there is no such entry, or it is not uncertain.
        """
        self._core.release(entry_id)


class MockRunwayClient:
    """Answers without a service, for tests: it makes no video, and its addresses begin with ``mock://``.

    Checks are those of the real client.

    Parameters
    ----------
    failures : list of (code, text), optional
        How the next generations fail, in order; the ones after them succeed.
    """

    def __init__(self, failures: list[tuple[str, str]] | None = None) -> None:
        self._core = _core.MockRunway(failures or [])

    async def generate_video(self, request: GenerationRequest) -> GenerationResult:
        """Answer at once."""
        return self.generate_video_sync(request)

    def generate_video_sync(self, request: GenerationRequest) -> GenerationResult:
        """Do what :meth:`generate_video` does, without a loop."""
        try:
            shown = self._core.generate(
                request.prompt,
                _model(request.model),
                request.duration,
                _value(request.aspect_ratio),
                request.seed,
                request.image_url,
                request.style_reference,
            )
        except GeminiVideoError as error:
            return _failed(request, error)
        return _result(shown)


def get_runway_client() -> RunwayGen3Client:
    """Return a client with the environment's key.

    Without a key every generation fails and says so; it is never a mock in disguise.
    """
    return RunwayGen3Client()
