//! Checks before an ad is published: each pass, fail or unknown, with the time and value that decide.
//!
//! Limits that are no standard's are priors. What nobody looked at is unknown, never a pass.

use crate::analysis::gv_analysis;
use crate::argument::{
    Place, Visible, answer, count, element, free, number_of, object, optional_text, tell,
};
use crate::call::{c_string, guard};
use crate::status::gv_status;
use geminivideo::timing::checks::{CheckReport, Outcome, Rules, check};
use geminivideo::timing::placements::Placements;
use std::ffi::{CString, c_char, c_int};

/// It is as it should be.
pub const GV_CHECK_PASS: u32 = 0;
/// It is not.
pub const GV_CHECK_FAIL: u32 = 1;
/// It could not be told.
pub const GV_CHECK_UNKNOWN: u32 = 2;

const OUTCOMES: [(u32, Outcome); 3] = [
    (GV_CHECK_PASS, Outcome::Pass),
    (GV_CHECK_FAIL, Outcome::Fail),
    (GV_CHECK_UNKNOWN, Outcome::Unknown),
];

/// The outcome of one rule. Its texts are borrowed from the report.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_finding {
    /// sizeof(gv_finding), set by the caller.
    pub struct_size: u32,
    /// How it went: GV_CHECK_PASS, ..._FAIL or ..._UNKNOWN.
    pub outcome: u32,
    /// Whether an ad must pass it: 0 or 1.
    pub required: u32,
    /// 0; keeps what follows in place.
    pub reserved: u32,
    /// Where the evidence is; NaN where it is at no one time.
    pub time: f64,
    /// What was measured, in unit; NaN where nothing was.
    pub measured: f64,
    /// The lowest value that passes; NaN where there is no such limit.
    pub at_least: f64,
    /// The highest value that passes; NaN where there is no such limit.
    pub at_most: f64,
    /// What was checked, as "loudness".
    pub check: *const c_char,
    /// The unit of the values, as "LUFS".
    pub unit: *const c_char,
    /// What was found, in words.
    pub reason: *const c_char,
    /// What to do about it where it fails.
    pub fix: *const c_char,
}

unsafe impl Visible for gv_finding {}

/// The outcome of all rules; never changes, so threads may share it.
#[derive(Debug)]
pub struct gv_check_report {
    report: CheckReport,
    texts: Vec<[CString; 4]>,
}

/// Checks an analysed ad for a placement ("stories", "reels", "tiktok", "shorts", "feed", "instream"), or for any where
/// placement is NULL. rules_json and placements_json are tables of one's own, or NULL for the built-in ones.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_check(
    analysis: *const gv_analysis,
    placement: *const c_char,
    rules_json: *const c_char,
    placements_json: *const c_char,
    report: *mut *mut gv_check_report,
) -> gv_status {
    guard(|| unsafe {
        let found = &object("analysis", analysis)?.found;
        let placement = optional_text("placement", placement)?;
        let rules = optional_text("rules_json", rules_json)?;
        let rules = rules.map_or_else(Rules::built_in, Rules::from_json)?;
        let table = optional_text("placements_json", placements_json)?;
        let table = table.map_or_else(Placements::built_in, Placements::from_json)?;
        let place = Place::new("report", report)?;
        let report = check(&found.evidence(), found.picture.as_ref(), &rules, &table, placement)?;
        let texts = report.findings.iter().map(|finding| {
            [finding.check.name(), &finding.unit, &finding.reason, &finding.fix].map(c_string)
        });
        place.give(gv_check_report { texts: texts.collect(), report });
        Ok(())
    })
}

/// Frees a report. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_check_report_free(report: *mut gv_check_report) {
    unsafe { free(report) };
}

/// Number of outcomes. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_check_report_len(report: *const gv_check_report) -> usize {
    unsafe { count(report, |report| report.report.findings.len()) }
}

/// The outcome at index, in the order of the rules. finding->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_check_report_get(
    report: *const gv_check_report,
    index: usize,
    finding: *mut gv_finding,
) -> gv_status {
    unsafe {
        answer("report", report, "finding", finding, |report| {
            let found = element("finding", &report.report.findings, index)?;
            let [check, unit, reason, fix] = element("finding", &report.texts, index)?;
            Ok(gv_finding {
                outcome: number_of(&found.outcome, &OUTCOMES),
                required: u32::from(found.required),
                time: found.time.unwrap_or(f64::NAN),
                measured: found.measured.unwrap_or(f64::NAN),
                at_least: found.at_least.unwrap_or(f64::NAN),
                at_most: found.at_most.unwrap_or(f64::NAN),
                check: check.as_ptr(),
                unit: unit.as_ptr(),
                reason: reason.as_ptr(),
                fix: fix.as_ptr(),
                ..gv_finding::initial()
            })
        })
    }
}

/// Whether no required check failed: 1 or 0; where strict is not 0, none may be unknown either. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_check_report_passes(
    report: *const gv_check_report,
    strict: c_int,
) -> c_int {
    let report = unsafe { object("report", report) };
    report.map_or(0, |report| c_int::from(report.report.passes(strict != 0)))
}

/// The report as a JSON object. Free it with gv_string_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_check_report_json(
    report: *const gv_check_report,
    report_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("report", report, "report_json", report_json, |report| Ok(report.report.clone()))
    }
}
