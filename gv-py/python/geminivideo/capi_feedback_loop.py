"""Real conversions, and what models learn from them.

Events come from the shop, counts from the platform's reports; both are matched with recorded predictions.
Customer data is hashed before anything is stored, and an event is durable before
:meth:`CAPIFeedbackLoop.process_capi_event` returns. The Conversions API is one-way: a platform never sends
conversions back, so feed the loop with your own events and with insights.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, TypedDict

from . import _core, config
from ._store import Storage, open_store
from ._time import to_datetime
from .auto_retrain_pipeline import RetrainJob, _job

__all__ = [
    "CAPIConversionEvent",
    "CAPIFeedbackLoop",
    "Delivery",
    "FeedbackMetrics",
    "JobResult",
    "PredictionActualPair",
    "Processed",
    "Refused",
    "Retrained",
    "Skipped",
    "daily_retrain_job",
]

_log = logging.getLogger(__name__)


class Processed(TypedDict):
    """What became of an event."""

    processed: bool
    event_id: str
    campaign_id: str | None
    creative_id: str | None
    value: float
    currency: str | None
    duplicate: bool
    late: bool
    unmatched: str | None


class Refused(TypedDict):
    """Why an event was not taken; no customer data stands in the message."""

    processed: bool
    error: str


class Retrained(TypedDict):
    """Models were retrained; errors are relative (0.3 is 30 %), ``None`` without such predictions."""

    status: str
    samples_used: int
    avg_ctr_error_before: float | None
    avg_roas_error_before: float | None
    retrain_result: list[RetrainJob]
    next_retrain_eligible: str


class Skipped(TypedDict):
    """Nothing was done, and why."""

    status: str
    reason: str


class FeedbackMetrics(TypedDict):
    """What :meth:`CAPIFeedbackLoop.get_feedback_metrics` returns."""

    pending_events: int
    last_retrain: str | None
    retrain_threshold: int
    retrain_interval_hours: float
    counted_events: int
    unmatched_events: int
    late_events: int
    new_outcomes: int
    outbox_waiting: int
    outbox_refused: int


class Delivery(TypedDict):
    """What became of the outbox."""

    sent: int
    refused: int
    waiting: int


class JobResult(TypedDict):
    """What :func:`daily_retrain_job` returns."""

    status: str
    result: Retrained | Skipped


@dataclass
class CAPIConversionEvent:
    """A conversion as it comes in; `event_time` is in seconds since 1970."""

    event_id: str
    event_name: str
    event_time: int
    user_data: dict[str, Any] = field(default_factory=dict)
    custom_data: dict[str, Any] = field(default_factory=dict)
    event_source_url: str = ""
    action_source: str = "website"

    @property
    def value(self) -> float:
        """Value in the currency's unit; 0 where it has none."""
        return float(self.custom_data.get("value") or 0.0)

    @property
    def currency(self) -> str:
        """ISO code of the currency; empty where it has none."""
        return str(self.custom_data.get("currency") or "").upper()


@dataclass
class PredictionActualPair:
    """Predictions of one creative beside what happened to it; ``None`` where there is no such figure."""

    prediction_id: str
    campaign_id: str
    creative_id: str
    predicted_ctr: float | None
    predicted_roas: float | None
    predicted_conversions: float | None
    actual_ctr: float | None
    actual_roas: float | None
    actual_conversions: float
    actual_revenue: float
    actual_spend: float
    ctr_error: float | None
    roas_error: float | None
    conversion_error: float | None
    timestamp: datetime


