//! The loop from events to outcomes, and over HTTP.

use super::webhook::hmac_sha256;
use super::*;
use crate::prediction_accuracy_tracker::{MetricType, NewPrediction};
use crate::{FixedClock, Timestamp};
use gv_http::testing::{Reply, ScriptedTransport};
use gv_patterns::store::open;
use serde_json::json;
use std::io::Read as _;

const NOW: i64 = 1_800_000_000_000;

fn feedback(options: FeedbackOptions) -> CapiFeedbackLoop {
    let trainer = Arc::new(BoostedLinear::default());
    let clock = Arc::new(FixedClock(Timestamp(NOW)));
    CapiFeedbackLoop::with(open(":memory:").unwrap(), options, trainer, clock).unwrap()
}

fn event(id: &str, name: &str, campaign: &str, value: f64) -> Value {
    json!({
        "event_id": id, "event_name": name, "event_time": NOW / 1000 - 100,
        "custom_data": {"value": value, "currency": "USD", "campaign_id": campaign, "creative_id": "cr"},
        "user_data": {"em": "mary@example.com"}
    })
}

fn insight(campaign: &str, date: &str) -> InsightRow {
    InsightRow {
        campaign_id: campaign.into(),
        creative_id: "cr".into(),
        date: date.into(),
        impressions: 10_000.0,
        clicks: 200.0,
        spend: 100.0,
        ..InsightRow::default()
    }
}

fn predict(feedback: &CapiFeedbackLoop, id: &str, campaign: &str, value: f64, metric: MetricType) {
    let prediction = NewPrediction::new(id, metric.name(), "v1", value, 0.7, metric)
        .campaign(campaign)
        .creative("cr");
    feedback.pipeline().tracker().record_prediction(prediction).unwrap();
}

#[test]
fn events_become_outcomes_of_mature_creatives_once() {
    let feedback = feedback(FeedbackOptions::default());
    predict(&feedback, "p1", "c1", 3.0, MetricType::Roas);
    predict(&feedback, "p2", "c1", 0.03, MetricType::Ctr);
    for i in 0..4 {
        feedback.process_capi_event(&event(&format!("e{i}"), "Purchase", "c1", 50.0)).unwrap();
    }
    feedback.process_capi_event(&event("e0", "Purchase", "c1", 50.0)).unwrap();
    feedback.process_capi_event(&event("r", "Refund", "c1", 50.0)).unwrap();
    feedback.process_capi_event(&event("s", "AddToCart", "c1", 50.0)).unwrap();
    assert_eq!(feedback.feedback_metrics().unwrap().pending_events, 6);
    feedback.record_insights(&[insight("c1", "2027-01-13")]).unwrap();
    assert!(feedback.match_predictions_to_actuals().unwrap().is_empty(), "too young to judge");
    feedback.record_insights(&[insight("c1", "2027-01-13")]).unwrap();
    let mut old = insight("c2", "2027-01-01");
    (old.conversions, old.revenue) = (Some(9.0), Some(70.0));
    predict(&feedback, "p3", "c2", 1.4, MetricType::Roas);
    feedback.record_insights(&[old]).unwrap();
    let pairs = feedback.match_predictions_to_actuals().unwrap();
    assert_eq!(pairs.len(), 1);
    assert_eq!((pairs[0].actual_roas, pairs[0].actual_conversions), (Some(0.7), 9.0));
    assert!((pairs[0].roas_error.unwrap() - 1.0).abs() < 1e-9);
    assert_eq!((pairs[0].predicted_ctr, pairs[0].ctr_error), (None, None));
    assert!(feedback.match_predictions_to_actuals().unwrap().is_empty(), "matched once");
    let metrics = feedback.feedback_metrics().unwrap();
    assert_eq!((metrics.pending_events, metrics.counted_events, metrics.new_outcomes), (0, 6, 1));
    let news = feedback.store.find(NEWS.name(), &gv_patterns::store::Filter::new()).unwrap();
    assert_eq!(news.len(), 1, "only the young creative is looked at again");
    assert_eq!(news[0].id, "c1/cr");
    predict(&feedback, "p4", "c2", 0.5, MetricType::Roas);
    let pairs = feedback.match_predictions_to_actuals().unwrap();
    assert_eq!(pairs.len(), 1, "a prediction that comes after its creative was settled is matched");
}

