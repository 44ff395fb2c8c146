"""Voice-overs and voice cloning, by ElevenLabs.

What is paid is written into a journal before it is sent, and audio is kept: the same text in the same
voice is not paid twice unless ``fresh=True`` asks for it. ``ELEVENLABS_API_URL`` in the environment, or
``base_url``, names another address than ``https://api.elevenlabs.io``.
"""

from __future__ import annotations

import enum
import json
import logging
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any, Optional, TypedDict

from . import _core
from ._exchange import on_thread, run, run_blocking
from .errors import GeminiVideoError

__all__ = [
    "VOICE_PRESETS",
    "VOICE_PRESET_STATES",
    "CostEstimate",
    "ElevenLabsClient",
    "MockElevenLabsClient",
    "VoiceInfo",
    "VoiceModel",
    "VoiceOverRequest",
    "VoiceOverResult",
    "VoiceSettings",
    "VoiceStyle",
    "WordTime",
    "get_elevenlabs_client",
]

logger = logging.getLogger(__name__)

ELEVENLABS_API_URL = "https://api.elevenlabs.io/v1"
ELEVENLABS_API_KEY = os.environ.get("ELEVENLABS_API_KEY") or ""

_TABLES = _core.voice_tables()

#: Voice ids of the preset voices. ElevenLabs withdraws them step by step; `VOICE_PRESET_STATES` says
#: what is known. Entries may be added and replaced.
VOICE_PRESETS: dict[str, str] = {name: voice for name, voice, _, _ in _TABLES["presets"]}

#: What is known about each preset's availability.
VOICE_PRESET_STATES: dict[str, str] = {name: state for name, _, _, state in _TABLES["presets"]}


class VoiceModel(enum.Enum):
    """The specification's models; current ones are named by their text (``"eleven_flash_v2_5"``).

    The last was removed by ElevenLabs on 2026-07-09: a request for it goes to ``eleven_flash_v2``, and
    the result's notes say so.
    """

    ELEVEN_TURBO_V2 = "eleven_turbo_v2"
    ELEVEN_MULTILINGUAL_V2 = "eleven_multilingual_v2"
    ELEVEN_MONOLINGUAL_V1 = "eleven_monolingual_v1"


class VoiceStyle(enum.Enum):
    """Ways to speak; :meth:`VoiceSettings.for_style` turns one into settings."""

    CONVERSATIONAL = "conversational"
    NARRATIVE = "narrative"
    NEWS = "news"
    PROMOTIONAL = "promotional"
    EXCITED = "excited"
    CALM = "calm"


@dataclass
class VoiceSettings:
    """How a voice speaks.

    Attributes
    ----------
    stability : float
        0 to 1; higher is more even.
    similarity_boost : float
        0 to 1; higher is closer to the original voice.
    style : float
        0 to 1; higher exaggerates. Only ``eleven_multilingual_v2`` heeds it.
    use_speaker_boost : bool
        Holds the voice closer to its model; some models ignore it.
    speed : float, optional
        0.7 to 1.2 times the ordinary speed.
    """

    stability: float = 0.5
    similarity_boost: float = 0.75
    style: float = 0.5
    use_speaker_boost: bool = True
    speed: Optional[float] = None

    @classmethod
    def for_style(cls, style: VoiceStyle) -> VoiceSettings:
        """Return settings for a style: priors of this package, not ElevenLabs' figures."""
        return cls(**_TABLES["styles"][style.value])


@dataclass
class VoiceOverRequest:
    """A text to be spoken.

    Attributes
    ----------
    text : str
        The script; a long one is cut at sentences and stitched.
    voice_id : str
        ElevenLabs' voice id, or a preset's name.
    model : VoiceModel or str
        The model.
    settings : VoiceSettings, optional
        How the voice speaks; what is stored with the voice otherwise.
    output_format : str
        For example ``mp3_44100_128``, ``pcm_16000``, ``wav_44100``.
    language : str, optional
        ISO 639-1, for models that take one.
    seed : int, optional
        0 to 4294967295; makes speech repeatable as far as ElevenLabs can.
    timestamps : bool
        Asks for the time of each word; the result has captions then.
    fresh : bool
        Pays again even where the same request was paid before.
    """

    text: str
    voice_id: str
    model: VoiceModel | str = VoiceModel.ELEVEN_TURBO_V2
    settings: Optional[VoiceSettings] = None
    output_format: str = "mp3_44100_128"
    language: Optional[str] = None
    seed: Optional[int] = None
    timestamps: bool = False
    fresh: bool = False


