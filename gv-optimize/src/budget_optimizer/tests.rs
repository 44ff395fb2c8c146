use super::*;
use crate::{DataIssue, Error, Money};
use proptest::prelude::*;

fn ad(id: &str, budget: f64, conversions: u64, roas: f64) -> AdPerformance {
    AdPerformance {
        ad_id: id.to_owned(),
        campaign_id: format!("c{}", id.len() % 2),
        spend: budget * 10.0,
        daily_budget: budget,
        impressions: 100_000,
        clicks: (budget * 12.0) as u64,
        conversions,
        revenue: budget * 10.0 * roas,
        hours_active: 240.0,
        ..AdPerformance::default()
    }
}

fn optimizer(options: BudgetOptions) -> BudgetOptimizer {
    BudgetOptimizer::new(options).unwrap()
}

fn planned(plan: &BudgetPlan, id: &str) -> f64 {
    plan.budgets.iter().find(|b| b.ad_id == id).unwrap().budget.units()
}

#[test]
fn the_specifications_example_is_a_winner_and_keeps_the_total_alone() {
    let example = AdPerformance {
        ad_id: "ad_001".into(),
        spend: 100.0,
        daily_budget: 50.0,
        impressions: 10_000,
        clicks: 200,
        conversions: 10,
        revenue: 500.0,
        hours_active: 48.0,
        status: AdStatus::Scaling,
        ..AdPerformance::default()
    };
    let optimizer = optimizer(BudgetOptions::default().target_roas(2.5));
    let assessment = &optimizer.assess(std::slice::from_ref(&example)).unwrap()[0];
    assert_eq!(assessment.category, Category::Winners, "{assessment:?}");
    assert_eq!(assessment.status, AdStatus::Scaling);
    let plan = optimizer.plan(std::slice::from_ref(&example), None).unwrap();
    assert!(plan.recommendations.is_empty());
    assert_eq!(plan.total, Money::from_cents(5000));
    let more = optimizer.plan(&[example], Some(100.0)).unwrap();
    assert_eq!(more.recommendations[0].recommended_budget, Money::from_cents(7500));
    assert_eq!(more.unallocated, Money::from_cents(2500));
    assert!(more.notes[0].starts_with("25.00 a day is left"));
}

#[test]
fn money_moves_from_the_loser_to_the_winner() {
    let ads = [ad("win", 50.0, 50, 4.0), ad("lose", 50.0, 8, 0.4), ad("mid", 50.0, 30, 1.8)];
    let plan = optimizer(BudgetOptions::default()).plan(&ads, None).unwrap();
    assert!(planned(&plan, "win") > 60.0);
    assert!(planned(&plan, "lose") < 25.5);
    let first = &plan.recommendations[0];
    assert_eq!(first.priority, 1);
    assert!(first.confidence > 0.9 && first.expected_gain > 0.0);
    let cut = plan.recommendations.iter().find(|r| r.ad_id == "lose").unwrap();
    assert!(cut.reason.contains("it returns less than 1.00 with a probability of"), "{cut:?}");
    assert!(cut.expected_savings > 0.0);
    let impact = plan.expected_impact;
    assert!(impact.revenue_change > 0.0 && impact.estimated_roas_improvement > 0.0);
    assert!(impact.revenue_change_interval.0 < impact.revenue_change);
    assert!(impact.spend_change.abs() < 1e-9);
}

#[test]
fn a_loser_without_conversions_is_cut_and_a_promising_one_is_not_raised() {
    let ads = [ad("win", 50.0, 50, 4.0), ad("zero", 50.0, 0, 0.0), ad("few", 50.0, 3, 6.0)];
    let plan = optimizer(BudgetOptions::default()).plan(&ads, None).unwrap();
    assert_eq!(planned(&plan, "zero"), 25.0);
    assert_eq!(planned(&plan, "few"), 50.0);
    let hold = |id: &str| plan.budgets.iter().find(|b| b.ad_id == id).unwrap().hold;
    assert_eq!(hold("zero"), Some(Hold::TooFewConversions));
    assert_eq!(hold("win"), None);
}

