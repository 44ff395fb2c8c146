//! The budget optimiser: who gets what, to the cent (component 11).

use crate::argument::{
    Place, Visible, answer, blank, count, element, free, initialize, number_of, object, one_of,
    optional_text, record, records, text, with_json,
};
use crate::call::{Outcome, c_string, guard};
use crate::loser_kill_switch::GV_NO_TIME;
use crate::status::gv_status;
use geminivideo::optimize::Timestamp;
use geminivideo::optimize::budget_optimizer::{
    AdPerformance, AdStatus, BudgetOptimizer, BudgetOptions, BudgetPlan, BudgetPolicy,
    BudgetRecommendation, Hold,
};
use std::collections::HashMap;
use std::ffi::{CString, c_char};

/// Most expected revenue under the posterior, with a share for exploration.
pub const GV_BUDGET_POLICY_POSTERIOR: u32 = 0;
/// The specification's thresholds on the observed return.
pub const GV_BUDGET_POLICY_SPEC: u32 = 1;

const POLICIES: [(u32, BudgetPolicy); 2] = [
    (GV_BUDGET_POLICY_POSTERIOR, BudgetPolicy::Posterior),
    (GV_BUDGET_POLICY_SPEC, BudgetPolicy::Spec),
];

/// The ad's budget is being held.
pub const GV_AD_STATUS_MAINTAINING: u32 = 0;
/// The platform is still learning whom to show the ad to; its budget is left alone.
pub const GV_AD_STATUS_LEARNING: u32 = 1;
/// Its budget is being raised.
pub const GV_AD_STATUS_SCALING: u32 = 2;
/// Its budget is being cut.
pub const GV_AD_STATUS_DECLINING: u32 = 3;
/// It is not running; it has no part in the total.
pub const GV_AD_STATUS_PAUSED: u32 = 4;

const STATUSES: [(u32, AdStatus); 5] = [
    (GV_AD_STATUS_MAINTAINING, AdStatus::Maintaining),
    (GV_AD_STATUS_LEARNING, AdStatus::Learning),
    (GV_AD_STATUS_SCALING, AdStatus::Scaling),
    (GV_AD_STATUS_DECLINING, AdStatus::Declining),
    (GV_AD_STATUS_PAUSED, AdStatus::Paused),
];

/// The budget may move freely.
pub const GV_HOLD_NONE: u32 = 0;
/// The caller locked it.
pub const GV_HOLD_LOCKED: u32 = 1;
/// The ad's counts contradict each other.
pub const GV_HOLD_CONTRADICTORY_COUNTS: u32 = 2;
/// It is learning.
pub const GV_HOLD_LEARNING: u32 = 3;
/// Too little was spent.
pub const GV_HOLD_TOO_LITTLE_SPEND: u32 = 4;
/// Too few conversions to raise it.
pub const GV_HOLD_TOO_FEW_CONVERSIONS: u32 = 5;

const HOLDS: [(u32, Hold); 5] = [
    (GV_HOLD_LOCKED, Hold::Locked),
    (GV_HOLD_CONTRADICTORY_COUNTS, Hold::ContradictoryCounts),
    (GV_HOLD_LEARNING, Hold::Learning),
    (GV_HOLD_TOO_LITTLE_SPEND, Hold::TooLittleSpend),
    (GV_HOLD_TOO_FEW_CONVERSIONS, Hold::TooFewConversions),
];

/// Rules of the budget optimiser; gv_budget_options_init sets what is usual.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_budget_options {
    /// sizeof(gv_budget_options).
    pub struct_size: u32,
    /// How budgets are chosen: GV_BUDGET_POLICY_...
    pub policy: u32,
    /// The return aimed at; 2 is usual.
    pub target_roas: f64,
    /// Smallest daily budget, in currency units; 10 is usual.
    pub min_budget: f64,
    /// Most that a budget rises at once, in percent; 50 is usual.
    pub max_increase_percent: f64,
    /// Most that a budget falls at once, in percent; 50 is usual.
    pub max_decrease_percent: f64,
    /// Seed of the draws: the same seed and ads give the same plan.
    pub seed: u64,
    /// More rules as a JSON object ({"locked": ["ad_7"]}), or NULL; it wins over the fields above.
    pub more_json: *const c_char,
}

