//! The kill switch: which ads to stop (component 12).

use crate::argument::{
    Place, Visible, answer, blank, count, element, free, initialize, number_of, object, object_mut,
    one_of, optional_text, record, records, text, with_json,
};
use crate::call::{Outcome, c_string, guard};
use crate::status::gv_status;
use geminivideo::optimize::loser_kill_switch::{
    AdMetrics, KillAction, KillDecision, KillOptions, KillPolicy, KillReason, KillReport,
    LoserKillSwitch,
};
use geminivideo::optimize::{Error, Timestamp};
use std::ffi::{CString, c_char};

/// A moment that nobody knows.
pub const GV_NO_TIME: i64 = i64::MIN;

/// Stops an ad where its posterior says that it loses money: the most profit.
pub const GV_KILL_POLICY_ECONOMIC: u32 = 0;
/// Stops an ad where its being good enough is rejected, looked at as often as one likes; slower.
pub const GV_KILL_POLICY_ANYTIME_VALID: u32 = 1;
/// The specification's five rules on observed ratios, in their order.
pub const GV_KILL_POLICY_SPEC: u32 = 2;

const POLICIES: [(u32, KillPolicy); 3] = [
    (GV_KILL_POLICY_ECONOMIC, KillPolicy::Economic),
    (GV_KILL_POLICY_ANYTIME_VALID, KillPolicy::AnytimeValid),
    (GV_KILL_POLICY_SPEC, KillPolicy::Spec),
];

/// Leave the ad as it is.
pub const GV_KILL_ACTION_KEEP: u32 = 0;
/// Pause it.
pub const GV_KILL_ACTION_KILL: u32 = 1;
/// Start it again: late conversions have exonerated it.
pub const GV_KILL_ACTION_REVIVE: u32 = 2;

const ACTIONS: [(u32, KillAction); 3] = [
    (GV_KILL_ACTION_KEEP, KillAction::Keep),
    (GV_KILL_ACTION_KILL, KillAction::Kill),
    (GV_KILL_ACTION_REVIVE, KillAction::Revive),
];

/// There is no reason: the ad may go on.
pub const GV_KILL_REASON_NONE: u32 = 0;
/// Too few click.
pub const GV_KILL_REASON_LOW_CTR: u32 = 1;
/// Too few of those who click convert.
pub const GV_KILL_REASON_LOW_CVR: u32 = 2;
/// A conversion costs a multiple of the target.
pub const GV_KILL_REASON_HIGH_CPA: u32 = 3;
/// Less comes back than is spent.
pub const GV_KILL_REASON_NEGATIVE_ROAS: u32 = 4;
/// Nothing was sold for a considerable spend.
pub const GV_KILL_REASON_NO_CONVERSIONS: u32 = 5;
/// Conversions have stopped coming as they used to.
pub const GV_KILL_REASON_DECLINING_PERFORMANCE: u32 = 6;
/// The budget is used up; not a failure.
pub const GV_KILL_REASON_BUDGET_EXHAUSTED: u32 = 7;
/// Someone asked for it.
pub const GV_KILL_REASON_MANUAL: u32 = 8;

const REASONS: [(u32, KillReason); 8] = [
    (GV_KILL_REASON_LOW_CTR, KillReason::LowCtr),
    (GV_KILL_REASON_LOW_CVR, KillReason::LowCvr),
    (GV_KILL_REASON_HIGH_CPA, KillReason::HighCpa),
    (GV_KILL_REASON_NEGATIVE_ROAS, KillReason::NegativeRoas),
    (GV_KILL_REASON_NO_CONVERSIONS, KillReason::NoConversions),
    (GV_KILL_REASON_DECLINING_PERFORMANCE, KillReason::DecliningPerformance),
    (GV_KILL_REASON_BUDGET_EXHAUSTED, KillReason::BudgetExhausted),
    (GV_KILL_REASON_MANUAL, KillReason::Manual),
];

/// Thresholds of the kill switch; gv_kill_options_init sets what is usual.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_kill_options {
    /// sizeof(gv_kill_options).
    pub struct_size: u32,
    /// How evidence becomes a decision: GV_KILL_POLICY_...
    pub policy: u32,
    /// What a conversion may cost, in currency units; 50 is usual.
    pub target_cpa: f64,
    /// The return aimed at; with the target cost it gives the expected order value; 2 is usual.
    pub target_roas: f64,
    /// The return below which an ad loses money, 1 / margin; 1 is usual.
    pub keep_roas: f64,
    /// Probability of losing money from which an ad is stopped; 0.9 is usual.
    pub kill_confidence: f64,
    /// Spend before an ad is judged, in currency units; 50 is usual.
    pub min_spend: f64,
    /// Hours before an ad is judged; 24 is usual.
    pub min_hours: f64,
    /// More thresholds as a JSON object ({"min_ctr": 0.004}), or NULL; it wins over the fields above.
    pub more_json: *const c_char,
}

