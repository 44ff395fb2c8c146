use super::*;
use crate::Error;
use crate::clock::FixedClock;
use proptest::prelude::*;

const NOW: Timestamp = Timestamp(1_700_000_000_000);

fn switch(options: KillOptions) -> LoserKillSwitch {
    LoserKillSwitch::new(options).unwrap().with_clock(Arc::new(FixedClock(NOW)))
}

fn hours_ago(hours: i64) -> Option<Timestamp> {
    Some(Timestamp(NOW.0 - hours * 3_600_000))
}

fn ad(id: &str, figures: (f64, u64, u64, u64, f64)) -> AdMetrics {
    let (spend, impressions, clicks, conversions, revenue) = figures;
    AdMetrics {
        ad_id: id.to_owned(),
        spend,
        budget: 10.0 * spend,
        impressions,
        clicks,
        conversions,
        revenue,
        hours_running: 72.0,
        ..AdMetrics::default()
    }
}

#[test]
fn the_specifications_example_is_killed_under_every_policy_that_judges_now() {
    let example = AdMetrics { budget: 200.0, ..ad("ad_bad_001", (120.0, 15_000, 30, 0, 0.0)) };
    for policy in [KillPolicy::Economic, KillPolicy::AnytimeValid, KillPolicy::Spec] {
        let decision = switch(KillOptions::default().policy(policy)).evaluate(&example).unwrap();
        assert!(decision.should_kill, "{policy:?} {decision:?}");
        assert_eq!(decision.reason, Some(KillReason::LowCtr));
        assert!(decision.waste_prevented > 40.0 && decision.waste_prevented <= 80.0);
        assert!(decision.waste_interval.0 < decision.waste_interval.1);
        assert_eq!(decision.metrics_at_kill["threshold"], 0.005);
        assert_eq!(decision.metrics_at_kill["impressions"], 15_000.0);
    }
}

#[test]
fn spend_150_with_50_clicks_and_no_conversion_is_killed_by_default_from_a_day_on() {
    for hours_running in [24.0, 48.0, 72.0, 300.0] {
        let example = AdMetrics { hours_running, ..ad("b", (150.0, 10_000, 50, 0, 0.0)) };
        let decision = switch(KillOptions::default()).evaluate(&example).unwrap();
        assert!(decision.should_kill, "{hours_running} {}", decision.recommendation);
        assert_eq!(decision.reason, Some(KillReason::NoConversions));
    }
}

#[test]
fn a_good_ad_and_a_young_ad_are_kept_and_it_is_said_why() {
    let switch = switch(KillOptions::default());
    let good = switch.evaluate(&ad("good", (500.0, 50_000, 900, 40, 2500.0))).unwrap();
    assert_eq!((good.action, good.reason), (KillAction::Keep, None));
    assert!(good.confidence > 0.95);
    assert_eq!(good.waste_prevented, 0.0);
    let poor = switch.evaluate(&ad("poor", (20.0, 50_000, 1, 0, 0.0))).unwrap();
    assert!(!poor.should_kill && poor.recommendation.contains("too little to judge"));
    let young = AdMetrics { hours_running: 3.0, ..ad("young", (90.0, 50_000, 9, 0, 0.0)) };
    assert!(switch.evaluate(&young).unwrap().recommendation.contains("too short to judge"));
}

#[test]
fn each_reason_has_an_ad_that_is_stopped_for_it() {
    let mut switch = switch(KillOptions::default().kill_when_budget_exhausted(true));
    let account: Vec<AdMetrics> = (0..30)
        .map(|i| {
            let conversions = 1 + (i * 7) % 29;
            let revenue = 100.0 * conversions as f64;
            ad(&format!("past{i}"), (500.0, 50_000, 500, conversions, revenue))
        })
        .collect();
    switch.learn_account(&account).unwrap();
    let declining = AdMetrics {
        hours_running: 240.0,
        last_conversion: hours_ago(110),
        ..ad("stopped", (1500.0, 150_000, 1500, 32, 2500.0))
    };
    let exhausted = AdMetrics { budget: 500.0, ..ad("spent", (500.0, 50_000, 900, 40, 2500.0)) };
    let cases = [
        (ad("ctr", (300.0, 200_000, 150, 0, 0.0)), KillReason::LowCtr),
        (ad("cvr", (1200.0, 20_000, 3000, 2, 200.0)), KillReason::LowCvr),
        (ad("cpa", (4000.0, 50_000, 700, 6, 4500.0)), KillReason::HighCpa),
        (ad("roas", (1800.0, 50_000, 900, 25, 300.0)), KillReason::NegativeRoas),
        (ad("none", (700.0, 12_000, 190, 0, 0.0)), KillReason::NoConversions),
        (declining, KillReason::DecliningPerformance),
        (exhausted, KillReason::BudgetExhausted),
    ];
    for (ad, reason) in cases {
        let decision = switch.evaluate(&ad).unwrap();
        assert!(decision.should_kill, "{reason:?} {decision:#?}");
        assert!(
            decision.findings.iter().any(|f| f.reason == reason),
            "{reason:?} {:#?}",
            decision.findings
        );
        if reason != KillReason::HighCpa {
            assert_eq!(decision.reason, Some(reason), "{:#?}", decision.findings);
        }
    }
    let manual = switch.kill_manually(&ad("m", (500.0, 50_000, 900, 40, 2500.0))).unwrap();
    assert_eq!((manual.reason, manual.confidence), (Some(KillReason::Manual), 1.0));
}

