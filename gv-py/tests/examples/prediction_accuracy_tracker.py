from prediction_accuracy_tracker import PredictionAccuracyTracker, MetricType

tracker = PredictionAccuracyTracker()

# Record prediction
tracker.record_prediction(
    prediction_id="pred_001",
    model_type="roas_predictor",
    model_version="v2024_01",
    predicted_value=3.5,
    confidence=0.85,
    metric_type=MetricType.ROAS,
    campaign_id="camp_001"
)

# Later, record actual
tracker.record_actual("pred_001", actual_value=3.2)

# Get report
report = tracker.get_accuracy_report(model_type="roas_predictor", days=7)
print(f"Accuracy rate: {report.accuracy_rate:.2%}")
print(f"MAPE: {report.mean_absolute_percentage_error:.2%}")
print(f"Trend: {report.accuracy_trend}")
print(f"Needs retraining: {report.needs_retraining}")

# Check if should retrain
should, reason = tracker.should_retrain("roas_predictor")
if should:
    print(f"Retrain recommended: {reason}")

# Dashboard
metrics = tracker.get_dashboard_metrics()
print(f"Total predictions: {metrics['total_predictions']}")
print(f"Overall accuracy: {metrics['overall_accuracy']:.2%}")