class CAPIFeedbackLoop:
    """Takes conversions, matches them with predictions, retrains.

    Parameters
    ----------
    db_session : str, path, store or None
        Where everything is kept; see :class:`.PredictionAccuracyTracker`. Anything else, such as a session
        of SQLAlchemy, is not written to: records then go to the default store, and a warning says so.
    mature_after_days : float, default 7
        Days after a creative's last day until its conversions count as complete.
    forward : bool, default False
        Whether events go to the outbox for the Conversions API; see :meth:`flush_outbox`.
    """

    RETRAIN_THRESHOLD = 100
    RETRAIN_INTERVAL_HOURS = 24

    def __init__(
        self, db_session: Any = None, *, mature_after_days: float = 7.0, forward: bool = False
    ) -> None:
        storage: Storage
        if db_session is None or isinstance(db_session, (str, os.PathLike, _core.Store)):
            storage = db_session
        else:
            _log.warning("%s is not written to; the default store is used", type(db_session).__name__)
            storage = None
        self.RETRAIN_THRESHOLD = config.chosen("retrain_threshold", self.RETRAIN_THRESHOLD)
        options = {
            "retrain_threshold": self.RETRAIN_THRESHOLD,
            "retrain_interval_hours": self.RETRAIN_INTERVAL_HOURS,
            "mature_after_days": mature_after_days,
            "forward": forward,
        }
        self.store = open_store(storage)
        self._loop = _core.FeedbackLoop(self.store, json.dumps(options))

    async def process_capi_event(
        self, event_data: Mapping[str, Any] | CAPIConversionEvent
    ) -> Processed:
        """Take an event and make it durable; the same event again changes nothing.

        Raises
        ------
        InvalidInputError
            For an event that breaks a rule; no customer data stands in the message.
        """
        text = json.dumps(_plain(event_data), default=str)
        processed: Processed = await asyncio.to_thread(self._loop.process, text)
        return processed

    async def process_capi_events(
        self, events: Iterable[Mapping[str, Any] | CAPIConversionEvent]
    ) -> list[Processed | Refused]:
        """Take events in one transaction and say what became of each; a bad one does not keep the others out.

        This is many times faster than one call for each.
        """
        text = json.dumps([_plain(event) for event in events], default=str)
        outcomes: list[Processed | Refused] = await asyncio.to_thread(self._loop.process_all, text)
        return outcomes

    def record_insights(self, rows: Iterable[Mapping[str, Any]]) -> int:
        """Take rows of the platform's report and return how many.

        A row has ``campaign_id``, ``creative_id``, ``date`` (YYYY-MM-DD), ``impressions``, ``clicks``,
        ``spend`` and, where the platform counts them, ``conversions`` and ``revenue``; ``currency`` is USD
        until said otherwise. A row of the same creative and day replaces the former.
        """
        return self._loop.record_insights(json.dumps([dict(row) for row in rows], default=str))

    async def match_predictions_to_actuals(self) -> list[PredictionActualPair]:
        """Match mature creatives with their predictions and record the outcomes, each once."""
        pairs = await asyncio.to_thread(self._loop.match_predictions)
        return [
            PredictionActualPair(timestamp=to_datetime(pair.pop("timestamp")), **pair)
            for pair in pairs
        ]

    async def should_retrain(self) -> bool:
        """Say whether enough new outcomes are there and the last run is long enough ago."""
        return await asyncio.to_thread(self._loop.should_retrain)

    async def trigger_retrain(self) -> Retrained | Skipped:
        """Retrain every kind of model with outcomes, if it is time."""
        plain = await asyncio.to_thread(self._loop.trigger_retrain)
        if plain["status"] == "skipped":
            return {"status": "skipped", "reason": plain["reason"]}
        return {
            "status": "completed",
            "samples_used": plain["samples_used"],
            "avg_ctr_error_before": plain["avg_ctr_error_before"],
            "avg_roas_error_before": plain["avg_roas_error_before"],
            "retrain_result": [_job(job) for job in plain["retrain_result"]],
            "next_retrain_eligible": to_datetime(plain["next_retrain_eligible"]).isoformat(),
        }

    def get_feedback_metrics(self) -> FeedbackMetrics:
        """Return the state of the loop at a glance."""
        plain: Any = self._loop.metrics()
        last = plain["last_retrain"]
        plain["last_retrain"] = None if last is None else to_datetime(last).isoformat()
        metrics: FeedbackMetrics = plain
        return metrics

    def handle_webhook(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str] | Iterable[tuple[str, str]],
        body: bytes,
        *,
        app_secret: str,
        verify_token: str = "",
    ) -> tuple[int, str, str]:
        """Answer an HTTP request: status, content type, body; for any web framework to mount.

        GET is the handshake of a subscription; POST takes events, one object, a list or
        ``{"events": [...]}``, whose ``X-Hub-Signature-256`` is checked over the raw body.
        """
        pairs = headers.items() if isinstance(headers, Mapping) else headers
        return self._loop.handle_webhook(
            app_secret, verify_token, method, target, list(pairs), body
        )

    def flush_outbox(
        self,
        *,
        pixel_id: str | None = None,
        access_token: str | None = None,
        base_url: str | None = None,
        app_secret: str | None = None,
        test_event_code: str | None = None,
    ) -> Delivery:
        """Send what waits in the outbox to the Conversions API.

        Without `pixel_id` and `access_token` these are ``META_PIXEL_ID`` and ``META_ACCESS_TOKEN``.
        Events that the platform refuses for good are kept with the reason; the others wait.

        Raises
        ------
        UnavailableError
            Where neither is given.
        """
        delivery: Delivery = self._loop.flush_outbox(
            pixel_id, access_token, base_url, app_secret, test_event_code
        )
        return delivery


def _plain(event: Mapping[str, Any] | CAPIConversionEvent) -> Mapping[str, Any]:
    return asdict(event) if isinstance(event, CAPIConversionEvent) else event


async def daily_retrain_job(db_session: Any) -> JobResult:
    """Retrain, if it is time; for a scheduler to call once a day."""
    result = await CAPIFeedbackLoop(db_session).trigger_retrain()
    return {"status": result["status"], "result": result}
