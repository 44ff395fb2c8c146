//! Whatever is passed, the answer is a status.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail where they should")]
#![allow(unsafe_code, reason = "the tests call what C calls")]

mod called;

use called::{initialized, message};
use gv_ffi::analysis::*;
use gv_ffi::analyze::*;
use gv_ffi::budget_optimizer::*;
use gv_ffi::loser_kill_switch::*;
use gv_ffi::motion_energy::*;
use gv_ffi::motion_moment_sdk::*;
use gv_ffi::status::*;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::mem::MaybeUninit;
use std::ptr::{null, null_mut};

fn ad(id: &CStr) -> gv_ad_metrics {
    let mut ad = initialized(gv_ad_metrics_init);
    ad.ad_id = id.as_ptr();
    ad.spend = 300.0;
    ad.impressions = 30_000;
    ad.clicks = 60;
    ad.hours_running = 96.0;
    ad
}

fn kill_switch() -> *mut gv_kill_switch {
    let mut switch = null_mut();
    assert_eq!(unsafe { gv_kill_switch_new(null(), &raw mut switch) }, GV_OK);
    switch
}

#[test]
fn null_is_a_status_for_everything_that_must_be_there() {
    unsafe {
        let mut text: *mut c_char = null_mut();
        let mut decisions = null_mut();
        assert_eq!(gv_analyze_file(null(), null(), None, null_mut(), null_mut()), GV_INVALID_INPUT);
        assert_eq!(message(), "path is NULL");
        let path = c"nowhere.mp4".as_ptr();
        assert_eq!(gv_analyze_file(path, null(), None, null_mut(), null_mut()), GV_INVALID_INPUT);
        assert_eq!(message(), "analysis is NULL");
        assert_eq!(gv_analysis_json(null(), &raw mut text), GV_INVALID_INPUT);
        assert_eq!(gv_analysis_summary(null(), null_mut()), GV_INVALID_INPUT);
        assert_eq!(gv_analysis_shots_get(null(), 0, null_mut()), GV_INVALID_INPUT);
        assert_eq!(gv_analysis_moments_get(null(), 0, null_mut()), GV_INVALID_INPUT);
        assert_eq!(gv_analysis_motion_get(null(), 0, null_mut()), GV_INVALID_INPUT);
        assert_eq!(gv_analysis_attention_at(null(), 0.0, null_mut()), GV_INVALID_INPUT);
        assert_eq!(gv_analysis_shots_len(null()), 0);
        assert_eq!(gv_kill_switch_new(null(), null_mut()), GV_INVALID_INPUT);
        assert_eq!(
            gv_kill_switch_evaluate(null(), null(), 0, &raw mut decisions),
            GV_INVALID_INPUT
        );
        let switch = kill_switch();
        assert_eq!(
            gv_kill_switch_evaluate(switch, null(), 3, &raw mut decisions),
            GV_INVALID_INPUT
        );
        assert_eq!(message(), "ads is NULL");
        let nameless = initialized(gv_ad_metrics_init);
        let status = gv_kill_switch_evaluate(switch, &raw const nameless, 1, &raw mut decisions);
        assert_eq!((status, message().as_str()), (GV_INVALID_INPUT, "ads[0].ad_id is NULL"));
        assert_eq!(gv_kill_decisions_json(null(), &raw mut text), GV_INVALID_INPUT);
        assert_eq!(gv_kill_decisions_len(null()), 0);
        assert_eq!(gv_budget_optimizer_new(null(), null_mut()), GV_INVALID_INPUT);
        assert_eq!(gv_budget_plan_get(null(), 0, null_mut()), GV_INVALID_INPUT);
        assert!(text.is_null() && decisions.is_null());
        gv_kill_switch_free(switch);
        gv_kill_switch_free(null_mut());
        gv_kill_decisions_free(null_mut());
        gv_budget_optimizer_free(null_mut());
        gv_budget_plan_free(null_mut());
        gv_analysis_free(null_mut());
        gv_string_free(null_mut());
        gv_kill_options_init(null_mut());
    }
}

