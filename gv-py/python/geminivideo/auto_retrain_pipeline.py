"""Models that learn again from what came of their predictions.

A run fits a new model on recorded outcomes, judges it on newer campaigns that it has not seen, and makes it
live only if it is better by more than chance. Runs, versions and every change of the live version are
kept in the store.
"""

from __future__ import annotations

import asyncio
import copy
import enum
import json
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, TypedDict
from zoneinfo import ZoneInfo

from . import _core
from ._store import Storage, features_json, open_store
from ._time import to_datetime, to_milliseconds

__all__ = [
    "AutoRetrainPipeline",
    "PipelineConfig",
    "PipelineStatus",
    "RetrainConfig",
    "RetrainJob",
    "RetrainStatus",
    "RetrainTrigger",
    "TrainingLine",
    "run_daily_retrain",
]


class RetrainTrigger(enum.Enum):
    """Why a model learns again."""

    SCHEDULED = "scheduled"
    ACCURACY_DROP = "accuracy_drop"
    DATA_THRESHOLD = "data_threshold"
    DRIFT_DETECTED = "drift_detected"
    MANUAL = "manual"


class RetrainStatus(enum.Enum):
    """How far a run is."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


class TrainingLine(TypedDict):
    """A run in :meth:`AutoRetrainPipeline.get_training_history`."""

    job_id: str
    model_type: str
    trigger: str
    status: str
    old_accuracy: float
    new_accuracy: float
    improvement: float
    training_samples: int
    created_at: str
    duration_seconds: float | None
    promoted: bool
    reason: str


class PipelineConfig(TypedDict):
    """The thresholds in :class:`PipelineStatus`."""

    min_accuracy_threshold: float
    min_samples_for_retrain: int
    daily_retrain_hour: int


class PipelineStatus(TypedDict):
    """What :meth:`AutoRetrainPipeline.get_pipeline_status` returns."""

    active_jobs: int
    total_jobs: int
    total_retrains: int
    current_versions: dict[str, str]
    config: PipelineConfig


@dataclass
class RetrainJob:
    """A run of the pipeline, with what was measured.

    Attributes
    ----------
    training_samples, validation_samples : int
        Outcomes that the judged model was fitted on, and judged by.
    old_accuracy, new_accuracy : float
        Share of the validation outcomes that the live predictions and the new model got within the
        tolerance, 0 to 1.
    improvement : float
        New accuracy less old.
    deviance_improvement, probability_better : float
        What decides: the relative improvement of the squared error on the working scale, and how sure it is
        by a paired bootstrap over campaigns.
    new_version : str or None
        The version that was made.
    promoted : bool
        Whether it is live; `reason` says why or why not.
    """

    job_id: str
    model_type: str
    trigger: RetrainTrigger
    status: RetrainStatus
    config: dict[str, Any] = field(default_factory=dict)
    training_samples: int = 0
    validation_samples: int = 0
    old_accuracy: float = 0.0
    new_accuracy: float = 0.0
    improvement: float = 0.0
    created_at: datetime = field(default_factory=datetime.now)
    started_at: datetime | None = None
    completed_at: datetime | None = None
    error: str | None = None
    deviance_improvement: float = 0.0
    probability_better: float = 0.5
    new_version: str | None = None
    promoted: bool = False
    reason: str = ""


@dataclass
class RetrainConfig:
    """The thresholds of retraining.

    Attributes
    ----------
    daily_retrain_hour : int
        Hour of the day, in `time_zone`, from which the day's scheduled check may learn.
    weekly_retrain_day : int
        Day on which a model learns again though nothing else calls for it, 0 Monday to 6 Sunday.
    min_improvement_threshold : float
        Relative improvement that a new model must reach, with `min_probability_better`.
    time_zone : str or None
        A name such as ``America/New_York``; ``None`` for the machine's local time.
    """

    min_accuracy_threshold: float = 0.6
    min_samples_for_retrain: int = 100
    max_samples_per_retrain: int = 10000
    daily_retrain_hour: int = 2
    weekly_retrain_day: int = 0
    validation_split: float = 0.2
    min_improvement_threshold: float = 0.01
    enable_auto_rollback: bool = True
    rollback_accuracy_threshold: float = 0.5
    min_probability_better: float = 0.9
    lease_hours: float = 4.0
    time_zone: str | None = None


class _Trainer:
    """Lets the core fit and ask an estimator; it is pickled as it was fitted."""

    def __init__(self, estimator: Any) -> None:
        self._estimator = estimator

    def fit(
        self, rows: list[dict[str, Any]], values: list[float], weights: list[float]
    ) -> bytes:
        estimator = copy.deepcopy(self._estimator)
        estimator.fit(_readable(rows), values)
        return pickle.dumps(estimator)

    def predict(self, fitted: bytes, rows: list[dict[str, Any]]) -> list[float]:
        predicted = pickle.loads(fitted).predict(_readable(rows))
        return [float(value) for value in predicted]


def _readable(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Texts as plain strings."""
    return [
        {name: value["text"] if isinstance(value, dict) else value for name, value in row.items()}
        for row in rows
    ]