#[test]
fn the_shops_conversions_come_before_the_platforms_and_refunds_subtract() {
    let feedback =
        feedback(FeedbackOptions { mature_after_days: 0.0, ..FeedbackOptions::default() });
    predict(&feedback, "p1", "c1", 1.0, MetricType::Roas);
    predict(&feedback, "p2", "c1", 2.0, MetricType::Conversions);
    predict(&feedback, "p3", "c1", 0.02, MetricType::Ctr);
    for i in 0..4 {
        feedback.process_capi_event(&event(&format!("e{i}"), "Purchase", "c1", 50.0)).unwrap();
    }
    feedback.process_capi_event(&event("r", "Refund", "c1", 50.0)).unwrap();
    let mut row = insight("c1", "2027-01-13");
    row.conversions = Some(77.0);
    feedback.record_insights(&[row]).unwrap();
    let pair = feedback.match_predictions_to_actuals().unwrap().remove(0);
    assert_eq!((pair.actual_conversions, pair.actual_revenue), (3.0, 150.0));
    assert_eq!((pair.actual_roas, pair.actual_ctr), (Some(1.5), Some(0.02)));
    assert_eq!(pair.ctr_error, Some(0.0));
    // A conversion that comes later revises the outcome.
    feedback.process_capi_event(&event("late", "Purchase", "c1", 50.0)).unwrap();
    let pair = feedback.match_predictions_to_actuals().unwrap().remove(0);
    assert_eq!((pair.actual_conversions, pair.actual_roas), (4.0, Some(2.0)));
}

#[test]
fn enough_outcomes_retrain_once_and_then_wait() {
    let options = FeedbackOptions { retrain_threshold: 40, ..FeedbackOptions::default() };
    let feedback = feedback(options);
    assert!(!feedback.should_retrain().unwrap());
    for i in 0..40 {
        let campaign = format!("c{i}");
        predict(&feedback, &format!("p{i}"), &campaign, 2.0, MetricType::Roas);
        let mut row = insight(&campaign, "2027-01-01");
        (row.conversions, row.revenue) = (Some(20.0), Some(100.0));
        feedback.record_insights(&[row]).unwrap();
    }
    assert!(feedback.should_retrain().unwrap());
    let RetrainOutcome::Completed { avg_roas_error_before, retrain_result, .. } =
        feedback.trigger_retrain().unwrap()
    else {
        panic!("it was time");
    };
    assert_eq!(avg_roas_error_before, Some(1.0));
    assert_eq!(retrain_result.len(), 1);
    assert!(retrain_result[0].promoted, "{:?}", retrain_result[0]);
    assert!(matches!(feedback.trigger_retrain().unwrap(), RetrainOutcome::Skipped { .. }));
    assert!(feedback.feedback_metrics().unwrap().last_retrain.is_some());
}