#[test]
fn policy_spec_reads_the_rules_in_their_order() {
    let switch = switch(KillOptions::default().policy(KillPolicy::Spec));
    let reason = |figures| switch.evaluate(&ad("x", figures)).unwrap().reason;
    assert_eq!(reason((120.0, 15_000, 30, 0, 0.0)), Some(KillReason::LowCtr));
    assert_eq!(reason((120.0, 15_000, 200, 0, 0.0)), Some(KillReason::LowCvr));
    assert_eq!(reason((500.0, 15_000, 200, 3, 900.0)), Some(KillReason::HighCpa));
    assert_eq!(reason((120.0, 15_000, 200, 3, 50.0)), Some(KillReason::NegativeRoas));
    assert_eq!(reason((120.0, 15_000, 80, 0, 0.0)), Some(KillReason::NoConversions));
    assert_eq!(reason((99.0, 900, 1, 0, 0.0)), None);
    assert_eq!(reason((450.0, 15_000, 200, 3, 900.0)), None);
}

#[test]
fn an_exhausted_budget_is_reported_and_not_killed_by_default() {
    let spent = AdMetrics { budget: 500.0, ..ad("spent", (500.0, 50_000, 900, 40, 2500.0)) };
    let decision = switch(KillOptions::default()).evaluate(&spent).unwrap();
    assert_eq!(decision.reason, Some(KillReason::BudgetExhausted));
    assert!(!decision.should_kill);
    assert_eq!(decision.planned_spend, 0.0);
}

#[test]
fn late_conversions_exonerate_a_paused_ad() {
    let switch = switch(KillOptions::default());
    let killed = ad("late", (150.0, 10_000, 50, 0, 0.0));
    assert!(switch.evaluate(&killed).unwrap().should_kill);
    let later = AdMetrics { conversions: 6, revenue: 600.0, ..killed.clone() };
    let review = switch.review_killed(&[later, killed], 48.0);
    assert!(matches!(review, Err(Error::DuplicateAd { .. })));
    let later = ad("late", (150.0, 10_000, 50, 6, 600.0));
    let still = ad("still", (150.0, 10_000, 50, 0, 0.0));
    let alone = switch.review_killed(std::slice::from_ref(&still), 48.0).unwrap();
    assert_eq!(alone[0].reason, Some(KillReason::NoConversions));
    assert!(alone[0].recommendation.starts_with("Leave still paused: no conversion"));
    let review = switch.review_killed(&[later, still], 48.0).unwrap();
    assert_eq!(review[0].action, KillAction::Revive);
    assert!(!review[0].should_kill && review[0].reason.is_none());
    assert_eq!(review[1].action, KillAction::Keep);
    assert!(review[1].recommendation.starts_with("Leave still paused"));
    assert!(switch.review_killed(&[], f64::NAN).is_err());
}

#[test]
fn an_account_of_leads_is_judged_by_their_cost() {
    let switch = switch(KillOptions::default());
    let cheap = ad("cheap", (500.0, 50_000, 500, 30, 0.0));
    let dear = ad("dear", (2500.0, 50_000, 500, 6, 0.0));
    let all = switch.evaluate_all(&[cheap, dear]).unwrap();
    assert!(!all[0].should_kill, "{:?}", all[0]);
    assert!(all[1].should_kill, "{:?}", all[1]);
}

