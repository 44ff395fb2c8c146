//! What deciding costs: `cargo bench --bench decisions`.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use geminivideo::optimize::budget_optimizer::{AdPerformance, BudgetOptimizer, BudgetOptions};
use geminivideo::optimize::loser_kill_switch::{AdMetrics, KillOptions, LoserKillSwitch};
use std::hint::black_box;

fn ads(count: u64) -> Vec<AdPerformance> {
    let ad = |n: u64| AdPerformance {
        ad_id: format!("ad {n}"),
        spend: 200.0 + n as f64,
        daily_budget: 50.0,
        impressions: 20_000 + 37 * n,
        clicks: 200 + n % 150,
        conversions: n % 17,
        revenue: 60.0 * (n % 17) as f64,
        hours_active: 96.0,
        ..AdPerformance::default()
    };
    (0..count).map(ad).collect()
}

fn budgets(criterion: &mut Criterion) {
    let optimizer = BudgetOptimizer::new(BudgetOptions::default()).expect("defaults are allowed");
    let mut group = criterion.benchmark_group("budget");
    for count in [10, 100, 1000] {
        let ads = ads(count);
        group.throughput(Throughput::Elements(count));
        group.bench_function(BenchmarkId::from_parameter(count), |bencher| {
            bencher.iter(|| optimizer.report(black_box(&ads)));
        });
    }
    group.finish();
}

fn kills(criterion: &mut Criterion) {
    let switch = LoserKillSwitch::new(KillOptions::default()).expect("defaults are allowed");
    let ad = AdMetrics {
        ad_id: "ad".into(),
        spend: 120.0,
        impressions: 15_000,
        clicks: 30,
        hours_running: 72.0,
        ..AdMetrics::default()
    };
    criterion.bench_function("kill decision", |bencher| {
        bencher.iter(|| switch.evaluate(black_box(&ad)));
    });
}

criterion_group!(benches, budgets, kills);
criterion_main!(benches);
