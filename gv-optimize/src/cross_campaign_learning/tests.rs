//! The learner on campaigns whose truth is known.

use super::*;
use crate::FixedClock;
use gv_patterns::store::open;
use serde_json::json;

const NOW: Timestamp = Timestamp(1_800_000_000_000);
const DAY: i64 = 86_400_000;

fn learner(options: LearnerOptions) -> CrossCampaignLearner {
    let store = open(":memory:").unwrap();
    CrossCampaignLearner::with_clock(store, options, Arc::new(FixedClock(NOW))).unwrap()
}

fn campaign(id: usize, industry: &str, roas: f64) -> CampaignLearning {
    CampaignLearning {
        campaign_id: format!("c{id}"),
        account_id: format!("a{}", id % 5),
        industry: industry.into(),
        objective: "sales".into(),
        best_roas: roas,
        best_ctr: 0.02,
        best_cpa: 20.0,
        total_spend: 1000.0,
        total_conversions: 200.0,
        extracted_at: NOW,
        ..CampaignLearning::default()
    }
}

fn advice(learner: &CrossCampaignLearner, industry: &str) -> Recommendations {
    learner.recommendations(industry, "sales", None, &Map::new()).unwrap()
}

#[test]
fn nothing_is_known_at_first() {
    let advice = advice(&learner(LearnerOptions::default()), "ecommerce");
    assert_eq!(advice.industry_benchmarks.expected_roas, None);
    assert_eq!(advice.industry_benchmarks.confidence, 0.0);
    assert!(advice.recommended_hooks.is_empty() && advice.recommended_duration.is_none());
}

#[test]
fn an_industry_with_many_campaigns_speaks_for_itself_and_a_new_one_by_all() {
    let learner = learner(LearnerOptions::default());
    for i in 0..30 {
        learner.add_campaign_learning(&campaign(i, "ecommerce", 3.0)).unwrap();
        learner.add_campaign_learning(&campaign(100 + i, "travel", 1.2)).unwrap();
    }
    let roas = |industry: &str| advice(&learner, industry).industry_benchmarks.roas.unwrap();
    let (shop, travel, new) = (roas("Ecommerce"), roas("travel"), roas("gaming"));
    assert!((shop.expected - 3.0).abs() < 0.2 && (travel.expected - 1.2).abs() < 0.1);
    assert!(new.expected > travel.expected && new.expected < shop.expected);
    assert_eq!((shop.level, new.level), ("industry_objective", "global"));
    assert!(shop.confidence > new.confidence);
    assert!(shop.interval.0 < 3.0 && shop.campaign_interval.0 < shop.interval.0);
}

#[test]
fn hooks_are_credited_with_their_lift_not_with_the_campaigns_best() {
    let learner = learner(LearnerOptions::default());
    // Everyone in a rich industry uses one hook; in each industry another one makes the difference.
    for i in 0..20 {
        let lifts = i % 2 == 0;
        let mut rich = campaign(i, "jewellery", if lifts { 8.0 } else { 4.0 });
        rich.winning_hooks = vec!["Everyone says this".into()];
        if lifts {
            rich.winning_hooks.push("What nobody tells you".into());
        }
        learner.add_campaign_learning(&rich).unwrap();
    }
    let hooks = advice(&learner, "jewellery").recommended_hooks;
    assert_eq!(hooks[0].text, "What nobody tells you");
    assert!(hooks[0].lift > 1.15 && (hooks[1].lift - 1.0).abs() < 0.1, "{hooks:?}");
    assert_eq!((hooks[0].usage_count, hooks[1].usage_count), (10, 20));
}

#[test]
fn failed_hooks_subtract_and_are_not_recommended() {
    let learner = learner(LearnerOptions::default());
    for i in 0..6 {
        let mut learning = campaign(i, "fitness", 3.0);
        learning.winning_hooks = if i < 2 { vec!["Buy now".into()] } else { vec![] };
        learning.failed_hooks = if i >= 2 { vec!["buy now!".into()] } else { vec![] };
        learner.add_campaign_learning(&learning).unwrap();
    }
    assert!(advice(&learner, "fitness").recommended_hooks.is_empty());
}

#[test]
fn one_use_ranks_below_many_of_the_same_lift() {
    let learner = learner(LearnerOptions::default());
    for i in 0..20 {
        let mut learning = campaign(i, "food", if i < 10 { 4.0 } else { 2.0 });
        if i < 9 {
            learning.winning_hooks = vec!["Seen nine times".into()];
        } else if i == 9 {
            learning.winning_hooks = vec!["Lucky once".into()];
        }
        learner.add_campaign_learning(&learning).unwrap();
    }
    let hooks = advice(&learner, "food").recommended_hooks;
    assert_eq!(hooks[0].text, "Seen nine times");
    assert!(hooks[0].lift > hooks[1].lift);
}

