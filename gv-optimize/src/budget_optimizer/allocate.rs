//! Sharing out a total between bounded arms, and rounding the shares to whole cents.

use crate::Money;

/// Maximises `Σ w_i^(1-g) b_i^g` for any `0 < g < 1` over `low <= b <= high`, `Σ b = total`.
///
/// The optimum has `b_i = clip(t w_i, low_i, high_i)` with one `t` for all (the
/// Karush-Kuhn-Tucker conditions), whatever `g` is; the sum is piecewise linear in `t` and solved
/// by Newton steps inside a bracket. Writes the shares to `shares` and returns `t`. A total below
/// `Σ low` or above `Σ high` gives the lows or the highs. Weights must be finite and not negative,
/// bounds ordered; weights of zero count as very small.
pub fn water_fill(
    weights: &[f64],
    low: &[f64],
    high: &[f64],
    total: f64,
    shares: &mut Vec<f64>,
) -> f64 {
    water_fill_from(None, weights, low, high, total, shares)
}

/// As [`water_fill`], beginning the search at `start`.
pub(crate) fn water_fill_from(
    start: Option<f64>,
    weights: &[f64],
    low: &[f64],
    high: &[f64],
    total: f64,
    shares: &mut Vec<f64>,
) -> f64 {
    let n = weights.len().min(low.len()).min(high.len());
    let largest = weights[..n].iter().copied().fold(0.0, f64::max);
    let least = if largest > 0.0 { largest * 1e-200 } else { 1.0 };
    let weight = |i: usize| weights[i].max(least);
    let (mut below, mut above) = (f64::INFINITY, 0.0_f64);
    let (mut sum_low, mut sum_high) = (0.0, 0.0);
    for i in 0..n {
        below = below.min(low[i] / weight(i));
        above = above.max(high[i] / weight(i));
        sum_low += low[i];
        sum_high += high[i];
    }
    shares.clear();
    if total <= sum_low || n == 0 {
        shares.extend_from_slice(&low[..n]);
        return below;
    }
    if total >= sum_high {
        shares.extend_from_slice(&high[..n]);
        return above;
    }
    let even = total / weights[..n].iter().sum::<f64>().max(least);
    let mut t = start.unwrap_or(even).clamp(below, above);
    for _ in 0..400 {
        let (mut sum, mut slope) = (0.0, 0.0);
        for i in 0..n {
            let w = weight(i);
            let share = w * t;
            if share <= low[i] {
                sum += low[i];
            } else if share >= high[i] {
                sum += high[i];
            } else {
                sum += share;
                slope += w;
            }
        }
        let missing = total - sum;
        if missing.abs() <= 1e-13 * total {
            break;
        }
        if missing > 0.0 {
            below = t;
        } else {
            above = t;
        }
        let newton = t + missing / slope;
        let next = if newton > below && newton < above {
            newton
        } else if below > 0.0 && above / below > 4.0 {
            (below.ln() * 0.5 + above.ln() * 0.5).exp()
        } else {
            0.5 * (below + above)
        };
        if next == t || above - below <= f64::EPSILON * above {
            break;
        }
        t = next;
    }
    shares.extend((0..n).map(|i| (weight(i) * t).clamp(low[i], high[i])));
    t
}