unsafe impl Visible for gv_budget_options {
    fn initial() -> Self {
        let usual = BudgetOptions::default();
        Self {
            policy: number_of(&usual.policy, &POLICIES),
            target_roas: usual.target_roas,
            min_budget: usual.min_budget,
            max_increase_percent: usual.max_increase_percent,
            max_decrease_percent: usual.max_decrease_percent,
            seed: usual.seed,
            ..blank()
        }
    }
}

/// The figures of an ad and its daily budget; gv_ad_performance_init sets them to nothing.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_ad_performance {
    /// sizeof(gv_ad_performance).
    pub struct_size: u32,
    /// Its state: GV_AD_STATUS_...
    pub status: u32,
    /// The ad's id, unique in a call.
    pub ad_id: *const c_char,
    /// Its campaign's id, or NULL.
    pub campaign_id: *const c_char,
    /// Money spent so far, in currency units.
    pub spend: f64,
    /// Budget of a day, in currency units; 0 counts as paused.
    pub daily_budget: f64,
    /// Times shown.
    pub impressions: u64,
    /// Clicks.
    pub clicks: u64,
    /// Conversions reported.
    pub conversions: u64,
    /// Revenue reported, in currency units.
    pub revenue: f64,
    /// Hours it has run.
    pub hours_active: f64,
    /// When the last conversion was reported, in milliseconds since 1970 UTC; GV_NO_TIME where nobody knows.
    pub last_conversion_ms: i64,
    /// The budget 24 hours ago, in currency units; NaN takes the present one.
    pub budget_24h_ago: f64,
}

unsafe impl Visible for gv_ad_performance {
    fn initial() -> Self {
        Self { last_conversion_ms: GV_NO_TIME, budget_24h_ago: f64::NAN, ..blank() }
    }
}

/// The budget of one running ad in a plan. Amounts are whole cents: they add up exactly.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_planned_budget {
    /// sizeof(gv_planned_budget), set by the caller.
    pub struct_size: u32,
    /// Why it could not move freely: GV_HOLD_...
    pub hold: u32,
    /// The ad; borrowed from the plan.
    pub ad_id: *const c_char,
    /// Its daily budget before.
    pub current_cents: i64,
    /// Its daily budget in the plan.
    pub budget_cents: i64,
    /// The lowest it was allowed.
    pub low_cents: i64,
    /// The highest it was allowed.
    pub high_cents: i64,
    /// Why it changes, in a sentence, borrowed from the plan; NULL where it does not.
    pub reason: *const c_char,
    /// Posterior probability that the change goes in the right direction; NaN where nothing changes.
    pub confidence: f64,
    /// Expected revenue gained per day beyond what the money brings elsewhere, in currency units.
    pub expected_gain: f64,
    /// 1 for the changes that bring the first half of the plan's gain, 2 up to 80 %, then 3; 0 without a change.
    pub priority: u32,
    /// 0; fills the struct.
    pub reserved: u32,
}

unsafe impl Visible for gv_planned_budget {}

/// Judges ads and plans their budgets; never changes, so threads may share it.
#[derive(Debug)]
pub struct gv_budget_optimizer(BudgetOptimizer);

/// Who gets what; never changes, so threads may share it.
#[derive(Debug)]
pub struct gv_budget_plan {
    plan: BudgetPlan,
    ids: Vec<CString>,
    /// For each budget the number of its recommendation and that one's reason.
    changes: Vec<Option<(usize, CString)>>,
}