class WordTime(TypedDict):
    """A word and when it is said, in seconds from the beginning of the audio."""

    word: str
    start: float
    end: float


@dataclass
class VoiceOverResult:
    """What a text became.

    Attributes
    ----------
    audio_data : bytes
        The audio; empty where there is none.
    audio_url : str or None
        The audio on this machine as a ``file:`` address, where it was stored in one file.
    duration_seconds : float
        Length of the audio, measured from it.
    characters_used : int
        Characters of the script.
    generation_time : float
        Seconds from the first request to the end.
    error : str or None
        Why there is no audio.
    billed_characters : int
        Characters billed for this call: ElevenLabs' figure where it gave one (`billed`).
    billed : bool
        Whether `billed_characters` is ElevenLabs' own figure.
    cost_usd : float
        What this call cost by the table's price.
    request_ids : list of str
        ElevenLabs' names for the requests.
    words : list of WordTime
        When each word is said, where that was asked for.
    srt, vtt : str or None
        Captions, where times were asked for.
    cached : bool
        Whether all of it was paid earlier.
    model_used : str
        The model that spoke.
    notes : list of str
        What differs from what was asked for, and what else is worth knowing.
    """

    audio_data: bytes
    audio_url: Optional[str]
    duration_seconds: float
    characters_used: int
    generation_time: float
    error: Optional[str] = None
    billed_characters: int = 0
    billed: bool = False
    cost_usd: float = 0.0
    request_ids: list[str] = field(default_factory=list)
    words: list[WordTime] = field(default_factory=list)
    srt: Optional[str] = None
    vtt: Optional[str] = None
    cached: bool = False
    model_used: str = ""
    notes: list[str] = field(default_factory=list)

    def __repr__(self) -> str:
        return (
            f"VoiceOverResult({len(self.audio_data)} bytes, {self.duration_seconds:.2f} s, "
            f"characters_used={self.characters_used}, error={self.error!r})"
        )


class CostEstimate(TypedDict):
    """What a text will cost, before it is spoken; the duration is by a rate that is a prior."""

    characters: int
    billed_characters: int
    estimated_cost_usd: float
    estimated_duration_seconds: float


class _VoiceId(TypedDict):
    voice_id: str
    name: str


class VoiceInfo(_VoiceId, total=False):
    """A voice as ElevenLabs describes it."""

    category: str
    description: str | None
    labels: dict[str, str]
    preview_url: str | None


_Arguments = tuple[Any, ...]


def _arguments(request: VoiceOverRequest) -> _Arguments:
    s = request.settings
    settings = s and (s.stability, s.similarity_boost, s.style, s.use_speaker_boost, s.speed)
    model = request.model.value if isinstance(request.model, enum.Enum) else request.model
    voice = VOICE_PRESETS.get(request.voice_id, request.voice_id)
    return (
        request.text,
        voice,
        model or None,
        settings,
        request.output_format,
        request.language,
        request.seed,
    )


def _result(shown: dict[str, Any], audio: bytes | None) -> VoiceOverResult:
    path = shown.pop("audio_path", None)
    characters = shown.pop("characters", None)
    result = VoiceOverResult(
        audio_data=audio or b"",
        audio_url=None if path is None else "file://" + path,
        **shown,
    )
    if characters is not None:
        words, result.srt, result.vtt = _core.captions([tuple(each) for each in characters], 42, 2)
        result.words = [WordTime(word=word, start=start, end=end) for word, start, end in words]
    return result


def _failed(text: str, error: Exception) -> VoiceOverResult:
    return VoiceOverResult(
        audio_data=b"",
        audio_url=None,
        duration_seconds=0.0,
        characters_used=len(text),
        generation_time=0.0,
        error=str(error),
    )


