//! Types of hooks in the order of what to expect of them: few patterns count for little.

use serde::Serialize;
use std::collections::BTreeMap;

/// How a type of hook did in an industry.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HookBenchmark {
    /// The type.
    pub hook_type: String,
    /// Mean return.
    pub avg_roas: f64,
    /// Number of patterns.
    pub count: usize,
    /// The mean drawn towards that of the industry, the more so the fewer patterns there are.
    pub expected_roas: f64,
}

/// Ranks types by their expected return.
///
/// The expectation is that of a normal model with equal spread within types: `m + w (mean - m)`, `w = n t / (n t + s)`, with
/// the spread within types `s` pooled, and that between types `t` by the method of moments (DerSimonian and Laird, 1986).
/// Where types differ by no more than chance, `t` is 0 and all are expected to do alike; ties are then in the order of counts.
pub(super) fn ranked_hooks(hooks: &BTreeMap<String, Vec<f64>>, most: usize) -> Vec<HookBenchmark> {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let count: f64 = hooks.values().map(|values| values.len() as f64).sum();
    let whole = hooks.values().flatten().sum::<f64>() / count.max(1.0);
    let (mut within, mut between, mut squares) = (0.0, 0.0, 0.0);
    for values in hooks.values() {
        let (n, average) = (values.len() as f64, mean(values));
        within += values.iter().map(|value| (value - average).powi(2)).sum::<f64>();
        between += n * (average - whole).powi(2);
        squares += n * n;
    }
    let types = hooks.len() as f64;
    let within = if count > types { within / (count - types) } else { f64::INFINITY };
    let room = count - squares / count.max(1.0);
    let spread = if room > 0.0 && within.is_finite() {
        ((between - (types - 1.0) * within) / room).max(0.0)
    } else {
        0.0
    };
    let mut ranked: Vec<HookBenchmark> = hooks
        .iter()
        .map(|(hook_type, values)| {
            let (n, avg_roas) = (values.len() as f64, mean(values));
            let weight = if spread > 0.0 { n * spread / (n * spread + within) } else { 0.0 };
            HookBenchmark {
                hook_type: hook_type.clone(),
                avg_roas,
                count: values.len(),
                expected_roas: whole + weight * (avg_roas - whole),
            }
        })
        .collect();
    ranked.sort_by(|a, b| b.expected_roas.total_cmp(&a.expected_roas).then(b.count.cmp(&a.count)));
    ranked.truncate(most);
    ranked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_lucky_pattern_does_not_lead() {
        let many = |mean: f64| (0..45).map(|i| mean + f64::from(i % 9 - 4) * 0.5).collect();
        let hooks: BTreeMap<String, Vec<f64>> = [
            ("question".to_owned(), many(4.0)),
            ("face".to_owned(), many(3.0)),
            ("text".to_owned(), many(2.0)),
            ("motion".to_owned(), vec![4.2]),
        ]
        .into();
        let ranked = ranked_hooks(&hooks, 5);
        assert_eq!(ranked[0].hook_type, "question");
        let lucky = ranked.iter().find(|hook| hook.hook_type == "motion").unwrap();
        assert!(lucky.expected_roas < 4.0 && lucky.avg_roas == 4.2, "{lucky:?}");
        assert!((ranked[0].expected_roas - 4.0).abs() < 0.1, "much evidence is believed");
    }

    #[test]
    fn types_that_differ_by_chance_alone_are_expected_to_do_alike() {
        let hooks: BTreeMap<String, Vec<f64>> =
            [("a".to_owned(), vec![1.0, 5.0, 3.1]), ("b".to_owned(), vec![3.0, 2.9, 3.0, 3.1])]
                .into();
        let ranked = ranked_hooks(&hooks, 5);
        assert_eq!(ranked[0].expected_roas, ranked[1].expected_roas);
        assert_eq!(ranked[0].hook_type, "b", "the one with more patterns");
        assert!(ranked_hooks(&BTreeMap::new(), 5).is_empty());
        let single = [("a".to_owned(), vec![2.0])].into();
        assert_eq!(ranked_hooks(&single, 5)[0].expected_roas, 2.0);
    }
}