#[test]
fn each_hold_keeps_the_budget() {
    let learning = AdPerformance { hours_active: 5.0, ..ad("learning", 50.0, 8, 0.4) };
    let told = AdPerformance { status: AdStatus::Learning, ..ad("told", 50.0, 8, 0.4) };
    let poor = AdPerformance { spend: 20.0, revenue: 0.0, ..ad("poor", 50.0, 8, 0.4) };
    let wrong = AdPerformance { clicks: 10_000_000, ..ad("wrong", 50.0, 8, 0.4) };
    let ads = [
        learning,
        told,
        poor,
        wrong,
        ad("locked", 50.0, 8, 0.4),
        ad("win", 50.0, 50, 4.0),
        ad("lose", 50.0, 8, 0.4),
    ];
    let options = BudgetOptions::default().locked(["locked".to_owned()].into());
    let plan = optimizer(options).plan(&ads, None).unwrap();
    let holds = [
        ("learning", Hold::Learning),
        ("told", Hold::Learning),
        ("poor", Hold::TooLittleSpend),
        ("wrong", Hold::ContradictoryCounts),
        ("locked", Hold::Locked),
    ];
    for (id, hold) in holds {
        let budget = plan.budgets.iter().find(|b| b.ad_id == id).unwrap();
        assert_eq!((budget.hold, budget.budget), (Some(hold), Money::from_cents(5000)), "{id}");
        assert!(!hold.text().is_empty());
    }
    assert!(planned(&plan, "win") > 50.0);
}

#[test]
fn every_category_and_status_is_reached() {
    let paused = AdPerformance { status: AdStatus::Paused, ..ad("paused", 50.0, 50, 4.0) };
    let young = AdPerformance { hours_active: 5.0, ..ad("young", 50.0, 20, 2.0) };
    let ads = [
        paused,
        young,
        ad("winners", 50.0, 50, 4.0),
        ad("stable", 50.0, 50, 2.1),
        ad("under", 50.0, 50, 1.7),
        ad("losers", 50.0, 8, 0.4),
    ];
    let assessments = optimizer(BudgetOptions::default()).assess(&ads).unwrap();
    let of = |id: &str| assessments.iter().find(|a| a.ad_id == id).unwrap();
    assert_eq!((of("paused").category, of("paused").status), (Category::Winners, AdStatus::Paused));
    assert_eq!(
        (of("young").category, of("young").status),
        (Category::Learning, AdStatus::Learning)
    );
    assert_eq!(
        (of("winners").category, of("winners").status),
        (Category::Winners, AdStatus::Scaling)
    );
    assert_eq!(
        (of("stable").category, of("stable").status),
        (Category::Stable, AdStatus::Maintaining)
    );
    assert_eq!(of("under").category, Category::Underperforming);
    assert_eq!(
        (of("losers").category, of("losers").status),
        (Category::Losers, AdStatus::Declining)
    );
    assert!(assessments.iter().all(|a| (0.0..=1.0).contains(&a.confidence)));
}

#[test]
fn policy_spec_follows_the_thresholds() {
    let ads = [
        ad("a_scale", 50.0, 50, 3.5),
        ad("b_target", 50.0, 50, 2.2),
        ad("c_mid", 50.0, 50, 1.5),
        ad("d_lose", 50.0, 50, 0.5),
        ad("e_zero", 50.0, 0, 0.0),
    ];
    let options = BudgetOptions::default().policy(BudgetPolicy::Spec);
    let plan = optimizer(options).plan(&ads, None).unwrap();
    assert_eq!(planned(&plan, "e_zero"), 50.0);
    let ratio = |a: &str, b: &str| planned(&plan, a) / planned(&plan, b);
    assert!((ratio("a_scale", "b_target") - 1.2).abs() < 0.001);
    assert!((ratio("b_target", "c_mid") - 1.25).abs() < 0.001);
    assert!((ratio("c_mid", "d_lose") - 2.0).abs() < 0.001 || planned(&plan, "d_lose") == 25.0);
    assert_eq!(plan.budgets.iter().map(|b| b.budget).sum::<Money>(), plan.total);
}

#[test]
fn totals_below_the_gates_are_met_in_steps_and_below_the_minimums_refused() {
    let young = AdPerformance { hours_active: 5.0, ..ad("young", 50.0, 8, 2.0) };
    let few = ad("few", 50.0, 3, 6.0);
    let optimizer = optimizer(BudgetOptions::default());
    let ads = [young, few, ad("good", 50.0, 50, 2.0)];
    let first = optimizer.plan(&ads, Some(110.0)).unwrap();
    assert_eq!(planned(&first, "young"), 50.0);
    assert!(first.notes[0].contains("little evidence"));
    let second = optimizer.plan(&ads, Some(90.0)).unwrap();
    assert!(second.notes[1].contains("learning ads were cut too"));
    assert_eq!(second.budgets.iter().map(|b| b.budget).sum::<Money>(), Money::from_cents(9000));
    let refused = optimizer.plan(&ads, Some(60.0)).unwrap_err();
    assert!(matches!(refused, Error::BudgetBelowMinimums { .. }), "{refused}");
    assert!(optimizer.plan(&ads, Some(f64::NAN)).is_err());
    assert!(optimizer.plan(&ads, Some(0.0)).is_err());
}