#[test]
fn one_bad_event_does_not_keep_the_others_out() {
    let feedback = feedback(FeedbackOptions::default());
    let outcomes = feedback
        .process_events(&[
            event("a", "Purchase", "c", 1.0),
            json!({"event_name": 3}),
            event("b", "Lead", "c", 0.0),
        ])
        .unwrap();
    assert_eq!(outcomes.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(feedback.feedback_metrics().unwrap().pending_events, 2);
}

#[test]
fn slashes_in_ids_mix_nothing_up() {
    let feedback = feedback(FeedbackOptions::default());
    let mut events = [event("x/y", "Deal", "c", 1.0), event("y", "Deal/x", "c", 1.0)];
    events[0]["custom_data"]["campaign_id"] = json!("a/b");
    events[1]["custom_data"]["campaign_id"] = json!("a");
    events[1]["custom_data"]["creative_id"] = json!("b/cr");
    let kept = feedback.process_events(&events).unwrap();
    assert!(kept.iter().all(|kept| !kept.as_ref().unwrap().duplicate));
    feedback.match_predictions_to_actuals().unwrap();
    assert_eq!(feedback.store.count(TOTALS.name(), &gv_patterns::store::Filter::new()).unwrap(), 2);
    let ids = ["a/b", "a%2Fb", "a%b"].map(|campaign| creative_key(campaign, "c"));
    assert_eq!(ids, ["a%2Fb/c", "a%252Fb/c", "a%25b/c"]);
}

#[test]
fn no_person_can_be_read_in_the_store() {
    let feedback = feedback(FeedbackOptions { forward: true, ..FeedbackOptions::default() });
    let mut given = event("a", "Purchase", "c", 1.0);
    given["user_data"] = json!({"em": "mary@example.com", "fn": "Mary", "ph": "+1 650 555 1212"});
    given["custom_data"]["email"] = json!("mary@example.com");
    feedback.process_capi_event(&given).unwrap();
    let mut all: Vec<String> = feedback
        .store
        .read_log(EVENTS, 0, 10)
        .unwrap()
        .iter()
        .map(|e| e.body.to_string())
        .collect();
    let waiting = feedback.store.find("capi_outbox", &gv_patterns::store::Filter::new()).unwrap();
    assert_eq!(waiting.len(), 1);
    all.extend(waiting.iter().map(|d| d.body.to_string()));
    for text in all {
        assert!(!text.to_lowercase().contains("mary") && !text.contains("555"), "{text}");
    }
}

fn keys() -> WebhookKeys {
    WebhookKeys { app_secret: "APPSECRET".into(), verify_token: "meatyhamhock".into() }
}

fn post(feedback: &CapiFeedbackLoop, body: &[u8], secret: &str) -> WebhookResponse {
    let hex: String =
        hmac_sha256(secret.as_bytes(), body).iter().map(|byte| format!("{byte:02x}")).collect();
    let headers = [("X-Hub-Signature-256".to_owned(), format!("sha256={hex}"))];
    feedback.handle_webhook(&keys(), "POST", "/events", &headers, body).unwrap()
}

#[test]
fn the_handshake_is_answered_with_the_challenge_alone() {
    let feedback = feedback(FeedbackOptions::default());
    let get = |query: &str| {
        feedback.handle_webhook(&keys(), "GET", &format!("/events?{query}"), &[], &[]).unwrap()
    };
    let right = get("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=meatyhamhock");
    assert_eq!((right.status, right.body.as_str()), (200, "1158201444"));
    assert_eq!(get("hub.mode=subscribe&hub.challenge=1&hub.verify_token=wrong").status, 403);
    assert_eq!(get("").status, 403);
}

#[test]
fn signed_events_are_taken_and_others_are_not() {
    let feedback = feedback(FeedbackOptions::default());
    let body =
        json!({"events": [event("a", "Purchase", "c", 1.0), {"event_name": ""}]}).to_string();
    let taken = post(&feedback, body.as_bytes(), "APPSECRET");
    assert_eq!(taken.status, 200);
    let told: Value = serde_json::from_str(&taken.body).unwrap();
    assert_eq!((&told["events_received"], &told["refused"][0]["index"]), (&json!(1), &json!(1)));
    let again: Value =
        serde_json::from_str(&post(&feedback, body.as_bytes(), "APPSECRET").body).unwrap();
    assert_eq!(again["duplicates"], 1);
    assert_eq!(post(&feedback, body.as_bytes(), "other").status, 403);
    assert_eq!(post(&feedback, b"{", "APPSECRET").status, 400);
    assert_eq!(post(&feedback, b"7", "APPSECRET").status, 400);
    assert_eq!(post(&feedback, b"\xff\xfe", "APPSECRET").status, 400);
    let nested = "[".repeat(100_000);
    assert_eq!(post(&feedback, nested.as_bytes(), "APPSECRET").status, 400);
    assert_eq!(feedback.handle_webhook(&keys(), "PUT", "/", &[], &[]).unwrap().status, 405);
    let large = vec![b' '; 11 << 20];
    assert_eq!(post(&feedback, &large, "APPSECRET").status, 413);
}

fn api() -> ConversionsApi {
    let mut api = ConversionsApi::new("1234", "TOK|EN");
    api.app_secret = Some("APPSECRET".into());
    api.test_event_code = Some("TEST123".into());
    api
}

fn bad_parameter() -> Reply {
    let body =
        r#"{"error":{"message":"x","type":"OAuthException","code":100,"error_subcode":2804009}}"#;
    Reply::status(400).json(body)
}

fn taken() -> Reply {
    Reply::status(200).json(r#"{"events_received":1,"messages":[],"fbtrace_id":"A"}"#)
}

fn forwarding() -> CapiFeedbackLoop {
    let feedback = feedback(FeedbackOptions { forward: true, ..FeedbackOptions::default() });
    for id in ["a", "b", "c"] {
        feedback.process_capi_event(&event(id, "Purchase", "camp", 1.0)).unwrap();
    }
    feedback
}

#[test]
fn events_are_sent_hashed_with_the_token_in_a_header() {
    let feedback = forwarding();
    let transport = ScriptedTransport::new([taken()]);
    let delivery = feedback.flush_outbox(&api(), &transport).unwrap();
    assert_eq!((delivery.sent, delivery.refused, delivery.waiting), (3, 0, 0));
    let request = transport.requests().remove(0);
    let proof = "bf05043a8a7feb888b52eee39e21223b26b8e16ebd8538692c81a4101fffb70a";
    assert_eq!(
        request.url,
        format!("https://graph.facebook.com/v26.0/1234/events?appsecret_proof={proof}")
    );
    let mut body = String::new();
    request.body.reader().read_to_string(&mut body).unwrap();
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["test_event_code"], "TEST123");
    assert_eq!(body["data"].as_array().unwrap().len(), 3);
    assert_eq!(body["data"][0]["event_id"], "a");
    assert_eq!(body["data"][0]["user_data"]["em"][0].as_str().unwrap().len(), 64);
    assert!(!format!("{request:?} {:?}", api()).contains("TOK|EN"));
    let again =
        feedback.flush_outbox(&api(), &ScriptedTransport::new(Vec::<Reply>::new())).unwrap();
    assert_eq!(again, Delivery::default());
}

#[test]
fn one_bad_event_does_not_lose_the_batch() {
    let feedback = forwarding();
    let transport = ScriptedTransport::new([
        bad_parameter(),
        taken(),
        bad_parameter(),
        bad_parameter(),
        taken(),
    ]);
    let delivery = feedback.flush_outbox(&api(), &transport).unwrap();
    assert_eq!((delivery.sent, delivery.refused, delivery.waiting), (2, 1, 0));
    let metrics = feedback.feedback_metrics().unwrap();
    assert_eq!((metrics.outbox_waiting, metrics.outbox_refused), (0, 1));
}

#[test]
fn a_platform_that_refuses_the_caller_loses_nothing() {
    let feedback = forwarding();
    let expired = Reply::status(401).json(r#"{"error":{"code":190}}"#);
    let delivery = feedback.flush_outbox(&api(), &ScriptedTransport::new([expired])).unwrap();
    assert_eq!((delivery.sent, delivery.refused, delivery.waiting), (0, 0, 3));
}

#[test]
fn what_the_platform_would_refuse_is_not_sent() {
    let feedback = feedback(FeedbackOptions { forward: true, ..FeedbackOptions::default() });
    let mut old = event("old", "Purchase", "c", 1.0);
    old["event_time"] = json!(NOW / 1000 - 8 * 86_400);
    let mut anyone = event("anyone", "Purchase", "c", 1.0);
    anyone["user_data"] = json!({"country": "de"});
    feedback.process_events(&[old, anyone]).unwrap();
    let metrics = feedback.feedback_metrics().unwrap();
    assert_eq!((metrics.outbox_waiting, metrics.outbox_refused), (0, 2));
}
