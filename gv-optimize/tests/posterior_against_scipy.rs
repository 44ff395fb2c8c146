//! The special functions and the return's distribution beside scipy, run in the same test.

use gv_optimize::posterior::{
    beta_inc, beta_prime_quantile, gamma_inc, gamma_quantile, ln_gamma, normal_quantile,
};
use std::collections::BTreeMap;
use std::process::Command;

fn scipy_grid() -> Option<String> {
    let python = std::env::var("GV_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scipy_grid.py");
    let output = Command::new(python).arg(script).output().ok()?;
    String::from_utf8(output.stdout).ok().filter(|_| output.status.success())
}

#[test]
fn special_functions_agree_with_scipy() {
    let Some(grid) = scipy_grid() else {
        let required = std::env::var("GV_PYTHON").is_ok();
        assert!(!required, "GV_PYTHON is set and has no scipy");
        println!("special_functions_agree_with_scipy: skipped, no python3 with scipy (GV_PYTHON)");
        return;
    };
    let mut worst: BTreeMap<String, (f64, String)> = BTreeMap::new();
    let mut cases = 0;
    for line in grid.lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let number = |i: usize| fields[i].parse::<f64>().unwrap();
        let (a, b, x, expected) = (number(1), number(2), number(3), number(4));
        let (ours, scale) = match fields[0] {
            "beta_inc" => (beta_inc(a, b, x), expected.abs()),
            "gamma_inc" => (gamma_inc(a, x), expected.abs()),
            "ln_gamma" => (ln_gamma(a), expected.abs().max(1.0)),
            "normal_quantile" => (normal_quantile(a), expected.abs()),
            "beta_quantile" => {
                let odds = beta_prime_quantile(a, b, x);
                (odds / (1.0 + odds), expected.abs())
            }
            "gamma_quantile" => (gamma_quantile(a, x), expected.abs()),
            "roas_below" => {
                let scale = (x / 1000.0 * 10.0).floor() / 10.0;
                let r = x - scale * 1000.0;
                let odds = r / scale;
                (beta_inc(a, b, odds / (1.0 + odds)), expected.abs())
            }
            other => panic!("unknown function {other}"),
        };
        cases += 1;
        if expected.abs() < 1e-290 {
            assert!(ours < 1e-280, "{line}: {ours}");
            continue;
        }
        let error = (ours - expected).abs() / scale;
        let entry = worst.entry(fields[0].to_owned()).or_insert((0.0, String::new()));
        if error > entry.0 || error.is_nan() {
            *entry = (error, line.to_owned());
        }
    }
    assert!(cases > 800, "{cases}");
    for (name, (error, line)) in &worst {
        println!("{name}: largest relative error {error:.1e} at {line}");
        let allowed = if name == "ln_gamma" { 1e-14 } else { 1e-11 };
        assert!(*error < allowed, "{name}: {error} at {line}");
    }
}
