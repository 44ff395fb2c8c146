"""The retraining pipeline, from Python."""

from __future__ import annotations

import asyncio
import math
import random
from datetime import datetime, timedelta

import pytest

from conforming import check, check_fields
from geminivideo.auto_retrain_pipeline import (
    AutoRetrainPipeline,
    PipelineStatus,
    RetrainConfig,
    RetrainStatus,
    RetrainTrigger,
    TrainingLine,
    run_daily_retrain,
)
from geminivideo.errors import InvalidInputError
from geminivideo.prediction_accuracy_tracker import MetricType, PredictionAccuracyTracker


@pytest.fixture
def tracker():
    return PredictionAccuracyTracker(storage=":memory:")


def record(tracker, count=300, learnable=True, model="ctr_predictor"):
    """Predictions of 2 % whose outcomes rise with the share of faces, if there is something to learn."""
    numbers = random.Random(7)
    for number in range(count):
        face = numbers.random()
        effect = 2.0 * face if learnable else 0.0
        outcome = 0.02 * math.exp(effect + 0.1 * numbers.gauss(0, 1))
        made = datetime.now() - timedelta(hours=(count - number) / 3)
        tracker.record_prediction(
            f"p{number}", model, "v0", 0.02, 0.7, MetricType.CTR, f"camp_{number // 10}",
            features={"face_ratio": face, "hook": "question", "headline": "save today"},
            predicted_at=made,
        )
        tracker.record_actual(f"p{number}", outcome, events=500, recorded_at=made)


def test_the_specifications_example_runs_as_written(tracker, capsys):
    record(tracker)
    accuracy_tracker = tracker

    async def example():
        config = RetrainConfig(
            min_accuracy_threshold=0.6,
            min_samples_for_retrain=100,
            daily_retrain_hour=2
        )

        pipeline = AutoRetrainPipeline(config, storage=":memory:")

        # Check if retraining needed
        should_retrain, trigger, reason = await pipeline.check_retrain_needed(
            model_type="ctr_predictor",
            accuracy_tracker=accuracy_tracker
        )

        if should_retrain:
            print(f"Retraining triggered: {trigger.value}")
            print(f"Reason: {reason}")

            # Start retraining
            job = await pipeline.start_retrain("ctr_predictor", trigger)
            print(f"Job started: {job.job_id}")

            # Check status later
            job = pipeline.get_job_status(job.job_id)
            print(f"Status: {job.status.value}")
            if job.status == RetrainStatus.COMPLETED:
                print(f"Old accuracy: {job.old_accuracy:.2%}")
                print(f"New accuracy: {job.new_accuracy:.2%}")
                print(f"Improvement: {job.improvement:+.2%}")

        # Get training history
        history = pipeline.get_training_history(model_type="ctr_predictor", limit=5)
        for line in history:
            print(f"{line['job_id']}: {line['new_accuracy']:.2%} ({line['trigger']})")

        # Run scheduled check for all models
        await pipeline.run_scheduled_check()
        return job, history

    job, history = asyncio.run(example())
    told = capsys.readouterr().out
    assert "Retraining triggered: accuracy_drop" in told and "Status: completed" in told
    check_fields(job)
    check(history, list[TrainingLine])
    assert job.promoted and job.new_accuracy > 0.8 and job.old_accuracy < 0.5


def test_the_live_version_predicts(tracker):
    record(tracker)
    pipeline = AutoRetrainPipeline(storage=tracker.store)
    assert pipeline.predict("ctr_predictor", [{}]) is None
    asyncio.run(pipeline.start_retrain("ctr_predictor", RetrainTrigger.MANUAL))
    version, (low, high) = pipeline.predict(
        "ctr_predictor", [{"face_ratio": 0.0}, {"face_ratio": 1.0}]
    )
    assert version == "v1" == pipeline.get_current_versions()["ctr_predictor"]
    assert high / low == pytest.approx(math.exp(2.0), rel=0.25)
    assert pipeline.live_version_at("ctr_predictor", datetime.now()) == "v1"
    assert pipeline.live_version_at("ctr_predictor", datetime.now() - timedelta(days=1)) is None
    status = pipeline.get_pipeline_status()
    check(status, PipelineStatus)
    assert (status["total_jobs"], status["active_jobs"]) == (1, 0)