def _job(plain: dict[str, Any], config: Mapping[str, Any] | None = None) -> RetrainJob:
    moments = {
        name: None if plain[name] is None else to_datetime(plain[name])
        for name in ("created_at", "started_at", "completed_at")
    }
    return RetrainJob(
        **{
            **plain,
            **moments,
            "trigger": RetrainTrigger(plain["trigger"]),
            "status": RetrainStatus(plain["status"]),
            "config": dict(config or {}),
        }
    )


class AutoRetrainPipeline:
    """Retrains models and keeps their versions.

    Parameters
    ----------
    config : RetrainConfig, optional
        The thresholds.
    storage : str, path or store, optional
        Where outcomes, runs and models are kept; see :class:`.PredictionAccuracyTracker`.
    trainer : object, optional
        An estimator with ``fit(rows, values)`` and ``predict(rows)``, such as a scikit-learn pipeline that
        begins with ``DictVectorizer``; rows are dicts of features. It is kept pickled in the store, which
        therefore must be trusted. What it raises fails a run, whose ``error`` says it, and comes out of :meth:`predict`
        unchanged. By default the built-in trainer.
    """

    def __init__(
        self,
        config: RetrainConfig | None = None,
        *,
        storage: Storage = None,
        trainer: Any = None,
    ) -> None:
        self.config = RetrainConfig() if config is None else config
        self.store = open_store(storage)
        self._trainer = None if trainer is None else _Trainer(trainer)
        self._trainer_name = None if trainer is None else f"python:{type(trainer).__qualname__}"
        self._stores: dict[str, _core.Store] = {}
        self._core_for(self.store)

    def _core_for(
        self, store: _core.Store, changes: Mapping[str, Any] | None = None
    ) -> _core.RetrainPipeline:
        config = {**asdict(self.config), **(changes or {})}
        zone = config.pop("time_zone")
        now = datetime.now(ZoneInfo(zone)) if zone else datetime.now().astimezone()
        offset = now.utcoffset()
        config["utc_offset_minutes"] = 0 if offset is None else round(offset.total_seconds() / 60)
        return _core.RetrainPipeline(store, json.dumps(config), self._trainer, self._trainer_name)

    def _core_of(
        self, model_type: str, changes: Mapping[str, Any] | None = None
    ) -> _core.RetrainPipeline:
        return self._core_for(self._stores.get(model_type, self.store), changes)

    async def check_retrain_needed(
        self, model_type: str, accuracy_tracker: Any = None
    ) -> tuple[bool, RetrainTrigger, str]:
        """Say whether a kind of model should learn again, by which trigger, and why.

        `accuracy_tracker` is the :class:`.PredictionAccuracyTracker` whose records count; any other object
        with ``should_retrain(model_type)`` may call for a run as well.
        """
        store = getattr(accuracy_tracker, "store", None)
        if isinstance(store, _core.Store):
            self._stores[model_type] = store
        elif accuracy_tracker is not None:
            needed, reason = accuracy_tracker.should_retrain(model_type)
            if needed:
                return True, RetrainTrigger.ACCURACY_DROP, reason
        pipeline = self._core_of(model_type)
        need = await asyncio.to_thread(pipeline.check, model_type)
        return need["needed"], RetrainTrigger(need["trigger"]), need["reason"]

    async def start_retrain(
        self, model_type: str, trigger: RetrainTrigger, config: dict[str, Any] | None = None
    ) -> RetrainJob:
        """Retrain a kind of model and return the run, completed or failed.

        `config` changes fields of :class:`RetrainConfig` for this run.

        Raises
        ------
        ConflictError
            Where another run of the same kind is at work.
        """
        pipeline = self._core_of(model_type, config)
        plain = await asyncio.to_thread(
            pipeline.start, model_type, RetrainTrigger(trigger).value
        )
        return _job(plain, config)

    def get_job_status(self, job_id: str) -> RetrainJob | None:
        """Look a run up; ``None`` where there is none."""
        for store in [self.store, *self._stores.values()]:
            plain = self._core_for(store).job(job_id)
            if plain is not None:
                return _job(plain)
        return None

    def get_training_history(
        self, model_type: str | None = None, limit: int = 10
    ) -> list[TrainingLine]:
        """Return the last runs, newest first, of one kind of model or of all."""
        pipeline = self._core_for(self.store) if model_type is None else self._core_of(model_type)
        return [_line(_job(plain)) for plain in pipeline.history(model_type, limit)]

    def get_current_versions(self) -> dict[str, str]:
        """Return the live version of each kind of model."""
        versions: dict[str, str] = self._core_for(self.store).status()["current_versions"]
        return versions

    def predict(
        self, model_type: str, rows: Sequence[Mapping[str, Any]]
    ) -> tuple[str, list[float]] | None:
        """Predict with the live version: its name, and a value for each row of features.

        ``None`` where the kind of model has no live version.
        """
        texts = [features_json(dict(row)) for row in rows]
        found = self._core_of(model_type).predict(model_type, texts)
        if found is None:
            return None
        version, estimates = found
        return version, [estimate["mean"] for estimate in estimates]

    def promote(self, model_type: str, version: str) -> None:
        """Make a version the live one."""
        self._core_of(model_type).promote(model_type, version)

    def rollback(self, model_type: str) -> str | None:
        """Put the previous live version back and return it; ``None`` where there is none."""
        aliases = self._core_of(model_type).rollback(model_type)
        return None if aliases is None else aliases["champion"]

    def live_version_at(self, model_type: str, moment: datetime) -> str | None:
        """Return which version was live at a moment."""
        return self._core_of(model_type).live_at(model_type, to_milliseconds(moment))

    async def run_scheduled_check(self) -> list[RetrainJob]:
        """Check every kind of model: take failing live versions back, retrain what needs it."""
        pipeline = self._core_for(self.store)
        return [_job(plain) for plain in await asyncio.to_thread(pipeline.run_scheduled_check)]

    def get_pipeline_status(self) -> PipelineStatus:
        """Return the state of the pipeline at a glance."""
        status: PipelineStatus = self._core_for(self.store).status()
        status["config"] = {
            "min_accuracy_threshold": self.config.min_accuracy_threshold,
            "min_samples_for_retrain": self.config.min_samples_for_retrain,
            "daily_retrain_hour": self.config.daily_retrain_hour,
        }
        return status


def _line(job: RetrainJob) -> TrainingLine:
    begun, ended = job.started_at, job.completed_at
    return {
        "job_id": job.job_id,
        "model_type": job.model_type,
        "trigger": job.trigger.value,
        "status": job.status.value,
        "old_accuracy": job.old_accuracy,
        "new_accuracy": job.new_accuracy,
        "improvement": job.improvement,
        "training_samples": job.training_samples,
        "created_at": job.created_at.isoformat(),
        "duration_seconds": (ended - begun).total_seconds() if begun and ended else None,
        "promoted": job.promoted,
        "reason": job.reason,
    }


async def run_daily_retrain() -> list[RetrainJob]:
    """Check every kind of model in the default store, and retrain what needs it."""
    return await AutoRetrainPipeline().run_scheduled_check()