class ElevenLabsClient:
    """Speaks with ElevenLabs.

    Speaking never raises for what the service or the network does: ``error`` of the result says why there
    is no audio. What breaks a rule (a setting out of range, an unknown voice) fails in the same way before
    anything is sent.

    Coroutines run in any asyncio loop, many at once; each has a twin for scripts whose name ends in
    ``_sync``.

    Parameters
    ----------
    api_key : str, optional
        The key; ``ELEVENLABS_API_KEY`` otherwise.
    base_url : str, optional
        The API's address; ``ELEVENLABS_API_URL`` otherwise, else ``https://api.elevenlabs.io``.
    state_dir : path, optional
        Where journal and audio are kept; ``GV_STATE_DIR`` otherwise, else the user's data folder. ``""``
        keeps the journal in memory and stores nothing.
    spending_cap_usd : float, optional
        Dollars that may be spent in all, by the journal; a request beyond fails before it is sent.
    timeout : float
        Seconds for one request.
    max_retries : int
        Attempts after the first. A request that may have been spoken is never repeated.
    allow_http : bool
        Takes plain ``http`` for hosts other than this machine.
    catalog, voices : dict, optional
        Models and prices, presets and ad voices, in place of the dated tables of this release.

    Raises
    ------
    InvalidInputError
        For a key with a line break, an address that cannot be used, a table that is none.
    """

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        state_dir: str | os.PathLike[str] | None = None,
        spending_cap_usd: float | None = None,
        timeout: float = 240.0,
        max_retries: int = 4,
        allow_http: bool = False,
        catalog: dict[str, Any] | None = None,
        voices: dict[str, Any] | None = None,
    ) -> None:
        self._core = _core.ElevenLabs(
            api_key=api_key or None,
            base_url=base_url,
            state_dir=state_dir,
            spending_cap_usd=spending_cap_usd,
            timeout=timeout,
            max_retries=max_retries,
            allow_http=allow_http,
            catalog=None if catalog is None else json.dumps(catalog),
            voices=None if voices is None else json.dumps(voices),
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def _start(self, request: VoiceOverRequest) -> _core.Session:
        arguments = (*_arguments(request), request.timestamps, request.fresh)
        return self._core.start(*arguments)

    async def generate_voiceover(self, request: VoiceOverRequest) -> VoiceOverResult:
        """Speak a text."""
        try:
            return _result(*(await run(self._start(request))))
        except GeminiVideoError as error:
            return _failed(request.text, error)

    def generate_voiceover_sync(self, request: VoiceOverRequest) -> VoiceOverResult:
        """Do what :meth:`generate_voiceover` does, without a loop."""
        try:
            return _result(*run_blocking(self._start(request)))
        except GeminiVideoError as error:
            return _failed(request.text, error)

    async def stream_voiceover(self, request: VoiceOverRequest) -> AsyncIterator[bytes]:
        """Speak a text and yield the audio as it comes.

        Raises
        ------
        GeminiVideoError
            Where the audio does not come whole; what was yielded before is cut then.
        """
        stream = self._core.stream(*_arguments(request))
        while (piece := await on_thread(stream.read)) is not None:
            yield piece

    def stream_voiceover_sync(self, request: VoiceOverRequest) -> Iterator[bytes]:
        """Do what :meth:`stream_voiceover` does, without a loop."""
        stream = self._core.stream(*_arguments(request))
        while (piece := stream.read()) is not None:
            yield piece

    async def get_available_voices(self) -> list[VoiceInfo]:
        """List the voices of the account, all pages.

        Raises
        ------
        GeminiVideoError
            Where the list does not come.
        """
        voices: list[VoiceInfo] = (await run(self._core.list_voices()))[0]
        return voices

    def get_available_voices_sync(self) -> list[VoiceInfo]:
        """Do what :meth:`get_available_voices` does, without a loop."""
        voices: list[VoiceInfo] = run_blocking(self._core.list_voices())[0]
        return voices

    async def clone_voice(
        self, name: str, audio_files: list[bytes], description: str = ""
    ) -> Optional[str]:
        """Clone a voice from recordings (MP3, WAV, Ogg, FLAC, M4A); its id, or ``None``.

        Why there is none is logged as an error.
        """
        try:
            session = self._core.clone_voice(name, audio_files, description)
            voice: str = (await run(session))[0]
        except GeminiVideoError as error:
            logger.error("the voice was not cloned: %s", error)
            return None
        return voice

    def clone_voice_sync(
        self, name: str, audio_files: list[bytes], description: str = ""
    ) -> Optional[str]:
        """Do what :meth:`clone_voice` does, without a loop."""
        try:
            voice: str = run_blocking(self._core.clone_voice(name, audio_files, description))[0]
        except GeminiVideoError as error:
            logger.error("the voice was not cloned: %s", error)
            return None
        return voice

    def _ad(self, script: str, voice_type: str) -> VoiceOverRequest:
        preset, (stability, similarity, style, boost, speed) = self._core.ad_voice(voice_type)
        settings = VoiceSettings(stability, similarity, style, boost, speed)
        return VoiceOverRequest(script, preset, settings=settings)

    async def generate_ad_voiceover(
        self, script: str, voice_type: str = "energetic_male"
    ) -> VoiceOverResult:
        """Speak an ad's script with a voice and settings by type.

        Types are ``energetic_male``, ``energetic_female``, ``calm_male``, ``calm_female``,
        ``young_female``, ``young_male`` and ``authoritative``.
        """
        try:
            request = self._ad(script, voice_type)
        except GeminiVideoError as error:
            return _failed(script, error)
        return await self.generate_voiceover(request)

    def generate_ad_voiceover_sync(
        self, script: str, voice_type: str = "energetic_male"
    ) -> VoiceOverResult:
        """Do what :meth:`generate_ad_voiceover` does, without a loop."""
        try:
            request = self._ad(script, voice_type)
        except GeminiVideoError as error:
            return _failed(script, error)
        return self.generate_voiceover_sync(request)

    def _multilingual(self, text: str, voice_id: str, language: str) -> VoiceOverRequest:
        voice = VOICE_PRESETS.get(voice_id, voice_id)
        model = self._core.multilingual(text, voice, language)
        return VoiceOverRequest(text, voice, model=model or "", language=language)

    async def generate_multilingual(
        self, text: str, voice_id: str, language: str = "en"
    ) -> VoiceOverResult:
        """Speak a text in a language, with a model that keeps to it (``eleven_flash_v2_5``)."""
        try:
            request = self._multilingual(text, voice_id, language)
        except GeminiVideoError as error:
            return _failed(text, error)
        return await self.generate_voiceover(request)

    def generate_multilingual_sync(
        self, text: str, voice_id: str, language: str = "en"
    ) -> VoiceOverResult:
        """Do what :meth:`generate_multilingual` does, without a loop."""
        try:
            request = self._multilingual(text, voice_id, language)
        except GeminiVideoError as error:
            return _failed(text, error)
        return self.generate_voiceover_sync(request)

    def estimate_cost(self, text: str, model: VoiceModel | str | None = None) -> CostEstimate:
        """Say what a text will cost; nothing is sent.

        Raises
        ------
        InvalidInputError
            For an unknown model.
        """
        name = model.value if isinstance(model, enum.Enum) else model
        estimate: CostEstimate = self._core.estimate(text, name)
        return estimate

    def subscription(self) -> tuple[str, int, int]:
        """Return the plan's name, the characters used in this period and those included.

        Raises
        ------
        GeminiVideoError
            Where the answer does not come.
        """
        return self._core.subscription()

    def ledger(self) -> dict[str, Any]:
        """What was spent, entry by entry; see :class:`geminivideo.runway_gen3.Ledger`."""
        shown: dict[str, Any] = self._core.ledger()
        return shown

    def release(self, entry_id: str) -> None:
        """Declare that an entry whose answer nobody saw was not paid, so that it may be sent again.

        Raises
        ------
        InvalidInputError
            Where there is no such entry, or it is not uncertain.
        """
        self._core.release(entry_id)


class MockElevenLabsClient:
    """Answers without a service, for tests: its audio is silence of the length the text would take.

    Checks are those of the real client.

    Parameters
    ----------
    failures : list of str, optional
        Why the next requests fail, in order; the ones after them succeed.
    """

    def __init__(self, failures: list[str] | None = None) -> None:
        self._core = _core.MockElevenLabs(failures or [])

    async def generate_voiceover(self, request: VoiceOverRequest) -> VoiceOverResult:
        """Answer at once."""
        return self.generate_voiceover_sync(request)

    def generate_voiceover_sync(self, request: VoiceOverRequest) -> VoiceOverResult:
        """Do what :meth:`generate_voiceover` does, without a loop."""
        try:
            return _result(*self._core.generate(*_arguments(request)))
        except GeminiVideoError as error:
            return _failed(request.text, error)

    async def get_available_voices(self) -> list[VoiceInfo]:
        """List the presets."""
        return self._core.voices()


def get_elevenlabs_client() -> ElevenLabsClient:
    """Return a client with the environment's key.

    Without a key every request fails and says so; it is never a mock in disguise.
    """
    return ElevenLabsClient()
