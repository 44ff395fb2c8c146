from auto_retrain_pipeline import AutoRetrainPipeline, RetrainConfig, RetrainTrigger

config = RetrainConfig(
    min_accuracy_threshold=0.6,
    min_samples_for_retrain=100,
    daily_retrain_hour=2
)

pipeline = AutoRetrainPipeline(config)

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
for record in history:
    print(f"{record['job_id']}: {record['new_accuracy']:.2%} ({record['trigger']})")

# Run scheduled check for all models
await pipeline.run_scheduled_check()
