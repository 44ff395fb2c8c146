"""How well predictions come true, and whether it is time to learn again.

Predictions and outcomes are kept in a store, so that they survive a restart. A report knows that outcomes
rest on few events: it says how accurate a perfect model could have been, and calls for retraining only
where chance does not explain the misses.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypedDict

from . import _core
from ._store import Storage, features_json, open_store
from ._time import to_datetime, to_milliseconds

__all__ = [
    "AccuracyReport",
    "DashboardLine",
    "DashboardMetrics",
    "HistoryLine",
    "MetricType",
    "PredictionAccuracyTracker",
    "PredictionRecord",
]


class MetricType(enum.Enum):
    """What is predicted."""

    CTR = "ctr"
    CVR = "cvr"
    CPA = "cpa"
    ROAS = "roas"
    CONVERSIONS = "conversions"


class HistoryLine(TypedDict):
    """A prediction in :meth:`PredictionAccuracyTracker.get_prediction_history`."""

    prediction_id: str
    model_type: str
    predicted: float
    actual: float | None
    error_percent: float | None
    is_accurate: bool | None
    predicted_at: str


class DashboardLine(TypedDict):
    """A kind of model on the dashboard: its share of accurate predictions, and where that goes."""

    model: str
    accuracy: float
    trend: str
    outcomes: int


class DashboardMetrics(TypedDict):
    """What :meth:`PredictionAccuracyTracker.get_dashboard_metrics` returns."""

    total_predictions: int
    predictions_with_outcomes: int
    overall_accuracy: float
    pending_outcomes: int
    models_tracked: int
    latest_reports: list[DashboardLine]


@dataclass
class PredictionRecord:
    """A prediction, and the outcome once it is known.

    Attributes
    ----------
    prediction_id, model_type, model_version : str
        What it is, and what made it.
    predicted_value : float
        In the metric's unit: a rate from 0 to 1, a return, currency units, a number.
    confidence : float
        The probability of being accurate that was stated, 0 to 1.
    actual_value : float or None
        The outcome.
    error : float or None
        Prediction less outcome.
    error_percent : float or None
        Absolute error as a share of the outcome (0.3 is 30 %); ``None`` for an outcome of 0.
    is_accurate : bool or None
        Whether the error is within ``ACCEPTABLE_ERROR_PERCENT``.
    events : float or None
        How many clicks or conversions the outcome rests on.
    matured : bool
        Whether the outcome is final.
    features : dict
        What the model looked at.
    """

    prediction_id: str
    model_type: str
    model_version: str
    predicted_value: float
    confidence: float
    actual_value: float | None = None
    campaign_id: str = ""
    creative_id: str = ""
    metric_type: MetricType = MetricType.ROAS
    predicted_at: datetime = field(default_factory=datetime.now)
    actual_recorded_at: datetime | None = None
    error: float | None = None
    error_percent: float | None = None
    is_accurate: bool | None = None
    events: float | None = None
    matured: bool = False
    features: dict[str, Any] = field(default_factory=dict)


@dataclass
class AccuracyReport:
    """How accurate a model has been over a period.

    Attributes
    ----------
    accuracy_rate : float
        Share of accurate predictions among final outcomes, 0 to 1.
    mean_absolute_percentage_error : float
        0.3 is 30 %; outcomes of 0 are left out and counted in `zero_actuals`.
    accuracy_trend : str
        ``improving``, ``stable`` or ``declining``, by the Cochran-Armitage test.
    needs_retraining : bool
        Whether the model should learn again; `reason` says why, or why not.
    retrain_cause : str or None
        ``below_threshold`` or ``drift``, where it should.
    confidence_adjustment : float
        Factor that takes stated confidences to what was observed, 0.5 to 1.5.
    accuracy_interval : tuple of float or None
        Central 80 % of the share of accurate predictions.
    accuracy_ceiling : float or None
        Share that a perfect model could have reached with as few events; ``None`` where unknown.
    consistency_rate : float or None
        Share of outcomes within what prediction and counting noise make likely.
    skill : float or None
        Above 0 the model beats always predicting the mean.
    """

    model_type: str
    model_version: str
    period_start: datetime
    period_end: datetime
    total_predictions: int
    predictions_with_actuals: int
    accurate_predictions: int
    accuracy_rate: float
    mean_absolute_error: float
    mean_absolute_percentage_error: float
    root_mean_squared_error: float
    accuracy_trend: str
    needs_retraining: bool
    confidence_adjustment: float
    reason: str = ""
    provisional: int = 0
    zero_actuals: int = 0
    accuracy_interval: tuple[float, float] | None = None
    accuracy_ceiling: float | None = None
    consistency_rate: float | None = None
    weighted_percentage_error: float | None = None
    median_log_error: float | None = None
    bias: float | None = None
    skill: float | None = None
    rank_correlation: float | None = None
    calibration_error: float | None = None
    retrain_cause: str | None = None
    trend_test: dict[str, Any] = field(default_factory=dict)


def _record(plain: dict[str, Any]) -> PredictionRecord:
    known_at = plain.pop("actual_recorded_at")
    return PredictionRecord(
        metric_type=MetricType(plain.pop("metric_type")),
        predicted_at=to_datetime(plain.pop("predicted_at")),
        actual_recorded_at=None if known_at is None else to_datetime(known_at),
        **plain,
    )


class PredictionAccuracyTracker:
    """Records predictions and outcomes and says how they compare.

    Parameters
    ----------
    storage : str, path or store, optional
        Where records are kept: a file, ``postgresql://...``, ``:memory:``. By default what
        ``PATTERNS_DB_PATH`` or ``GV_DATA_DIR`` names, else a file in the user's data folder.

    Raises
    ------
    StorageError
        Where the store cannot be opened.
    """

    ACCEPTABLE_ERROR_PERCENT = {
        MetricType.CTR: 0.25,
        MetricType.CVR: 0.3,
        MetricType.CPA: 0.35,
        MetricType.ROAS: 0.3,
        MetricType.CONVERSIONS: 0.4,
    }
    RETRAIN_ACCURACY_THRESHOLD = 0.6
    MIN_SAMPLES_FOR_REPORT = 20

    def __init__(self, *, storage: Storage = None) -> None:
        self.store = open_store(storage)
        self._tracker = _core.AccuracyTracker(self.store)

    def record_prediction(
        self,
        prediction_id: str,
        model_type: str,
        model_version: str,
        predicted_value: float,
        confidence: float,
        metric_type: MetricType,
        campaign_id: str = "",
        creative_id: str = "",
        *,
        features: Mapping[str, Any] | None = None,
        predicted_at: datetime | None = None,
    ) -> PredictionRecord:
        """Record a prediction, made now unless `predicted_at` says when.

        `features` holds what the model looked at (numbers, names, texts), for learning from the
        outcome. The same prediction again returns the record that is there.

        Raises
        ------
        InvalidInputError
            For an empty id, a value that is negative or not finite, a confidence outside 0 to 1.
        ConflictError
            Where another prediction has the id.
        """
        return _record(
            self._tracker.record_prediction(
                prediction_id,
                model_type,
                model_version,
                predicted_value,
                confidence,
                MetricType(metric_type).value,
                campaign_id,
                creative_id,
                None if features is None else features_json(dict(features)),
                None if predicted_at is None else to_milliseconds(predicted_at),
            )
        )

    def record_actual(
        self,
        prediction_id: str,
        actual_value: float,
        *,
        events: float | None = None,
        matured: bool = True,
        recorded_at: datetime | None = None,
    ) -> PredictionRecord | None:
        """Record an outcome, or a revised one; ``None`` where there is no such prediction.

        `events` is how many clicks or conversions the outcome rests on; an outcome that may still
        change (`matured` false) is kept, but not judged.
        """
        known_at = None if recorded_at is None else to_milliseconds(recorded_at)
        plain = self._tracker.record_actual(
            prediction_id, actual_value, events, matured, known_at
        )
        return None if plain is None else _record(plain)

    def get_accuracy_report(
        self,
        model_type: str | None = None,
        model_version: str | None = None,
        days: int = 7,
    ) -> AccuracyReport:
        """Report on the predictions made in the last `days` days, of one model or of all."""
        plain = self._tracker.accuracy_report(model_type, model_version, days)
        interval = plain.pop("accuracy_interval")
        return AccuracyReport(
            period_start=to_datetime(plain.pop("period_start")),
            period_end=to_datetime(plain.pop("period_end")),
            accuracy_interval=None if interval is None else tuple(interval),
            **plain,
        )

    def get_prediction_history(
        self, campaign_id: str | None = None, limit: int = 100
    ) -> list[HistoryLine]:
        """Return the latest predictions, newest first, of one campaign or of all."""
        return [
            {
                "prediction_id": plain["prediction_id"],
                "model_type": plain["model_type"],
                "predicted": plain["predicted_value"],
                "actual": plain["actual_value"],
                "error_percent": plain["error_percent"],
                "is_accurate": plain["is_accurate"],
                "predicted_at": to_datetime(plain["predicted_at"]).isoformat(),
            }
            for plain in self._tracker.prediction_history(campaign_id, limit)
        ]

    def should_retrain(self, model_type: str) -> tuple[bool, str]:
        """Say whether a kind of model should learn again, and why, by its last seven days."""
        return self._tracker.should_retrain(model_type)

    def calibrated_confidence(self, model_type: str, stated: float) -> float:
        """Return what a stated confidence has meant for this kind of model so far, 0 to 1."""
        return self._tracker.calibrated_confidence(model_type, stated)

    def get_dashboard_metrics(self) -> DashboardMetrics:
        """Return the state of all models at a glance."""
        return self._tracker.dashboard_metrics()
