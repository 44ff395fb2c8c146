//! An opening and a call to action in structs, beside what JSON says of them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail where they should")]
#![allow(unsafe_code, reason = "the tests call what C calls")]

mod called;

use called::{got, initialized, message, pushed};
use gv_ffi::analysis::*;
use gv_ffi::analyze::*;
use gv_ffi::cta_optimizer::*;
use gv_ffi::cta_place::*;
use gv_ffi::hook_optimizer::*;
use gv_ffi::ledger::*;
use gv_ffi::picture::GV_LAYOUT_RGB24;
use gv_ffi::status::*;
use serde_json::Value;
use std::ffi::{CStr, c_char};
use std::ptr::{null, null_mut};

const WIDTH: usize = 360;
const HEIGHT: usize = 640;

/// A pixel of a grey wall on which, from second 2 on, a red button with bars for letters stands.
fn pixel(number: usize, x: usize, y: usize) -> [u8; 3] {
    let is_on = (100..280).contains(&x) && (400..448).contains(&y);
    let is_letter = (120..260).contains(&x) && (414..434).contains(&y) && (x - 100) % 14 < 6;
    match (number >= 50 && is_on, is_letter) {
        (true, true) => [255; 3],
        (true, false) => [220, 20, 30],
        _ => [(90 + (x / 24 + y / 24) % 2 * 30) as u8; 3],
    }
}

/// Five seconds of the wall, upright; faces and objects are not looked for.
fn ad() -> *mut gv_analysis {
    let mut options = initialized(gv_analyze_options_init);
    (options.faces, options.objects) = (0, 0);
    let frames = (0..125).map(|number| {
        let rows = (0..HEIGHT).flat_map(move |y| (0..WIDTH).flat_map(move |x| pixel(number, x, y)));
        rows.collect::<Vec<u8>>()
    });
    let format = (GV_LAYOUT_RGB24, WIDTH, HEIGHT);
    pushed(format, WIDTH * 3, &options, frames).unwrap()
}

fn made<T>(make: impl FnOnce(*mut *mut T) -> gv_status) -> *mut T {
    let mut object = null_mut();
    assert_eq!(make(&raw mut object), GV_OK, "{}", message());
    object
}

fn told(ask: impl FnOnce(*mut *mut c_char) -> gv_status) -> Value {
    let text = made(ask);
    let value = serde_json::from_slice(unsafe { CStr::from_ptr(text) }.to_bytes()).unwrap();
    unsafe { gv_string_free(text) };
    value
}

/// Every item of a list; one past its end there is none.
fn items<T>(len: usize, get: impl Fn(usize, *mut T) -> gv_status) -> Vec<T> {
    assert_eq!(got(|item| get(len, item)).err(), Some(GV_NOT_FOUND));
    (0..len).map(|index| got(|item| get(index, item)).unwrap()).collect()
}

/// A number of C as JSON writes it: NaN is null.
fn number(value: f64) -> Value {
    Value::from(value)
}

fn text(text: *const c_char) -> Value {
    match text.is_null() {
        true => Value::Null,
        false => unsafe { CStr::from_ptr(text) }.to_str().unwrap().into(),
    }
}

fn ledger(ledger: *const gv_ledger, told: &Value) {
    let parts =
        unsafe { items(gv_ledger_len(ledger), |index, part| gv_ledger_get(ledger, index, part)) };
    let told = told.as_array().unwrap();
    assert_eq!(parts.len(), told.len());
    for (part, told) in parts.iter().zip(told) {
        assert_eq!(number(part.value), told["value"]);
        assert_eq!(number(part.possible), told["possible"]);
        assert_eq!(number(part.measured), told["measured"]);
        assert_eq!(number(part.time), told["time"]);
        assert_eq!(Value::from(part.known == 1), told["known"]);
        assert_eq!(
            (text(part.name), text(part.reason)),
            (told["name"].clone(), told["reason"].clone())
        );
    }
}

fn remarks(found: Vec<gv_remark>, told: &Value) {
    let found: Vec<Value> = found.iter().map(|remark| text(remark.text)).collect();
    assert_eq!(&Value::from(found), told);
}

