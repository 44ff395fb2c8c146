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
            struct_size, num_threads, motion_long_side, motion_method, ffmpeg,
        }
        gv_ffi::analyze::gv_progress { struct_size, has_total, frames, total_frames }
        gv_ffi::analysis::gv_summary {
            struct_size, width, height, reserved, duration, start_time, rate_num, rate_den, frames, damage,
            median_energy, max_energy, still_share,
        }
        gv_ffi::analysis::gv_shot {
            struct_size, boundary, start_frame, end_frame, start_time, end_time, boundary_score, blank, reserved,
        }
        gv_ffi::analysis::gv_moment {
            struct_size, kind, start_frame, end_frame, start_time, end_time, energy, peak_frame, peak_energy, score,
            face_present, reserved, reason,
        }
        gv_ffi::analysis::gv_motion_frame {
            struct_size, motion_type, frame, time, from_time, mean_energy, diagonals_per_second, shot, reserved,
        }
        gv_ffi::analyzer::gv_video_format {
            struct_size, layout, width, height, time_base_num, time_base_den, rate_num, rate_den, pixel_aspect_num,
            pixel_aspect_den,
        }
        gv_ffi::analyzer::gv_frame { struct_size, reserved, pts, planes, strides }
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