unsafe impl Visible for gv_kill_options {
    fn initial() -> Self {
        let usual = KillOptions::default();
        Self {
            policy: number_of(&usual.policy, &POLICIES),
            target_cpa: usual.target_cpa,
            target_roas: usual.target_roas,
            keep_roas: usual.keep_roas,
            kill_confidence: usual.kill_confidence,
            min_spend: usual.min_spend,
            min_hours: usual.min_hours,
            ..blank()
        }
    }
}

/// The figures of a running or paused ad; gv_ad_metrics_init sets them to nothing.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_ad_metrics {
    /// sizeof(gv_ad_metrics).
    pub struct_size: u32,
    /// 0; keeps what follows in place.
    pub reserved: u32,
    /// The ad's id, unique in a call.
    pub ad_id: *const c_char,
    /// Its campaign's id, or NULL.
    pub campaign_id: *const c_char,
    /// Money spent so far, in currency units.
    pub spend: f64,
    /// Money it may spend in all, in currency units; 0 means unknown.
    pub budget: f64,
    /// Times shown.
    pub impressions: u64,
    /// Clicks.
    pub clicks: u64,
    /// Conversions reported.
    pub conversions: u64,
    /// Revenue reported, in currency units.
    pub revenue: f64,
    /// Hours it has run.
    pub hours_running: f64,
    /// When the last conversion was reported, in milliseconds since 1970 UTC; GV_NO_TIME where nobody knows.
    pub last_conversion_ms: i64,
}

unsafe impl Visible for gv_ad_metrics {
    fn initial() -> Self {
        Self { last_conversion_ms: GV_NO_TIME, ..blank() }
    }
}

/// The decision about one ad.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_kill_decision {
    /// sizeof(gv_kill_decision), set by the caller.
    pub struct_size: u32,
    /// What to do: GV_KILL_ACTION_...
    pub action: u32,
    /// The reason most probably true: GV_KILL_REASON_...
    pub reason: u32,
    /// 0; keeps what follows in place.
    pub reserved: u32,
    /// Posterior probability that the reason is true; without one, that the ad earns at least keep_roas.
    pub confidence: f64,
    /// Expected loss that a kill avoids, in currency units; 0 unless killed.
    pub waste_prevented: f64,
    /// Posterior mean of the true return.
    pub expected_roas: f64,
    /// 10 % quantile of the true return.
    pub roas_low: f64,
    /// 90 % quantile of the true return.
    pub roas_high: f64,
    /// Posterior probability that the ad earns less than keep_roas.
    pub probability_unprofitable: f64,
    /// The ad; borrowed from the decisions.
    pub ad_id: *const c_char,
    /// What a person should know, in a sentence or two; borrowed from the decisions.
    pub recommendation: *const c_char,
}

unsafe impl Visible for gv_kill_decision {}

/// Decides which ads to stop, which to keep and which paused ones to start again.
#[derive(Debug)]
pub struct gv_kill_switch(LoserKillSwitch);

/// A list of decisions; never changes, so threads may share it.
#[derive(Debug)]
pub struct gv_kill_decisions {
    decisions: Vec<KillDecision>,
    ids: Vec<CString>,
    recommendations: Vec<CString>,
}

impl gv_kill_decisions {
    fn new(decisions: Vec<KillDecision>) -> Self {
        let texts = |of: fn(&KillDecision) -> &str| {
            decisions.iter().map(|decision| c_string(of(decision))).collect()
        };
        Self {
            ids: texts(|decision| &decision.ad_id),
            recommendations: texts(|decision| &decision.recommendation),
            decisions,
        }
    }
}

/// Sets options to what is usual.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_kill_options_init(options: *mut gv_kill_options) {
    unsafe { initialize(options) };
}

/// Sets an ad's figures to nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_ad_metrics_init(ad: *mut gv_ad_metrics) {
    unsafe { initialize(ad) };
}

/// Makes a kill switch. options may be NULL: then they are the usual ones.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_kill_switch_new(
    options: *const gv_kill_options,
    kill_switch: *mut *mut gv_kill_switch,
) -> gv_status {
    guard(|| unsafe {
        let place = Place::new("kill_switch", kill_switch)?;
        place.give(gv_kill_switch(LoserKillSwitch::new(options_of(options)?)?));
        Ok(())
    })
}

/// Frees a kill switch. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_kill_switch_free(kill_switch: *mut gv_kill_switch) {
    unsafe { free(kill_switch) };
}

/// Judges ads from now on against what these have shown, past ones of the account included.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_kill_switch_learn_account(
    kill_switch: *mut gv_kill_switch,
    ads: *const gv_ad_metrics,
    ads_len: usize,
) -> gv_status {
    guard(|| unsafe {
        let switch = object_mut("kill_switch", kill_switch)?;
        Ok(switch.0.learn_account(&metrics("ads", ads, ads_len)?)?)
    })
}

/// Judges running ads together: every decision, in the order of the ads.
///
/// Counts that contradict each other keep an ad running and are named in its recommendation.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_kill_switch_evaluate(
    kill_switch: *const gv_kill_switch,
    ads: *const gv_ad_metrics,
    ads_len: usize,
    decisions: *mut *mut gv_kill_decisions,
) -> gv_status {
    unsafe { judge(kill_switch, ads, ads_len, decisions, LoserKillSwitch::evaluate_all) }
}