/// Rounds shares to cents so that they add up to `total` where the bounds allow it, by largest
/// remainder; equal remainders go to the earlier arm.
pub fn round_to_cents(shares: &[f64], low: &[Money], high: &[Money], total: Money) -> Vec<Money> {
    let n = shares.len().min(low.len()).min(high.len());
    let mut cents: Vec<i64> = Vec::with_capacity(n);
    let mut remainders: Vec<(f64, usize)> = Vec::with_capacity(n);
    for i in 0..n {
        let exact = (shares[i] * 100.0).clamp(low[i].cents() as f64, high[i].cents() as f64);
        let floor = (exact + 1e-7).floor();
        cents.push(floor as i64);
        remainders.push((exact - floor, i));
    }
    let mut missing = total.cents() - cents.iter().sum::<i64>();
    remainders.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    if missing < 0 {
        remainders.reverse();
    }
    let step = missing.signum();
    while missing != 0 {
        let mut moved = false;
        for &(_, i) in &remainders {
            if missing == 0 {
                break;
            }
            let next = cents[i] + step;
            if (low[i].cents()..=high[i].cents()).contains(&next) {
                cents[i] = next;
                missing -= step;
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    cents.into_iter().map(Money::from_cents).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fill(weights: &[f64], low: &[f64], high: &[f64], total: f64) -> Vec<f64> {
        let mut shares = Vec::new();
        water_fill(weights, low, high, total, &mut shares);
        shares
    }

    #[test]
    fn without_binding_bounds_shares_follow_the_weights() {
        let shares = fill(&[1.0, 3.0], &[0.0, 0.0], &[1e9, 1e9], 100.0);
        assert!((shares[0] - 25.0).abs() < 1e-9 && (shares[1] - 75.0).abs() < 1e-9);
    }

    #[test]
    fn what_a_full_arm_cannot_take_goes_to_the_others() {
        let shares = fill(&[1.0, 1.0, 98.0], &[5.0; 3], &[100.0, 100.0, 40.0], 100.0);
        assert_eq!(shares[2], 40.0);
        assert!((shares[0] - 30.0).abs() < 1e-9 && (shares[1] - 30.0).abs() < 1e-9);
    }

    #[test]
    fn totals_beyond_the_bounds_give_the_bounds() {
        assert_eq!(fill(&[1.0, 2.0], &[5.0, 6.0], &[7.0, 8.0], 1.0), [5.0, 6.0]);
        assert_eq!(fill(&[1.0, 2.0], &[5.0, 6.0], &[7.0, 8.0], 99.0), [7.0, 8.0]);
        assert!(fill(&[], &[], &[], 3.0).is_empty());
    }

    #[test]
    fn weights_of_zero_are_filled_last() {
        let shares = fill(&[0.0, 1.0], &[1.0, 1.0], &[10.0, 10.0], 12.0);
        assert!((shares[0] - 2.0).abs() < 1e-9 && shares[1] == 10.0);
        let equal = fill(&[0.0, 0.0], &[1.0, 1.0], &[10.0, 10.0], 12.0);
        assert!((equal[0] - 6.0).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn shares_keep_bounds_and_total_and_have_one_water_level(
            arms in prop::collection::vec((1e-12..1e6_f64, 1.0..500.0_f64, 0.0..900.0_f64), 1..60),
            position in 0.0..1.0_f64,
        ) {
            let weights: Vec<f64> = arms.iter().map(|a| a.0).collect();
            let low: Vec<f64> = arms.iter().map(|a| a.1).collect();
            let high: Vec<f64> = arms.iter().map(|a| a.1 + a.2).collect();
            let (least, most): (f64, f64) = (low.iter().sum(), high.iter().sum());
            let total = least + position * (most - least);
            let mut shares = Vec::new();
            let t = water_fill(&weights, &low, &high, total, &mut shares);
            prop_assert!((shares.iter().sum::<f64>() / total - 1.0).abs() < 1e-10);
            for i in 0..shares.len() {
                prop_assert!(shares[i] >= low[i] && shares[i] <= high[i]);
                if shares[i] > low[i] * (1.0 + 1e-9) && shares[i] < high[i] * (1.0 - 1e-9) {
                    prop_assert!((shares[i] / (t * weights[i]) - 1.0).abs() < 1e-9);
                }
            }
        }

        #[test]
        fn cents_add_up_exactly_and_keep_their_bounds(
            arms in prop::collection::vec((0.0..300.0_f64, 0..10_000_i64, 0..20_000_i64), 1..50),
            position in 0.0..1.0_f64,
        ) {
            let shares: Vec<f64> = arms.iter().map(|a| a.0).collect();
            let low: Vec<Money> = arms.iter().map(|a| Money::from_cents(a.1)).collect();
            let high: Vec<Money> = arms.iter().map(|a| Money::from_cents(a.1 + a.2)).collect();
            let least: i64 = arms.iter().map(|a| a.1).sum();
            let room: i64 = arms.iter().map(|a| a.2).sum();
            let total = Money::from_cents(least + (position * room as f64) as i64);
            let rounded = round_to_cents(&shares, &low, &high, total);
            prop_assert_eq!(rounded.iter().copied().sum::<Money>(), total);
            for i in 0..rounded.len() {
                prop_assert!(rounded[i] >= low[i] && rounded[i] <= high[i]);
            }
        }
    }
}
