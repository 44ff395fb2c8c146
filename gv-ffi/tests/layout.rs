//! Structs lie in memory as C lays them out, and are as long as the header says.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "helpers of tests fail where they should")]

mod common;

use common::{FOR_C, is_there, succeeds, workshop};
use std::fmt::Write;
use std::mem::{offset_of, size_of};
use std::process::Command;

macro_rules! layouts {
    ($($path:path { $($field:ident),* $(,)? })*) => {
        [$((
            stringify!($path).rsplit("::").next().unwrap().trim().to_owned(),
            size_of::<$path>(),
            vec![$((stringify!($field), offset_of!($path, $field))),*],
        )),*]
    };
}

/// Name, size, and fields with their offsets.
type Layout = (String, usize, Vec<(&'static str, usize)>);

fn layouts() -> Vec<Layout> {
    layouts! {
        gv_ffi::analyze::gv_analyze_options {
            struct_size, num_threads, motion_long_side, motion_method, ffmpeg, detail_long_side, faces, objects, text,
            sound, reserved, faces_per_second, objects_per_second, text_per_second, face_detector, object_detector,
            text_reader, voice_detector,
        }
        gv_ffi::text::gv_text_reader_functions { struct_size, reserved, name, read, userdata, drop }
        gv_ffi::voice_detector::gv_voice_detector_functions {
            struct_size, rate, frame, begin, end, name, scores, userdata, drop,
        }
        gv_ffi::analyze::gv_progress { struct_size, has_total, frames, total_frames }
        gv_ffi::ad_platform::gv_ad_state {
            struct_size, running, daily_budget_cents, budget_owner, currency,
        }
        gv_ffi::ad_platform::gv_ad_platform_functions {
            struct_size, budget_changes_per_hour, name, state, pause, resume, set_daily_budget, insights, userdata, drop,
        }
        gv_ffi::executor::gv_change { struct_size, kind, ad_id, budget_cents, assumed_cents }
        gv_ffi::variation_generator::gv_performance_model_functions {
            struct_size, basis, predict, userdata, drop,
        }
        gv_ffi::transport::gv_http_header { name, value }
        gv_ffi::transport::gv_http_request {
            struct_size, max_redirects, method, url, headers, headers_len, body, body_len, timeout_ms, idle_timeout_ms,
        }
        gv_ffi::transport::gv_transport_functions {
            struct_size, reserved, name, send, userdata, drop,
        }
        gv_ffi::runway_gen3::gv_generation_progress {
            struct_size, reserved, task_id, status, progress, elapsed,
        }
        gv_ffi::analysis::gv_summary {
            struct_size, width, height, reserved, duration, start_time, rate_num, rate_den, frames, damage,
            median_energy, max_energy, still_share,
        }
        gv_ffi::analysis::gv_shot {
            struct_size, boundary, start_frame, end_frame, start_time, end_time, boundary_score, blank, reserved,
        }
        gv_ffi::motion_moment_sdk::gv_moment {
            struct_size, kind, start_frame, end_frame, start_time, end_time, energy, peak_frame, peak_energy, score,
            face_present, reserved, reason,
        }
        gv_ffi::motion_energy::gv_motion_frame {
            struct_size, motion_type, frame, time, from_time, mean_energy, diagonals_per_second, shot, reserved,
        }
        gv_ffi::pushing::gv_video_format {
            struct_size, layout, width, height, time_base_num, time_base_den, rate_num, rate_den, pixel_aspect_num,
            pixel_aspect_den,
        }
        gv_ffi::pushing::gv_frame { struct_size, reserved, pts, planes, strides }
        gv_ffi::loser_kill_switch::gv_kill_options {
            struct_size, policy, target_cpa, target_roas, keep_roas, kill_confidence, min_spend, min_hours, more_json,
        }
        gv_ffi::loser_kill_switch::gv_ad_metrics {
            struct_size, reserved, ad_id, campaign_id, spend, budget, impressions, clicks, conversions, revenue,
            hours_running, last_conversion_ms,
        }
        gv_ffi::loser_kill_switch::gv_kill_decision {
            struct_size, action, reason, reserved, confidence, waste_prevented, expected_roas, roas_low, roas_high,
            probability_unprofitable, ad_id, recommendation,
        }
        gv_ffi::budget_optimizer::gv_budget_options {
            struct_size, policy, target_roas, min_budget, max_increase_percent, max_decrease_percent, seed, more_json,
        }
        gv_ffi::budget_optimizer::gv_ad_performance {
            struct_size, status, ad_id, campaign_id, spend, daily_budget, impressions, clicks, conversions, revenue,
            hours_active, last_conversion_ms, budget_24h_ago,
        }
        gv_ffi::budget_optimizer::gv_planned_budget {
            struct_size, hold, ad_id, current_cents, budget_cents, low_cents, high_cents, reason, confidence,
            expected_gain, priority, reserved,
        }
        gv_ffi::picture::gv_picture { struct_size, layout, width, height, planes, strides }
        gv_ffi::yolo_face_detector::gv_face_detector_options {
            struct_size, model, path, confidence, reserved,
        }
        gv_ffi::yolo_face_detector::gv_face {
            struct_size, has_landmarks, frame, time, x, y, width, height, confidence, landmarks, reserved,
        }
        gv_ffi::yolo_face_detector::gv_face_detector_functions {
            struct_size, reserved, name, detect, userdata, drop,
        }
        gv_ffi::faces::gv_face_presence {
            struct_size, reserved, frames, frames_with_faces, ratio, average_faces, first_time, longest, detector,
        }
        gv_ffi::faces::gv_face_track {
            struct_size, id, start_time, end_time, sightings, confidence, largest, close_up_ratio, looking_ratio,
        }
        gv_ffi::faces::gv_face_moment {
            struct_size, faces, frame, time, score, recommendation,
        }
        gv_ffi::yolo_object_detector::gv_object {
            struct_size, class_id, frame, time, x, y, width, height, confidence, reserved,
        }
        gv_ffi::yolo_object_detector::gv_object_detector_functions {
            struct_size, reserved, name, detect, userdata, drop,
        }
        gv_ffi::objects::gv_object_figures {
            struct_size, scene, scene_confidence, has_people, brand_safe, frames, product_ratio, product_seconds,
            product_first_time, product_longest, product_size, detector,
        }
        gv_ffi::objects::gv_object_class {
            struct_size, class_id, count, max_confidence, total_area,
        }
        gv_ffi::text::gv_text_line {
            struct_size, light_on_dark, start_time, end_time, x, y, width, height, confidence, sightings, text,
        }
        gv_ffi::heard::gv_audio_peak { struct_size, kind, time, energy }
        gv_ffi::precision_av_sync::gv_visual_peak { struct_size, kind, time, motion_energy }
        gv_ffi::precision_av_sync::gv_sync_point {
            struct_size, synced, audio_kind, visual_kind, audio_time, visual_time, offset, score,
        }
        gv_ffi::precision_av_sync::gv_shift {
            struct_size, priority, visual_time, audio_time, seconds, frames,
        }
        gv_ffi::precision_av_sync::gv_sync_figures {
            struct_size, reserved, audio_peaks, visual_peaks, synced, percentage, chance_percentage, cuts_p_value,
            offset, offset_uncertainty, tolerance, score_before, score_after, recommendation,
        }
        gv_ffi::samples::gv_audio { struct_size, format, channels, rate, pts, frames, planes }
        gv_ffi::listening::gv_listen_options {
            struct_size, num_threads, min_bpm, max_bpm, expected_bpm, ffmpeg, voice_detector,
        }
        gv_ffi::sound::gv_sound_figures {
            struct_size, channels, rate, beats_per_bar, start_time, duration, bpm, bpm_confidence, steady, reserved,
            integrated_lufs, loudness_range, true_peak, clipped_samples, bad_samples, damage,
        }
        gv_ffi::heard::gv_onset { struct_size, reserved, time, strength }
        gv_ffi::heard::gv_beat { struct_size, downbeat, time, strength }
        gv_ffi::heard::gv_section { struct_size, kind, start_time, end_time, level, contrast }
        gv_ffi::heard::gv_voice { struct_size, reserved, start_time, end_time, confidence }
        gv_ffi::face_weighted_analyzer::gv_weighted_frame {
            struct_size, faces, frame, time, face_motion, background_motion, total_motion, face_ratio,
        }
        gv_ffi::face_weighted_analyzer::gv_weighted_peak {
            struct_size, faces, frame, time, total_motion, face_ratio,
        }
        gv_ffi::face_weighted_analyzer::gv_weighted_figures {
            struct_size, reserved, face_motion, background_motion, face_to_background, face_ratio, weight, detector,
        }
        gv_ffi::checks::gv_finding {
            struct_size, outcome, required, reserved, time, measured, at_least, at_most, check, unit, reason, fix,
        }
        gv_ffi::ledger::gv_score_part { struct_size, known, value, possible, measured, time, name, reason }
        gv_ffi::hook_optimizer::gv_hook_figures {
            struct_size, kind, score, possible_score, first_face_time, first_motion_peak, first_text_time,
            first_audio_peak, pattern_interrupt, emotional_intensity, optimal_cut_time,
        }
        gv_ffi::hook_optimizer::gv_hook_strength { struct_size, kind, strength, time, measured, reason }
        gv_ffi::hook_optimizer::gv_hook_improvement { struct_size, reserved, time, measured, wanted, part, text }
        gv_ffi::cta_optimizer::gv_cta_figures {
            struct_size, detected, urgency, reserved, start_time, duration, score, motion,
        }
        gv_ffi::cta_optimizer::gv_cta_candidate {
            struct_size, kind, late, reserved, start_time, end_time, x, y, width, height, contrast, text, colour,
        }
        gv_ffi::cta_optimizer::gv_cta_overlap { struct_size, reserved, percent, placement }
        gv_ffi::cta_optimizer::gv_remark { struct_size, reserved, text }
        gv_ffi::cta_place::gv_cta_place_figures {
            struct_size, kind, position, reserved, start_time, end_time, score, text, colour, reason,
        }
        gv_ffi::store_functions::gv_store_change {
            struct_size, kind, expect, reserved, expected_version, collection, id, body, at_ms,
        }
        gv_ffi::store_functions::gv_store_functions {
            struct_size, reserved, name, apply, get, each, read_log, backup, userdata, drop,
        }
        gv_ffi::ad_insights::gv_ad_insight {
            struct_size, reserved, ad_id, campaign_id, first_day, last_day, spend, impressions, clicks, conversions,
            revenue,
        }
        gv_ffi::analysis::gv_unknown { struct_size, part, reason }
    }
    .into()
}

#[test]
fn c_lays_every_struct_out_as_rust_does() {
    let mut source = "#include <geminivideo.h>\n#include <stddef.h>\n".to_owned();
    for (name, size, fields) in layouts() {
        let mut holds = |what: &str, condition: String| {
            writeln!(source, "typedef char {name}_{what}[({condition}) ? 1 : -1];").unwrap();
        };
        holds("size", format!("sizeof({name}) == {size}"));
        for (field, offset) in fields {
            holds(field, format!("offsetof({name}, {field}) == {offset}"));
        }
    }
    source.push_str("int main(void) { return 0; }\n");
    let folder = workshop("layout");
    let path = folder.join("layout.c");
    std::fs::write(&path, source).unwrap();
    for compiler in FOR_C {
        if is_there(compiler.program) {
            compiler.compile(&path, &folder, common::Link::Shared, &[]);
        }
    }
}

#[test]
fn the_table_above_has_every_struct_of_the_header() {
    let header =
        std::fs::read_to_string(common::repository("gv-ffi/include/geminivideo.h")).unwrap();
    let mut declared: Vec<&str> = header
        .lines()
        .filter_map(|line| line.strip_prefix("} gv_").and_then(|rest| rest.strip_suffix(';')))
        .collect();
    declared.sort_unstable();
    let mut known: Vec<String> =
        layouts().into_iter().map(|(name, ..)| name.replacen("gv_", "", 1)).collect();
    known.sort_unstable();
    assert_eq!(declared, known);
}

#[test]
fn the_library_exports_what_the_header_declares_and_nothing_else() {
    let header =
        std::fs::read_to_string(common::repository("gv-ffi/include/geminivideo.h")).unwrap();
    let mut declared: Vec<&str> = header
        .split(|letter: char| !(letter.is_alphanumeric() || letter == '_' || letter == '('))
        .filter_map(|word| word.split_once('(').map(|(name, _)| name))
        .filter(|name| name.starts_with("gv_"))
        .collect();
    declared.sort_unstable();
    declared.dedup();
    if !is_there("nm") {
        return;
    }
    let library = common::libraries().join("libgv_ffi.so");
    let listed = succeeds(Command::new("nm").args(["-D", "--defined-only"]).arg(library));
    let mut exported: Vec<&str> =
        listed.lines().filter_map(|line| line.split_ascii_whitespace().last()).collect();
    exported.sort_unstable();
    assert_eq!(exported, declared);
}