/// Judges ads that were paused hours_since_kill hours ago: those that late conversions have exonerated get
/// GV_KILL_ACTION_REVIVE, the others stay paused.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_kill_switch_review_killed(
    kill_switch: *const gv_kill_switch,
    ads: *const gv_ad_metrics,
    ads_len: usize,
    hours_since_kill: f64,
    decisions: *mut *mut gv_kill_decisions,
) -> gv_status {
    let review =
        |switch: &LoserKillSwitch, ads: &[AdMetrics]| switch.review_killed(ads, hours_since_kill);
    unsafe { judge(kill_switch, ads, ads_len, decisions, review) }
}

/// Number of decisions. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_kill_decisions_len(decisions: *const gv_kill_decisions) -> usize {
    unsafe { count(decisions, |list| list.decisions.len()) }
}

/// The decision at index. decision->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_kill_decisions_get(
    decisions: *const gv_kill_decisions,
    index: usize,
    decision: *mut gv_kill_decision,
) -> gv_status {
    unsafe {
        answer("decisions", decisions, "decision", decision, |list| {
            let found = element("decision", &list.decisions, index)?;
            Ok(gv_kill_decision {
                action: number_of(&found.action, &ACTIONS),
                reason: found
                    .reason
                    .map_or(GV_KILL_REASON_NONE, |reason| number_of(&reason, &REASONS)),
                confidence: found.confidence,
                waste_prevented: found.waste_prevented,
                expected_roas: found.expected_roas,
                roas_low: found.roas_interval.0,
                roas_high: found.roas_interval.1,
                probability_unprofitable: found.probability_unprofitable,
                ad_id: element("decision", &list.ids, index)?.as_ptr(),
                recommendation: element("decision", &list.recommendations, index)?.as_ptr(),
                ..gv_kill_decision::initial()
            })
        })
    }
}

/// Everything about the decisions as one JSON document: an array in their order. Free it with gv_string_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_kill_decisions_json(
    decisions: *const gv_kill_decisions,
    json: *mut *mut c_char,
) -> gv_status {
    guard(|| unsafe {
        let list = object("decisions", decisions)?;
        Place::new("json", json)?.give_json(&list.decisions)
    })
}

/// The sums over the decisions as a JSON object. Free it with gv_string_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_kill_decisions_report_json(
    decisions: *const gv_kill_decisions,
    json: *mut *mut c_char,
) -> gv_status {
    guard(|| unsafe {
        let list = object("decisions", decisions)?;
        Place::new("json", json)?.give_json(&KillReport::new(&list.decisions))
    })
}

/// Frees a list of decisions. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_kill_decisions_free(decisions: *mut gv_kill_decisions) {
    unsafe { free(decisions) };
}

unsafe fn judge(
    kill_switch: *const gv_kill_switch,
    ads: *const gv_ad_metrics,
    ads_len: usize,
    decisions: *mut *mut gv_kill_decisions,
    how: impl FnOnce(&LoserKillSwitch, &[AdMetrics]) -> Result<Vec<KillDecision>, Error>,
) -> gv_status {
    guard(|| unsafe {
        let switch = object("kill_switch", kill_switch)?;
        let ads = metrics("ads", ads, ads_len)?;
        let place = Place::new("decisions", decisions)?;
        place.give(gv_kill_decisions::new(how(&switch.0, &ads)?));
        Ok(())
    })
}

unsafe fn options_of(options: *const gv_kill_options) -> Outcome<KillOptions> {
    if options.is_null() {
        return Ok(KillOptions::default());
    }
    let given = unsafe { record("options", options) }?;
    let options = KillOptions::default()
        .policy(one_of("options.policy", given.policy, &POLICIES)?)
        .target_cpa(given.target_cpa)
        .target_roas(given.target_roas)
        .keep_roas(given.keep_roas)
        .kill_confidence(given.kill_confidence)
        .min_spend(given.min_spend)
        .min_hours(given.min_hours);
    unsafe { with_json("options.more_json", options, given.more_json) }
}

unsafe fn metrics(name: &str, ads: *const gv_ad_metrics, length: usize) -> Outcome<Vec<AdMetrics>> {
    let given = unsafe { records(name, ads, length) }?;
    let read = |(index, ad): (usize, &gv_ad_metrics)| unsafe {
        let name = format!("{name}[{index}]");
        Ok(AdMetrics {
            ad_id: text(&format!("{name}.ad_id"), ad.ad_id)?.to_owned(),
            campaign_id: optional_text(&format!("{name}.campaign_id"), ad.campaign_id)?
                .unwrap_or_default()
                .to_owned(),
            spend: ad.spend,
            budget: ad.budget,
            impressions: ad.impressions,
            clicks: ad.clicks,
            conversions: ad.conversions,
            revenue: ad.revenue,
            hours_running: ad.hours_running,
            last_conversion: (ad.last_conversion_ms != GV_NO_TIME)
                .then_some(Timestamp(ad.last_conversion_ms)),
            ..AdMetrics::default()
        })
    };
    given.iter().enumerate().map(read).collect()
}