#[test]
fn no_ads_are_an_empty_answer() {
    unsafe {
        let switch = kill_switch();
        let mut decisions = null_mut();
        assert_eq!(gv_kill_switch_evaluate(switch, null(), 0, &raw mut decisions), GV_OK);
        assert_eq!(gv_kill_decisions_len(decisions), 0);
        let mut decision = MaybeUninit::<gv_kill_decision>::zeroed().assume_init();
        assert_eq!(gv_kill_decisions_get(decisions, 0, &raw mut decision), GV_NOT_FOUND);
        assert_eq!(message(), "decision 0 is asked for, there are 0");
        gv_kill_decisions_free(decisions);
        gv_kill_switch_free(switch);
    }
}

#[test]
fn an_enum_that_is_none_and_a_struct_of_no_size_are_named() {
    unsafe {
        let mut switch = null_mut();
        let mut options = initialized(gv_kill_options_init);
        options.policy = 77;
        let status = gv_kill_switch_new(&raw const options, &raw mut switch);
        assert_eq!(status, GV_INVALID_INPUT);
        assert_eq!(message(), "options.policy is 77, allowed is 0, 1, 2");
        options.policy = GV_KILL_POLICY_SPEC;
        options.struct_size = 12;
        let status = gv_kill_switch_new(&raw const options, &raw mut switch);
        assert_eq!(status, GV_INVALID_INPUT);
        assert!(message().starts_with("options.struct_size is 12, allowed is "), "{}", message());
        assert!(switch.is_null());

        let mut analysis = null_mut();
        let mut options = initialized(gv_analyze_options_init);
        options.motion_method = u32::MAX;
        let path = c"nowhere.mp4".as_ptr();
        let status = gv_analyze_file(path, &raw const options, None, null_mut(), &raw mut analysis);
        assert_eq!(status, GV_INVALID_INPUT);
        assert!(message().starts_with("options.motion_method is 4294967295"), "{}", message());
    }
}

#[test]
fn texts_that_are_no_utf_8_are_refused_wherever_they_stand() {
    let wrong = CString::new(b"ad\xff\xfe".to_vec()).unwrap();
    unsafe {
        let mut analysis = null_mut();
        let status = gv_analyze_file(wrong.as_ptr(), null(), None, null_mut(), &raw mut analysis);
        assert_eq!(
            (status, message().as_str()),
            (GV_INVALID_INPUT, "path is not UTF-8: byte 2 is wrong")
        );
        let switch = kill_switch();
        let ads = [ad(c"good"), ad(&wrong)];
        let mut decisions = null_mut();
        assert_eq!(
            gv_kill_switch_evaluate(switch, ads.as_ptr(), 2, &raw mut decisions),
            GV_INVALID_INPUT
        );
        assert_eq!(message(), "ads[1].ad_id is not UTF-8: byte 2 is wrong");
        gv_kill_switch_free(switch);
    }
}

#[test]
fn a_length_that_no_memory_has_is_refused_before_anything_is_read() {
    unsafe {
        let switch = kill_switch();
        let only = ad(c"a");
        let mut decisions = null_mut();
        for length in [usize::MAX, usize::MAX / 2] {
            let status =
                gv_kill_switch_evaluate(switch, &raw const only, length, &raw mut decisions);
            assert_eq!(status, GV_INVALID_INPUT);
        }
        gv_kill_switch_free(switch);
    }
}

#[test]
fn numbers_that_cannot_be_true_are_errors_of_the_decision() {
    unsafe {
        let switch = kill_switch();
        let mut decisions = null_mut();
        for spend in [f64::NAN, f64::INFINITY, -1.0] {
            let odd = gv_ad_metrics { spend, ..ad(c"a") };
            let status = gv_kill_switch_evaluate(switch, &raw const odd, 1, &raw mut decisions);
            assert_eq!(status, GV_INVALID_INPUT, "{spend}");
        }
        let twice = [ad(c"a"), ad(c"a")];
        let status = gv_kill_switch_evaluate(switch, twice.as_ptr(), 2, &raw mut decisions);
        assert_eq!(status, GV_INVALID_INPUT);
        gv_kill_switch_free(switch);
    }
}