#[test]
fn the_daily_cap_stops_repeated_shifts() {
    let capped = AdPerformance { budget_24h_ago: Some(14.0), ..ad("win", 50.0, 50, 4.0) };
    let ads = [capped, ad("lose", 50.0, 8, 0.4)];
    let plan = optimizer(BudgetOptions::default()).plan(&ads, None).unwrap();
    assert_eq!(planned(&plan, "win"), 56.0);
    assert_eq!(planned(&plan, "lose"), 44.0);
}

#[test]
fn campaigns_keep_their_money_when_pooled_by_campaign() {
    let ads = [
        ad("a", 50.0, 50, 4.0),
        ad("b", 30.0, 8, 0.4),
        ad("cc", 50.0, 50, 4.0),
        ad("dd", 70.0, 8, 0.4),
    ];
    let options = BudgetOptions::default().pooling(Pooling::Campaign);
    let plan = optimizer(options).plan(&ads, None).unwrap();
    let sum = |ids: [&str; 2]| ids.iter().map(|id| planned(&plan, id)).sum::<f64>();
    assert!((sum(["a", "b"]) - 80.0).abs() < 1e-9);
    assert!((sum(["cc", "dd"]) - 120.0).abs() < 1e-9);
}

#[test]
fn the_report_counts_and_prices_what_could_be_better() {
    let ads = [ad("win", 50.0, 50, 4.0), ad("lose", 50.0, 8, 0.4)];
    let report = optimizer(BudgetOptions::default()).report(&ads).unwrap();
    assert!((report.overall_roas - 2.2).abs() < 1e-9);
    assert_eq!(
        (report.ad_count, report.distribution.winners, report.distribution.losers),
        (2, 1, 1)
    );
    assert!(report.potential_savings > 15.0 && report.potential_savings < 50.0);
    assert!(report.potential_savings_interval.0 <= report.potential_savings);
    assert!(report.scaling_opportunity > 0.0);
    assert_eq!(report.recommendations_count, 2);
    let empty = optimizer(BudgetOptions::default()).report(&[]).unwrap();
    assert_eq!((empty.overall_roas, empty.ad_count), (0.0, 0));
}

#[test]
fn a_projection_compares_with_holding_and_may_be_worse() {
    let ads = [ad("win", 50.0, 50, 4.0), ad("lose", 50.0, 8, 0.4), ad("mid", 50.0, 30, 1.8)];
    let optimizer = optimizer(BudgetOptions::default());
    let projection = optimizer.simulate(&ads, 5).unwrap();
    assert_eq!(projection, optimizer.simulate(&ads, 5).unwrap());
    assert_eq!(projection.daily_projections.len(), 5);
    assert!(projection.improvement_percent > 10.0, "{projection:?}");
    assert!(projection.probability_worse < 0.2);
    assert!(projection.improvement_interval.0 < projection.improvement_interval.1);
    let twins = [ad("a", 50.0, 6, 1.0), ad("b", 50.0, 6, 1.0)];
    let undecided = optimizer.simulate(&twins, 5).unwrap();
    assert!(undecided.probability_worse > 0.1, "{undecided:?}");
    assert!(optimizer.simulate(&ads, 0).is_err());
}

#[test]
fn leads_without_revenue_are_compared_by_their_cost() {
    let ads = [ad("cheap", 50.0, 60, 0.0), ad("dear", 50.0, 8, 0.0)];
    let plan = optimizer(BudgetOptions::default()).plan(&ads, None).unwrap();
    assert!(planned(&plan, "cheap") > 60.0);
}

#[test]
fn bad_lists_are_errors_and_contradictions_are_named() {
    let optimizer = optimizer(BudgetOptions::default());
    let twice = [ad("a", 50.0, 8, 1.0), ad("a", 50.0, 8, 1.0)];
    assert!(matches!(optimizer.plan(&twice, None), Err(Error::DuplicateAd { .. })));
    let nan = AdPerformance { revenue: f64::NAN, ..ad("a", 50.0, 8, 1.0) };
    assert!(matches!(optimizer.plan(&[nan], None), Err(Error::InvalidAd { .. })));
    let wrong = AdPerformance { impressions: 1, ..ad("a", 50.0, 8, 1.0) };
    assert_eq!(optimizer.assess(&[wrong]).unwrap()[0].issues, [DataIssue::ClicksAboveImpressions]);
    assert!(optimizer.plan(&[], None).unwrap().budgets.is_empty());
}