def test_noise_promotes_nothing(tracker):
    record(tracker, learnable=False)
    pipeline = AutoRetrainPipeline(storage=tracker.store)
    job = asyncio.run(pipeline.start_retrain("ctr_predictor", RetrainTrigger.MANUAL))
    assert job.status is RetrainStatus.COMPLETED and not job.promoted
    assert pipeline.get_current_versions() == {}


class Slope:
    """A least-squares line on one feature, written as an estimator."""

    def fit(self, rows, values):
        xs = [row["face_ratio"] for row in rows]
        ys = [math.log(value) for value in values]
        mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
        self.slope = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys))
        self.slope /= sum((x - mean_x) ** 2 for x in xs)
        self.start = mean_y - self.slope * mean_x

    def predict(self, rows):
        return [math.exp(self.start + self.slope * row["face_ratio"]) for row in rows]


class Broken(Slope):
    def predict(self, rows):
        return [float("nan") for _ in rows]


class Lost(Slope):
    def predict(self, rows):
        if len(rows) == 1:
            raise ConnectionError("the card is gone")
        return super().predict(rows)


def test_what_an_estimator_raises_arrives_unchanged(tracker):
    record(tracker)
    pipeline = AutoRetrainPipeline(storage=tracker.store, trainer=Lost())
    job = asyncio.run(pipeline.start_retrain("ctr_predictor", RetrainTrigger.MANUAL))
    assert job.promoted, job.error or job.reason
    with pytest.raises(ConnectionError, match="the card is gone"):
        pipeline.predict("ctr_predictor", [{"face_ratio": 0.5}])


def test_an_estimator_of_the_users_is_fitted_kept_and_asked(tracker):
    record(tracker)
    pipeline = AutoRetrainPipeline(storage=tracker.store, trainer=Slope())
    job = asyncio.run(pipeline.start_retrain("ctr_predictor", RetrainTrigger.MANUAL))
    assert job.promoted, job.error or job.reason
    _, (value,) = pipeline.predict("ctr_predictor", [{"face_ratio": 0.5}])
    assert value == pytest.approx(0.02 * math.e, rel=0.1)
    broken = AutoRetrainPipeline(storage=tracker.store, trainer=Broken())
    job = asyncio.run(broken.start_retrain("ctr_predictor", RetrainTrigger.MANUAL))
    assert job.status is RetrainStatus.FAILED and "predicts NaN" in job.error


def test_too_little_to_learn_from_is_said(tracker, monkeypatch, tmp_path):
    pipeline = AutoRetrainPipeline(storage=tracker.store)
    needed, trigger, reason = asyncio.run(pipeline.check_retrain_needed("unknown"))
    assert not needed and trigger is RetrainTrigger.SCHEDULED and "at least 100" in reason
    job = asyncio.run(pipeline.start_retrain("unknown", RetrainTrigger.MANUAL))
    assert job.status is RetrainStatus.FAILED and "0 examples" in job.error
    monkeypatch.setenv("PATTERNS_DB_PATH", str(tmp_path / "none.db"))
    assert asyncio.run(run_daily_retrain()) == []


def test_configurations_out_of_range_are_refused():
    for change in ({"validation_split": 0.0}, {"daily_retrain_hour": 24}, {"min_samples_for_retrain": 3}):
        with pytest.raises(InvalidInputError, match=next(iter(change))):
            AutoRetrainPipeline(RetrainConfig(**change), storage=":memory:")


def test_another_tracker_may_call_for_a_run():
    class Other:
        def should_retrain(self, model_type):
            return True, "someone says so"

    pipeline = AutoRetrainPipeline(storage=":memory:")
    answer = asyncio.run(pipeline.check_retrain_needed("m", Other()))
    assert answer == (True, RetrainTrigger.ACCURACY_DROP, "someone says so")