impl gv_budget_plan {
    fn new(plan: BudgetPlan) -> Self {
        let places: HashMap<&str, usize> = plan
            .recommendations
            .iter()
            .enumerate()
            .map(|(place, recommendation)| (recommendation.ad_id.as_str(), place))
            .collect();
        let change = |ad_id: &str| {
            let place = *places.get(ad_id)?;
            Some((place, c_string(&plan.recommendations.get(place)?.reason)))
        };
        let ids = plan.budgets.iter().map(|budget| c_string(&budget.ad_id)).collect();
        let changes = plan.budgets.iter().map(|budget| change(&budget.ad_id)).collect();
        Self { ids, changes, plan }
    }

    fn change(&self, index: usize) -> Option<(&BudgetRecommendation, &CString)> {
        let (place, reason) = self.changes.get(index)?.as_ref()?;
        Some((self.plan.recommendations.get(*place)?, reason))
    }
}

/// Sets options to what is usual.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_budget_options_init(options: *mut gv_budget_options) {
    unsafe { initialize(options) };
}

/// Sets an ad's figures to nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_ad_performance_init(ad: *mut gv_ad_performance) {
    unsafe { initialize(ad) };
}

/// Makes a budget optimiser. options may be NULL: then they are the usual ones.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_budget_optimizer_new(
    options: *const gv_budget_options,
    optimizer: *mut *mut gv_budget_optimizer,
) -> gv_status {
    guard(|| unsafe {
        let place = Place::new("optimizer", optimizer)?;
        place.give(gv_budget_optimizer(BudgetOptimizer::new(options_of(options)?)?));
        Ok(())
    })
}

/// Frees a budget optimiser. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_budget_optimizer_free(optimizer: *mut gv_budget_optimizer) {
    unsafe { free(optimizer) };
}

/// Plans the running ads' daily budgets so that they add up to total_daily_budget currency units; 0 takes the sum of
/// the present ones.
///
/// Ads with too little evidence keep theirs. What no ad may take is left: gv_budget_plan_unallocated_cents.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_budget_optimizer_plan(
    optimizer: *const gv_budget_optimizer,
    ads: *const gv_ad_performance,
    ads_len: usize,
    total_daily_budget: f64,
    plan: *mut *mut gv_budget_plan,
) -> gv_status {
    guard(|| unsafe {
        let optimizer = object("optimizer", optimizer)?;
        let ads = performances("ads", ads, ads_len)?;
        let place = Place::new("plan", plan)?;
        let total = (total_daily_budget != 0.0).then_some(total_daily_budget);
        place.give(gv_budget_plan::new(optimizer.0.plan(&ads, total)?));
        Ok(())
    })
}

/// The account summed up, as a JSON object. Free it with gv_string_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_budget_optimizer_report_json(
    optimizer: *const gv_budget_optimizer,
    ads: *const gv_ad_performance,
    ads_len: usize,
    json: *mut *mut c_char,
) -> gv_status {
    guard(|| unsafe {
        let optimizer = object("optimizer", optimizer)?;
        let ads = performances("ads", ads, ads_len)?;
        Place::new("json", json)?.give_json(&optimizer.0.report(&ads)?)
    })
}

/// The next 1 to 365 days, acting every day against holding, as a JSON object. Free it with gv_string_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_budget_optimizer_simulate_json(
    optimizer: *const gv_budget_optimizer,
    ads: *const gv_ad_performance,
    ads_len: usize,
    days: u32,
    json: *mut *mut c_char,
) -> gv_status {
    guard(|| unsafe {
        let optimizer = object("optimizer", optimizer)?;
        let ads = performances("ads", ads, ads_len)?;
        Place::new("json", json)?.give_json(&optimizer.0.simulate(&ads, days)?)
    })
}

/// Number of budgets in a plan: one for each running ad. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_budget_plan_len(plan: *const gv_budget_plan) -> usize {
    unsafe { count(plan, |plan| plan.plan.budgets.len()) }
}