fn any_ad() -> impl Strategy<Value = AdPerformance> {
    (10.0..500.0_f64, 0..80_u64, 0.0..6.0_f64, 0.0..400.0_f64, 0.05..20.0_f64).prop_map(
        |(budget, conversions, roas, hours_active, days)| AdPerformance {
            spend: budget * days,
            hours_active,
            revenue: if conversions > 0 { budget * days * roas } else { 0.0 },
            clicks: 2000,
            ..ad("x", (budget * 100.0).round() / 100.0, conversions, 0.0)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn totals_are_kept_to_the_cent_bounds_hold_and_order_does_not_matter(
        mut ads in prop::collection::vec(any_ad(), 1..25),
        scale in 0.9..1.3_f64,
        seed in 0..5_u64,
        spec in any::<bool>(),
    ) {
        for (i, ad) in ads.iter_mut().enumerate() {
            ad.ad_id = format!("ad{i}");
        }
        let policy = if spec { BudgetPolicy::Spec } else { BudgetPolicy::Posterior };
        let optimizer = optimizer(BudgetOptions::default().seed(seed).policy(policy));
        let total = scale * ads.iter().map(|a| a.daily_budget).sum::<f64>();
        let plan = match optimizer.plan(&ads, Some(total)) {
            Ok(plan) => plan,
            Err(Error::BudgetBelowMinimums { .. }) => return Ok(()),
            Err(other) => panic!("{other}"),
        };
        let sum: Money = plan.budgets.iter().map(|b| b.budget).sum();
        prop_assert_eq!(sum + plan.unallocated, plan.total);
        prop_assert!(plan.unallocated >= Money::ZERO);
        for budget in &plan.budgets {
            prop_assert!(budget.low <= budget.budget && budget.budget <= budget.high);
        }
        for item in &plan.recommendations {
            prop_assert!((0.0..=1.0).contains(&item.confidence));
            prop_assert!(item.change_amount != Money::ZERO);
        }
        ads.reverse();
        prop_assert_eq!(optimizer.plan(&ads, Some(total)).unwrap(), plan);
    }
}

#[test]
fn ads_of_one_budget_get_one_decision_on_what_all_of_them_show() {
    let of = |id: &str, owner: &str, conversions, roas| AdPerformance {
        budget_owner: owner.into(),
        ..ad(id, 50.0, conversions, roas)
    };
    let ads = [
        of("a", "s1", 45, 4.0),
        of("b", "s1", 40, 3.5),
        of("c", "s2", 8, 0.4),
        of("d", "", 20, 2.0),
    ];
    let optimizer = BudgetOptimizer::new(BudgetOptions::default()).unwrap();
    let plan = optimizer.plan(&ads, None).unwrap();
    assert_eq!(plan.total, Money::from_cents(15_000), "the budget of s1 counts once");
    let first = plan.budgets.iter().find(|b| b.ad_id == "a").unwrap();
    assert_eq!(first.shares_with, ["b"]);
    assert!(first.budget > first.current && plan.budgets.iter().all(|b| b.ad_id != "b"));
    let change = plan.recommendations.iter().find(|r| r.ad_id == "a").unwrap();
    assert!(change.reason.contains("85 conversions for 1000.00"), "{}", change.reason);
    let mut turned = ads.clone();
    turned.reverse();
    assert_eq!(optimizer.plan(&turned, None).unwrap(), plan);
    assert_eq!(optimizer.assess(&ads).unwrap().len(), 4, "each ad is still judged");

    let mut wrong = ads.clone();
    wrong[1].impressions = 1;
    let held = optimizer.plan(&wrong, None).unwrap();
    let held = held.budgets.iter().find(|b| b.ad_id == "a").unwrap();
    assert_eq!(held.hold, Some(Hold::ContradictoryCounts), "one wrong part holds the whole");
    wrong[1] = AdPerformance { daily_budget: 70.0, ..ads[1].clone() };
    let refused = optimizer.plan(&wrong, None).unwrap_err().to_string();
    assert!(refused.contains("one budget owner"), "{refused}");
}
