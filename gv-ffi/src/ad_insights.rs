//! The figures of ads, as a platform gives them.

use crate::argument::{
    Visible, answer, count, element, free, initialize, object_mut, optional_text, record, tell,
    text,
};
use crate::call::{Failure, Outcome, c_string, guard};
use crate::status::gv_status;
use geminivideo::optimize::platform::AdInsight;
use std::ffi::{CString, c_char};

/// Figures of an ad over some days; gv_ad_insight_init sets it to nothing. Texts that the library gives are borrowed from
/// their list.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_ad_insight {
    /// sizeof(gv_ad_insight).
    pub struct_size: u32,
    /// 0; keeps what follows in place.
    pub reserved: u32,
    /// The ad.
    pub ad_id: *const c_char,
    /// Its campaign; NULL where not known.
    pub campaign_id: *const c_char,
    /// First day, as "2026-03-01" in the account's time zone; NULL where not known.
    pub first_day: *const c_char,
    /// Last day; NULL where not known.
    pub last_day: *const c_char,
    /// Money spent, in currency units.
    pub spend: f64,
    /// Times shown.
    pub impressions: u64,
    /// Clicks.
    pub clicks: u64,
    /// Conversions.
    pub conversions: u64,
    /// Revenue, in currency units.
    pub revenue: f64,
}

unsafe impl Visible for gv_ad_insight {}

/// Figures of ads.
#[derive(Debug, Default)]
pub struct gv_ad_insights {
    list: Vec<AdInsight>,
    texts: Vec<[CString; 4]>,
}

impl gv_ad_insights {
    pub(crate) fn new(list: Vec<AdInsight>) -> Self {
        let texts = |ad: &AdInsight| {
            [&ad.ad_id, &ad.campaign_id, &ad.first_day, &ad.last_day].map(|text| c_string(text))
        };
        Self { texts: list.iter().map(texts).collect(), list }
    }

    pub(crate) fn into_list(self) -> Vec<AdInsight> {
        self.list
    }
}

/// Sets figures to nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_ad_insight_init(insight: *mut gv_ad_insight) {
    unsafe { initialize(insight) };
}

/// Adds the figures of an ad; for the function insights of a program's platform.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_ad_insights_add(
    insights: *mut gv_ad_insights,
    insight: *const gv_ad_insight,
) -> gv_status {
    guard(|| unsafe {
        let insights = object_mut("insights", insights)?;
        let given = record("insight", insight)?;
        insights.list.push(of_c(&given)?);
        Ok(())
    })
}

/// Number of ads. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_ad_insights_len(insights: *const gv_ad_insights) -> usize {
    unsafe { count(insights, |insights| insights.texts.len()) }
}

/// The figures at index. insight->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_ad_insights_get(
    insights: *const gv_ad_insights,
    index: usize,
    insight: *mut gv_ad_insight,
) -> gv_status {
    unsafe {
        answer("insights", insights, "insight", insight, |insights| {
            let [ad_id, campaign_id, first_day, last_day] = element("ad", &insights.texts, index)?;
            let found = element("ad", &insights.list, index)?;
            Ok(gv_ad_insight {
                ad_id: ad_id.as_ptr(),
                campaign_id: campaign_id.as_ptr(),
                first_day: first_day.as_ptr(),
                last_day: last_day.as_ptr(),
                spend: found.spend,
                impressions: found.impressions,
                clicks: found.clicks,
                conversions: found.conversions,
                revenue: found.revenue,
                ..gv_ad_insight::initial()
            })
        })
    }
}

/// The figures as a JSON list. Free it with gv_string_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_ad_insights_json(
    insights: *const gv_ad_insights,
    insights_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("insights", insights, "insights_json", insights_json, |insights| {
            Ok(insights.list.clone())
        })
    }
}

/// Frees figures. NULL is allowed. Those that a platform's function is lent are not to be freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_ad_insights_free(insights: *mut gv_ad_insights) {
    unsafe { free(insights) };
}

unsafe fn of_c(given: &gv_ad_insight) -> Outcome<AdInsight> {
    let ad_id = unsafe { text("insight.ad_id", given.ad_id) }?.to_owned();
    for (name, money) in [("spend", given.spend), ("revenue", given.revenue)] {
        if !money.is_finite() {
            return Err(Failure::invalid(format!("insight.{name} is {money}")));
        }
    }
    let read = |name: &str, given: *const c_char| -> Outcome<String> {
        Ok(unsafe { optional_text(name, given) }?.unwrap_or_default().to_owned())
    };
    Ok(AdInsight {
        ad_id,
        campaign_id: read("insight.campaign_id", given.campaign_id)?,
        spend: given.spend,
        impressions: given.impressions,
        clicks: given.clicks,
        conversions: given.conversions,
        revenue: given.revenue,
        first_day: read("insight.first_day", given.first_day)?,
        last_day: read("insight.last_day", given.last_day)?,
    })
}
