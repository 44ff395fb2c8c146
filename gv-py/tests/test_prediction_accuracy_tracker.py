"""The accuracy tracker, from Python."""

from __future__ import annotations

import pickle
from datetime import datetime, timedelta

import pytest

from conforming import check, check_fields
from geminivideo.errors import ConflictError, InvalidInputError, StorageError
from geminivideo.prediction_accuracy_tracker import (
    AccuracyReport,
    DashboardMetrics,
    HistoryLine,
    MetricType,
    PredictionAccuracyTracker,
)


@pytest.fixture
def tracker():
    return PredictionAccuracyTracker(storage=":memory:")


def record(tracker, outcomes, model="roas_predictor", **options):
    for number, outcome in enumerate(outcomes):
        name = f"{model}-{number}"
        made = datetime.now() - timedelta(hours=len(outcomes) - number)
        tracker.record_prediction(
            name, model, "v1", 1.0, 0.8, MetricType.ROAS, "camp", predicted_at=made
        )
        tracker.record_actual(name, outcome, recorded_at=made, **options)


def test_the_specifications_example_has_its_values(tracker):
    tracker.record_prediction(
        prediction_id="pred_001",
        model_type="roas_predictor",
        model_version="v2024_01",
        predicted_value=3.5,
        confidence=0.85,
        metric_type=MetricType.ROAS,
        campaign_id="camp_001",
    )
    record = tracker.record_actual("pred_001", actual_value=3.2)
    check_fields(record)
    assert record.is_accurate and record.error == pytest.approx(0.3)
    report = tracker.get_accuracy_report(model_type="roas_predictor", days=7)
    check_fields(report)
    assert report.accuracy_rate == 1.0
    assert report.mean_absolute_percentage_error == pytest.approx(0.09375)
    assert not tracker.should_retrain("roas_predictor")[0]
    assert pickle.loads(pickle.dumps(report)) == report


def test_records_survive_the_process(tmp_path):
    address = tmp_path / "records.db"
    record(PredictionAccuracyTracker(storage=address), [1.0, 2.0])
    again = PredictionAccuracyTracker(storage=f"sqlite://{address}")
    assert again.get_dashboard_metrics()["total_predictions"] == 2


def test_returned_dicts_are_as_declared(tracker):
    record(tracker, [1.0, 5.0, 0.0])
    check(tracker.get_dashboard_metrics(), DashboardMetrics)
    history = tracker.get_prediction_history("camp", limit=2)
    check(history, list[HistoryLine])
    assert [line["actual"] for line in history] == [0.0, 5.0]
    assert tracker.get_prediction_history("other") == []


def test_misses_call_for_retraining_and_noise_does_not(tracker):
    record(tracker, [3.0] * 30, "bad", events=500)
    record(tracker, [1.0, 1.5] * 20, "noisy", events=5)
    needed, reason = tracker.should_retrain("bad")
    assert needed and "0 % of 30 predictions" in reason
    assert not tracker.should_retrain("noisy")[0]
    report = tracker.get_accuracy_report("noisy")
    assert isinstance(report, AccuracyReport)
    assert report.accuracy_ceiling == pytest.approx(0.41, abs=0.02)


def test_stated_confidence_is_calibrated(tracker):
    record(tracker, [1.0, 3.0] * 120)
    assert tracker.calibrated_confidence("roas_predictor", 0.8) == pytest.approx(0.5, abs=0.02)


def test_what_cannot_be_is_refused(tracker, tmp_path):
    for value in (float("nan"), -1.0, float("inf")):
        with pytest.raises(InvalidInputError, match="predicted_value"):
            tracker.record_prediction("p", "m", "1", value, 0.5, MetricType.CTR)
    tracker.record_prediction("p", "m", "1", 0.02, 0.5, MetricType.CTR)
    with pytest.raises(ConflictError, match="another prediction"):
        tracker.record_prediction("p", "m", "1", 0.03, 0.5, MetricType.CTR)
    with pytest.raises(InvalidInputError, match="actual_value"):
        tracker.record_actual("p", -0.1)
    assert tracker.record_actual("unknown", 1.0) is None
    with pytest.raises(InvalidInputError, match="days"):
        tracker.get_accuracy_report(days=0)
    text = tmp_path / "notes.txt"
    text.write_text("no database\n" * 200)
    with pytest.raises(StorageError, match="no SQLite database"):
        PredictionAccuracyTracker(storage=text)