#[test]
fn old_campaigns_count_less() {
    let learner = learner(LearnerOptions::default());
    for i in 0..10 {
        let mut old = campaign(i, "auto", 1.0);
        old.extracted_at = Timestamp(NOW.0 - 720 * DAY);
        learner.add_campaign_learning(&old).unwrap();
        learner.add_campaign_learning(&campaign(50 + i, "auto", 3.0)).unwrap();
    }
    let expected = advice(&learner, "auto").industry_benchmarks.expected_roas.unwrap();
    assert!(expected > 2.3, "{expected}");
}

#[test]
fn accounts_are_kept_private_below_the_least_number() {
    let learner = learner(LearnerOptions { min_accounts: 3, ..LearnerOptions::default() });
    for i in 0..2 {
        learner.add_campaign_learning(&campaign(i, "legal", 3.0)).unwrap();
    }
    let others = advice(&learner, "legal");
    assert_eq!(others.total_learnings_used, 0);
    assert!(
        others.notes[0].contains("2 campaigns of other accounts are left out"),
        "{:?}",
        others.notes
    );
    let own = learner.recommendations("legal", "sales", Some("a1"), &Map::new()).unwrap();
    assert_eq!(own.total_learnings_used, 1);
    learner.add_campaign_learning(&campaign(2, "legal", 3.0)).unwrap();
    assert_eq!(advice(&learner, "legal").total_learnings_used, 3);
}

#[test]
fn times_durations_and_failed_patterns_are_summed_up() {
    let learner = learner(LearnerOptions::default());
    for i in 0..8 {
        let mut learning = campaign(i, "beauty", 2.0);
        let object = |value: Value| value.as_object().unwrap().clone();
        learning.winning_patterns = vec![object(json!({"type": "demo", "duration": 10 + i}))];
        learning.failed_patterns = vec![object(json!({"type": "static"}))];
        learning.best_times = vec![object(json!({"hour": if i < 6 { 19 } else { 9 }}))];
        learning.best_audiences =
            vec![object(json!({"age": "25-34", "interest": ["skin", "spa"]}))];
        learner.add_campaign_learning(&learning).unwrap();
    }
    let advice = advice(&learner, "beauty");
    assert_eq!(advice.recommended_duration, Some((12, 15)));
    assert_eq!(advice.recommended_posting_times[0].campaigns, 6);
    assert_eq!(advice.patterns_to_avoid[0].pattern, "static");
    let insight = learner.industry_insight("BEAUTY").unwrap().unwrap();
    assert_eq!(insight.top_hook_types, [("demo".to_owned(), 1.0)]);
    assert_eq!(insight.best_age_ranges, ["25-34"]);
    assert_eq!(insight.best_interests, ["skin", "spa"]);
    assert_eq!(learner.industry_insight("unknown").unwrap(), None);
}

#[test]
fn a_like_audience_counts_more() {
    let learner = learner(LearnerOptions::default());
    for i in 0..10 {
        let mut learning = campaign(i, "games", if i < 5 { 4.0 } else { 1.0 });
        let age = if i < 5 { "18-24" } else { "55-64" };
        learning.best_audiences = vec![json!({"age": age}).as_object().unwrap().clone()];
        learner.add_campaign_learning(&learning).unwrap();
    }
    let for_age = |age: &str| {
        let audience = json!({"age": age}).as_object().unwrap().clone();
        let advice = learner.recommendations("games", "sales", None, &audience).unwrap();
        advice.industry_benchmarks.expected_roas.unwrap()
    };
    assert!(for_age("18-24") > 1.2 * for_age("55-64"));
}

#[test]
fn a_knowledge_base_is_carried_over_and_merging_it_again_changes_nothing() {
    let from = learner(LearnerOptions::default());
    for i in 0..5 {
        from.add_campaign_learning(&campaign(i, "music", 2.0)).unwrap();
    }
    let exported = serde_json::to_value(from.export_knowledge_base(false).unwrap()).unwrap();
    let to = learner(LearnerOptions::default());
    assert_eq!(to.merge_knowledge_base(&exported).unwrap(), 5);
    assert_eq!(to.merge_knowledge_base(&exported).unwrap(), 0);
    assert_eq!(advice(&to, "music"), advice(&from, "music"));
    let redacted = serde_json::to_string(&from.export_knowledge_base(true).unwrap()).unwrap();
    assert!(!redacted.contains("\"c1\"") && !redacted.contains("\"a1\""));
    assert!(to.merge_knowledge_base(&json!({"learnings": 3})).is_err());
}

#[test]
fn figures_that_cannot_be_are_refused() {
    let learner = learner(LearnerOptions::default());
    for (field, value) in
        [("best_roas", json!(-1.0)), ("best_ctr", json!(2.0)), ("industry", json!(" "))]
    {
        let mut body = serde_json::to_value(campaign(1, "x", 1.0)).unwrap();
        body[field] = value;
        let learning: CampaignLearning = serde_json::from_value(body).unwrap();
        assert!(learner.add_campaign_learning(&learning).is_err(), "{field}");
    }
    assert_eq!(learner.learning_stats().unwrap().total_campaigns_learned, 0);
}