/// The budget at index. budget->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_budget_plan_get(
    plan: *const gv_budget_plan,
    index: usize,
    budget: *mut gv_planned_budget,
) -> gv_status {
    unsafe {
        answer("plan", plan, "budget", budget, |plan| {
            let found = element("budget", &plan.plan.budgets, index)?;
            let change = plan.change(index);
            Ok(gv_planned_budget {
                hold: found.hold.map_or(GV_HOLD_NONE, |hold| number_of(&hold, &HOLDS)),
                ad_id: element("budget", &plan.ids, index)?.as_ptr(),
                current_cents: found.current.cents(),
                budget_cents: found.budget.cents(),
                low_cents: found.low.cents(),
                high_cents: found.high.cents(),
                reason: change.map_or(std::ptr::null(), |(_, reason)| reason.as_ptr()),
                confidence: change.map_or(f64::NAN, |(change, _)| change.confidence),
                expected_gain: change.map_or(0.0, |(change, _)| change.expected_gain),
                priority: change.map_or(0, |(change, _)| u32::from(change.priority)),
                ..gv_planned_budget::initial()
            })
        })
    }
}

/// Cents a day to share out. With what is unallocated, the budgets add up to it exactly. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_budget_plan_total_cents(plan: *const gv_budget_plan) -> i64 {
    unsafe { object("plan", plan) }.map_or(0, |plan| plan.plan.total.cents())
}

/// Cents a day that no ad may take. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_budget_plan_unallocated_cents(plan: *const gv_budget_plan) -> i64 {
    unsafe { object("plan", plan) }.map_or(0, |plan| plan.plan.unallocated.cents())
}

/// The whole plan as a JSON object; amounts are whole cents. Free it with gv_string_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_budget_plan_json(
    plan: *const gv_budget_plan,
    json: *mut *mut c_char,
) -> gv_status {
    guard(|| unsafe {
        let plan = object("plan", plan)?;
        Place::new("json", json)?.give_json(&plan.plan)
    })
}

/// Frees a plan. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_budget_plan_free(plan: *mut gv_budget_plan) {
    unsafe { free(plan) };
}

unsafe fn options_of(options: *const gv_budget_options) -> Outcome<BudgetOptions> {
    if options.is_null() {
        return Ok(BudgetOptions::default());
    }
    let given = unsafe { record("options", options) }?;
    let options = BudgetOptions::default()
        .policy(one_of("options.policy", given.policy, &POLICIES)?)
        .target_roas(given.target_roas)
        .min_budget(given.min_budget)
        .max_increase_percent(given.max_increase_percent)
        .max_decrease_percent(given.max_decrease_percent)
        .seed(given.seed);
    unsafe { with_json("options.more_json", options, given.more_json) }
}

unsafe fn performances(
    name: &str,
    ads: *const gv_ad_performance,
    length: usize,
) -> Outcome<Vec<AdPerformance>> {
    let given = unsafe { records(name, ads, length) }?;
    let read = |(index, ad): (usize, &gv_ad_performance)| unsafe {
        let name = format!("{name}[{index}]");
        Ok(AdPerformance {
            ad_id: text(&format!("{name}.ad_id"), ad.ad_id)?.to_owned(),
            campaign_id: optional_text(&format!("{name}.campaign_id"), ad.campaign_id)?
                .unwrap_or_default()
                .to_owned(),
            spend: ad.spend,
            daily_budget: ad.daily_budget,
            impressions: ad.impressions,
            clicks: ad.clicks,
            conversions: ad.conversions,
            revenue: ad.revenue,
            hours_active: ad.hours_active,
            last_conversion_time: (ad.last_conversion_ms != GV_NO_TIME)
                .then_some(Timestamp(ad.last_conversion_ms)),
            status: one_of(&format!("{name}.status"), ad.status, &STATUSES)?,
            budget_24h_ago: (!ad.budget_24h_ago.is_nan()).then_some(ad.budget_24h_ago),
            ..AdPerformance::default()
        })
    };
    given.iter().enumerate().map(read).collect()
}