#[test]
fn an_opening_is_told_in_structs_as_in_json() {
    unsafe {
        let analysis = ad();
        let json = told(|out| gv_hook_analysis(analysis, out));
        let hook = made(|out| gv_hook_new(analysis, out));
        // What was judged needs the analysis no longer.
        gv_analysis_free(analysis);
        let figures: gv_hook_figures = got(|out| gv_hook_summary(hook, out)).unwrap();
        for (value, name) in [
            (figures.score, "effectiveness_score"),
            (figures.possible_score, "possible_score"),
            (figures.first_face_time, "first_face_time"),
            (figures.first_motion_peak, "first_motion_peak"),
            (figures.first_text_time, "first_text_time"),
            (figures.first_audio_peak, "first_audio_peak"),
            (figures.pattern_interrupt, "pattern_interrupt_score"),
            (figures.emotional_intensity, "emotional_intensity"),
            (figures.optimal_cut_time, "optimal_cut_time"),
        ] {
            assert_eq!(number(value), json[name], "{name}");
        }
        assert!(figures.possible_score > figures.score && figures.first_face_time.is_nan());
        ledger(gv_hook_ledger(hook), &json["parts"]);

        let (mut times, mut values, mut len) = (null(), null(), 0);
        let lent = gv_hook_attention(hook, &raw mut times, &raw mut values, &raw mut len);
        assert_eq!(lent, GV_OK, "{}", message());
        for (numbers, name) in [(times, "attention_times"), (values, "attention_curve")] {
            let numbers = std::slice::from_raw_parts(numbers, len);
            assert_eq!(Value::from(numbers), json[name]);
        }
        assert!(len > 10, "{len} points of attention");
        let lent = gv_hook_attention(hook, null_mut(), &raw mut values, &raw mut len);
        assert_eq!((lent, message().as_str()), (GV_INVALID_INPUT, "times is NULL"));

        let names = [
            "face_hook",
            "motion_hook",
            "text_hook",
            "audio_hook",
            "pattern_interrupt",
            "transformation",
            "question",
        ];
        let kind = names.get(figures.kind as usize).copied();
        assert_eq!(kind.map_or(Value::Null, Value::from), json["hook_type"]);
        assert_eq!(kind.is_none(), figures.kind == GV_HOOK_NONE);
        let strengths = items(gv_hook_strengths_len(hook), |index, out| {
            gv_hook_strengths_get(hook, index, out)
        });
        assert_eq!(strengths.len(), 7);
        for (strength, told) in strengths.iter().zip(json["strengths"].as_array().unwrap()) {
            assert_eq!(names[strength.kind as usize], told["hook_type"]);
            assert_eq!(number(strength.strength), told["strength"]);
            assert_eq!(number(strength.time), told["time"]);
            assert_eq!(number(strength.measured), told["measured"]);
            assert_eq!(text(strength.reason), told["reason"]);
        }
        assert!(strengths[GV_HOOK_FACE as usize].strength.is_nan(), "nobody looked for faces");

        let improvements = items(gv_hook_improvements_len(hook), |index, out| {
            gv_hook_improvements_get(hook, index, out)
        });
        let told = json["improvements"].as_array().unwrap();
        assert!(!told.is_empty() && told.len() == improvements.len(), "{json}");
        for (improvement, told) in improvements.iter().zip(told) {
            assert_eq!(number(improvement.time), told["time"]);
            assert_eq!(number(improvement.measured), told["measured"]);
            assert_eq!(number(improvement.wanted), told["wanted"]);
            assert_eq!(text(improvement.part), told["part"]);
            assert_eq!(text(improvement.text), told["text"]);
        }
        gv_hook_free(hook);
    }
}