#[test]
fn contradictory_counts_keep_the_ad_and_contradictory_ratios_are_recomputed() {
    let switch = switch(KillOptions::default());
    let impossible = switch.evaluate(&ad("x", (500.0, 100, 5000, 0, 0.0))).unwrap();
    assert!(!impossible.should_kill);
    assert_eq!(impossible.issues, [DataIssue::ClicksAboveImpressions]);
    let mut stated = ad("y", (120.0, 15_000, 30, 0, 0.0));
    stated.stated.ctr = Some(0.2);
    let decision = switch.evaluate(&stated).unwrap();
    assert!(decision.should_kill);
    assert!((decision.metrics_at_kill["ctr"] - 0.002).abs() < 1e-12);
    assert!(decision.recommendation.contains("ctr is stated as 0.2"));
    let mut future = ad("z", (500.0, 50_000, 900, 40, 2500.0));
    future.last_conversion = Some(Timestamp(NOW.0 + 86_400_000));
    assert_eq!(switch.evaluate(&future).unwrap().issues, [DataIssue::ConversionInTheFuture]);
}

#[test]
fn a_batch_returns_kills_only_with_the_most_waste_first() {
    let switch = switch(KillOptions::default());
    let ads = [
        ad("small", (150.0, 40_000, 60, 0, 0.0)),
        ad("good", (500.0, 50_000, 900, 40, 2500.0)),
        ad("large", (900.0, 400_000, 400, 1, 20.0)),
    ];
    let kills = switch.batch_evaluate(&ads).unwrap();
    let ids: Vec<&str> = kills.iter().map(|k| k.ad_id.as_str()).collect();
    assert_eq!(ids, ["large", "small"]);
    let report = KillReport::new(&kills);
    assert_eq!(report.total_ads_to_kill, 2);
    assert_eq!(report.highest_waste_ad.as_deref(), Some("large"));
    assert!(report.total_waste_prevented > kills[1].waste_prevented);
    let all = switch.evaluate_all(&ads).unwrap();
    assert_eq!(all.len(), 3);
    assert_eq!(all[2], kills[0]);
    assert!(switch.batch_evaluate(&[]).unwrap().is_empty());
}

#[test]
fn an_anytime_valid_kill_carries_its_e_value() {
    let options = KillOptions::default().policy(KillPolicy::AnytimeValid);
    let decision = switch(options).evaluate(&ad("x", (700.0, 90_000, 600, 0, 0.0))).unwrap();
    assert_eq!(decision.reason, Some(KillReason::NoConversions));
    assert!(decision.findings[0].e_value.unwrap() >= 80.0);
}

proptest! {
    #[test]
    fn whatever_the_figures_probabilities_and_amounts_stay_in_their_ranges(
        spend in 0.0..1e9_f64,
        impressions in 0..10_000_000_u64,
        clicks in 0..1_000_000_u64,
        conversions in 0..100_000_u64,
        revenue in 0.0..1e9_f64,
        hours_running in 0.0..5000.0_f64,
        silent in 0..5000_i64,
        policy in 0..3_usize,
    ) {
        let policy = [KillPolicy::Economic, KillPolicy::AnytimeValid, KillPolicy::Spec][policy];
        let metrics = AdMetrics {
            hours_running,
            last_conversion: hours_ago(silent),
            ..ad("p", (spend, impressions, clicks, conversions, revenue))
        };
        let decision = switch(KillOptions::default().policy(policy)).evaluate(&metrics).unwrap();
        prop_assert!((0.0..=1.0).contains(&decision.confidence));
        prop_assert!(decision.waste_prevented >= 0.0);
        prop_assert!(decision.waste_prevented <= decision.planned_spend + 1e-6);
        prop_assert!(decision.waste_interval.0 <= decision.waste_interval.1);
        prop_assert!(decision.expected_roas.is_finite());
        prop_assert_eq!(decision.should_kill, decision.action == KillAction::Kill);
    }

    #[test]
    fn figures_that_cannot_be_true_are_errors(bad in prop::sample::select(vec![
        f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.01, 1e300,
    ]), field in 0..4_usize) {
        let mut metrics = ad("p", (100.0, 1000, 10, 1, 10.0));
        *[&mut metrics.spend, &mut metrics.budget, &mut metrics.revenue,
            &mut metrics.hours_running][field] = bad;
        let result = switch(KillOptions::default()).evaluate(&metrics);
        let refused = matches!(result, Err(Error::InvalidAd { .. }));
        prop_assert!(refused);
    }
}