#[test]
fn more_options_come_as_json_and_unknown_ones_are_refused() {
    unsafe {
        let mut switch = null_mut();
        let mut options = initialized(gv_kill_options_init);
        options.more_json = c"{\"min_ctr\": 0.02, \"target_cpa\": 10}".as_ptr();
        assert_eq!(gv_kill_switch_new(&raw const options, &raw mut switch), GV_OK);
        gv_kill_switch_free(switch);
        for (json, said) in [
            (c"{\"min_clicks\": 1}", "unknown field `min_clicks`"),
            (c"[1]", "options.more_json"),
            (c"{\"target_cpa\": -1}", "target_cpa is -1"),
        ] {
            options.more_json = json.as_ptr();
            let mut none = null_mut();
            let status = gv_kill_switch_new(&raw const options, &raw mut none);
            assert_eq!(status, GV_INVALID_INPUT);
            assert!(message().contains(said), "{}", message());
        }
    }
}

#[test]
fn a_switch_that_threads_share_gives_each_the_same() {
    struct Shared(*const gv_kill_switch);
    unsafe impl Sync for Shared {}
    let shared = Shared(kill_switch());
    let judge = |shared: &Shared| unsafe {
        let ads = [ad(c"a"), ad(c"b")];
        let (mut decisions, mut json) = (null_mut(), null_mut());
        assert_eq!(gv_kill_switch_evaluate(shared.0, ads.as_ptr(), 2, &raw mut decisions), GV_OK);
        assert_eq!(gv_kill_decisions_json(decisions, &raw mut json), GV_OK);
        let text = CStr::from_ptr(json).to_str().unwrap().to_owned();
        gv_string_free(json);
        gv_kill_decisions_free(decisions);
        text
    };
    let expected = judge(&shared);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| (0..20).map(|_| judge(&shared)).collect::<Vec<_>>()))
            .collect();
        for thread in threads {
            assert!(thread.join().unwrap().iter().all(|text| *text == expected));
        }
    });
    unsafe { gv_kill_switch_free(shared.0.cast_mut()) };
}

unsafe extern "C-unwind" fn panics(_: *const gv_progress, _: *mut c_void) -> c_int {
    panic!("the bar is gone");
}

unsafe extern "C-unwind" fn stops(progress: *const gv_progress, userdata: *mut c_void) -> c_int {
    unsafe { *userdata.cast::<u64>() = (*progress).frames };
    1
}

#[test]
fn a_progress_function_that_stops_or_panics_ends_the_analysis_with_a_status() {
    let shared = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/media");
    let folder = std::env::var("GV_TEST_MEDIA").unwrap_or_else(|_| shared.into());
    let clip = format!("{folder}/video_cuts/psd_delayed_start.mp4");
    if !std::path::Path::new(&clip).is_file() {
        assert!(std::env::var_os("CI").is_none(), "{clip} is missing");
        return;
    }
    let path = CString::new(clip).unwrap();
    let (mut analysis, mut frames) = (null_mut(), u64::MAX);
    unsafe {
        let userdata = (&raw mut frames).cast();
        let status =
            gv_analyze_file(path.as_ptr(), null(), Some(stops), userdata, &raw mut analysis);
        assert_eq!(status, GV_CANCELLED);
        assert!(frames < 5);
        let status =
            gv_analyze_file(path.as_ptr(), null(), Some(panics), null_mut(), &raw mut analysis);
        assert_eq!(status, GV_CALLBACK);
        assert!(message().contains("the bar is gone"), "{}", message());
    }
    assert!(analysis.is_null());
}
