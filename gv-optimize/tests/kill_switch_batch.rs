//! A batch of many ads; the time is printed.

use gv_optimize::loser_kill_switch::{AdMetrics, KillOptions, LoserKillSwitch};
use std::time::Instant;

#[test]
fn a_large_batch_is_judged_in_time() {
    let count: u64 = if cfg!(debug_assertions) { 20_000 } else { 1_000_000 };
    let ads: Vec<AdMetrics> = (0..count)
        .map(|i| AdMetrics {
            ad_id: format!("ad{i}"),
            spend: (i % 300) as f64,
            budget: 400.0,
            impressions: 100 * (i % 300) + 1,
            clicks: (i % 300) * (i % 7) / 4,
            conversions: if i % 300 > 20 { (i % 11) * (i % 7) / 8 } else { 0 },
            revenue: if i % 300 > 20 { ((i % 11) * (i % 7) / 8) as f64 * 90.0 } else { 0.0 },
            hours_running: 72.0,
            ..AdMetrics::default()
        })
        .collect();
    let switch = LoserKillSwitch::new(KillOptions::default()).unwrap();
    let start = Instant::now();
    let kills = switch.batch_evaluate(&ads).unwrap();
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{count} ads in {seconds:.2} s, {:.2} us an ad, {} kills",
        seconds / count as f64 * 1e6,
        kills.len()
    );
    assert!(!kills.is_empty() && kills.len() < ads.len());
    assert!(kills.is_sorted_by(|a, b| a.waste_prevented >= b.waste_prevented));
}