#[test]
fn a_button_is_told_with_its_place_contrast_and_what_covers_it() {
    unsafe {
        let analysis = ad();
        let json = told(|out| gv_cta_analysis(analysis, null(), out));
        let cta = made(|out| gv_cta_new(analysis, null(), out));
        let figures: gv_cta_figures = got(|out| gv_cta_summary(cta, out)).unwrap();
        assert_eq!((figures.detected, figures.urgency), (GV_YES, GV_NO), "{json}");
        for (value, name) in [
            (figures.start_time, "cta_start_time"),
            (figures.duration, "cta_duration"),
            (figures.score, "cta_visibility_score"),
            (figures.motion, "motion_during_cta"),
        ] {
            assert_eq!(number(value), json[name], "{name}");
        }
        assert!((figures.start_time - 2.0).abs() < 0.25, "{}", figures.start_time);
        ledger(gv_cta_ledger(cta), &json["parts"]);

        let candidates =
            items(gv_cta_candidates_len(cta), |index, out| gv_cta_candidates_get(cta, index, out));
        let [button] = candidates.as_slice() else { panic!("{json}") };
        let said = &json["candidates"][0];
        assert_eq!((button.kind, &said["kind"]), (GV_CANDIDATE_BUTTON, &Value::from("button")));
        assert_eq!(number(button.start_time), said["start_time"]);
        assert_eq!(number(button.end_time), said["end_time"]);
        assert_eq!(number(button.contrast), said["contrast"]);
        assert_eq!((text(button.text), text(button.colour)), (Value::Null, said["colour"].clone()));
        let place = [button.x, button.y, button.width, button.height];
        let planted = [100.0 / 360.0, 400.0 / 640.0, 180.0 / 360.0, 48.0 / 640.0];
        for (found, planted) in place.into_iter().zip(planted) {
            assert!((found - planted).abs() < 0.01, "{place:?}");
        }

        let overlaps =
            items(gv_cta_overlaps_len(cta), |index, out| gv_cta_overlaps_get(cta, index, out));
        let zones = json["safe_zones"].as_array().unwrap();
        assert!(zones.len() >= 4 && zones.len() == overlaps.len(), "{json}");
        for (overlap, zone) in overlaps.iter().zip(zones) {
            assert_eq!(text(overlap.placement), zone["placement"]);
            assert_eq!(number(overlap.percent), zone["overlap_percent"]);
        }
        let found = items(gv_cta_recommendations_len(cta), |index, out| {
            gv_cta_recommendations_get(cta, index, out)
        });
        remarks(found, &json["recommendations"]);
        let found =
            items(gv_cta_unknown_len(cta), |index, out| gv_cta_unknown_get(cta, index, out));
        remarks(found, &json["unknown"]);
        gv_cta_free(cta);

        let mut none = null_mut();
        let status = gv_cta_new(analysis, c"[]".as_ptr(), &raw mut none);
        assert_eq!((status, none.is_null()), (GV_INVALID_INPUT, true));
        gv_analysis_free(analysis);
    }
}

#[test]
fn the_best_place_of_a_call_is_told_in_structs_as_in_json() {
    unsafe {
        let analysis = ad();
        let json = told(|out| gv_cta_timing(analysis, c"ecommerce".as_ptr(), out));
        let place = made(|out| gv_cta_place_new(analysis, c"ecommerce".as_ptr(), out));
        gv_analysis_free(analysis);
        let figures: gv_cta_place_figures = got(|out| gv_cta_place_summary(place, out)).unwrap();
        assert_eq!(number(figures.start_time), json["start_time"]);
        assert_eq!(number(figures.end_time), json["end_time"]);
        assert_eq!(number(figures.score), json["confidence_score"]);
        assert_eq!(text(figures.reason), json["reason"]);
        let config = &json["cta_config"];
        assert_eq!((figures.kind, &config["cta_type"]), (GV_CTA_SHOP_NOW, &"shop_now".into()));
        let position = ["end", "mid_end", "repeated", "early_end"][figures.position as usize];
        assert_eq!(position, config["position"]);
        assert_eq!(text(figures.text), config["text"]);
        assert_eq!(text(figures.colour), config["button_color"]);
        ledger(gv_cta_place_ledger(place), &json["parts"]);
        let steps = items(gv_cta_place_steps_len(place), |index, out| {
            gv_cta_place_steps_get(place, index, out)
        });
        remarks(steps, &json["pre_cta_sequence"]);
        gv_cta_place_free(place);
    }
}
