from capi_feedback_loop import CAPIFeedbackLoop, CAPIConversionEvent

loop = CAPIFeedbackLoop(db_session)

# Process CAPI event
event_data = {
    "event_id": "evt_123",
    "event_name": "Purchase",
    "event_time": 1234567890,
    "custom_data": {
        "value": 99.99,
        "currency": "USD",
        "campaign_id": "camp_001"
    }
}

result = await loop.process_capi_event(event_data)
print(f"Processed: {result['processed']}")
print(f"Campaign: {result['campaign_id']}")

# Check if retraining needed
if await loop.should_retrain():
    print("Triggering retraining...")
    retrain_result = await loop.trigger_retrain()
    print(f"Samples used: {retrain_result['samples_used']}")
    print(f"Avg CTR error before: {retrain_result['avg_ctr_error_before']:.4f}")

# Get metrics
metrics = loop.get_feedback_metrics()
print(f"Pending events: {metrics['pending_events']}")
