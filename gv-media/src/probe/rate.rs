//! The frame rate that a row of time stamps was made for.

use crate::Rational;

/// How a row of time stamps goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// Every interval is a whole number of steps of this rate.
    Steady(Rational),
    /// Intervals differ; most are close to a step of this rate.
    Varying(Rational),
    /// There are fewer than two time stamps.
    Unknown,
}

/// Rates that cameras and editors use, in frames per second.
const USUAL: [(i64, i64); 23] = [
    (24000, 1001),
    (24, 1),
    (25, 1),
    (30000, 1001),
    (30, 1),
    (48000, 1001),
    (48, 1),
    (50, 1),
    (60000, 1001),
    (60, 1),
    (120000, 1001),
    (120, 1),
    (240, 1),
    (100, 1),
    (90, 1),
    (20, 1),
    (15, 1),
    (15000, 1001),
    (12, 1),
    (10, 1),
    (8, 1),
    (5, 1),
    (1, 1),
];

/// Intervals within this share of a usual step count as that step where the rate varies.
const VOTE_TOLERANCE: f64 = 0.04;
/// Share of the intervals that must be one step for a steady rate, and that must agree for a usual
/// one where the rate varies.
const MIN_SHARE: f64 = 0.3;

/// The pace of `stamps`, sorted and without repetitions, in units of `time_base`.
///
/// Steady is what a container's rounding of time stamps to its ticks may hide: each lies within one
/// tick of a grid, some of whose places may be empty. Where ticks leave the rate open to several,
/// the usual rate nearest to the measured one is taken, else the simplest fraction.
pub(super) fn pace(stamps: &[i64], time_base: Rational) -> Pace {
    let intervals: Vec<i64> =
        stamps.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect();
    let mut sorted = intervals.clone();
    sorted.sort_unstable();
    let (Some(&middle), Some(&quarter)) =
        (sorted.get(sorted.len() / 2), sorted.get(sorted.len() / 4))
    else {
        return Pace::Unknown;
    };
    for step in [middle, quarter] {
        if let Some(rate) = steady(stamps, &intervals, step, time_base) {
            return Pace::Steady(rate);
        }
    }
    varying(&intervals, middle, time_base).map_or(Pace::Unknown, Pace::Varying)
}

fn steady(stamps: &[i64], intervals: &[i64], step: i64, time_base: Rational) -> Option<Rational> {
    let mut places = Vec::with_capacity(stamps.len());
    let (mut place, mut single) = (0.0, 0usize);
    places.push(place);
    for &interval in intervals {
        let steps = (interval as f64 / step as f64).round().max(1.0);
        single += usize::from(steps == 1.0);
        place += steps;
        places.push(place);
    }
    let (first, last) = (*stamps.first()?, *stamps.last()?);
    let span = last.checked_sub(first)? as f64;
    let exact = span / place;
    let off = |(&stamp, place): (&i64, &f64)| (stamp - first) as f64 - place * exact;
    let fits = stamps.iter().zip(&places).all(|pair| off(pair).abs() <= 1.0);
    if !fits || (single as f64) < MIN_SHARE * intervals.len() as f64 {
        return None;
    }
    let is_whole = stamps.iter().zip(&places).all(|pair| off(pair) == 0.0) && exact.fract() == 0.0;
    if is_whole && (exact >= 100.0 || intervals.len() == 1) {
        return Rational::new(exact as i64, 1)?.checked_mul(time_base)?.recip();
    }
    let per_second = |ticks: f64| place / (ticks * time_base.to_f64());
    let (low, high) = (per_second(span + 1.0), per_second((span - 1.0).max(0.5)));
    let measured = per_second(span);
    let usual = USUAL.iter().filter_map(|&(num, den)| Rational::new(num, den));
    usual
        .filter(|rate| (low..=high).contains(&rate.to_f64()))
        .min_by(|a, b| (a.to_f64() - measured).abs().total_cmp(&(b.to_f64() - measured).abs()))
        .or_else(|| simplest(low, high))
}

fn varying(intervals: &[i64], middle: i64, time_base: Rational) -> Option<Rational> {
    let mut votes = [0usize; USUAL.len()];
    for &interval in intervals {
        let rate = 1.0 / (interval as f64 * time_base.to_f64());
        let distance = |(num, den): (i64, i64)| (rate * den as f64 / num as f64 - 1.0).abs();
        let nearest = (0..USUAL.len())
            .filter(|&at| distance(USUAL[at]) <= VOTE_TOLERANCE)
            .min_by(|&a, &b| distance(USUAL[a]).total_cmp(&distance(USUAL[b])));
        if let Some(at) = nearest {
            votes[at] += 1;
        }
    }
    let (at, &most) = votes.iter().enumerate().rev().max_by_key(|&(_, &count)| count)?;
    if most as f64 >= MIN_SHARE * intervals.len() as f64 {
        return Rational::new(USUAL[at].0, USUAL[at].1);
    }
    let rate = 1.0 / (middle as f64 * time_base.to_f64());
    simplest(rate * 0.99, rate * 1.01)
}

/// The fraction of least denominator in `low..=high`, both positive: a walk down the Stern-Brocot tree.
fn simplest(low: f64, high: f64) -> Option<Rational> {
    if !(low > 0.0 && low <= high && high < 1e9) {
        return None;
    }
    let (mut value, mut parts) = ((low, high), Vec::new());
    for _ in 0..32 {
        let whole = value.0.ceil();
        if whole <= value.1 {
            parts.push(whole as i64);
            let mut fraction = Rational::new(*parts.last()?, 1)?;
            for &part in parts.iter().rev().skip(1) {
                let inverse = fraction.recip()?;
                let num = part.checked_mul(inverse.den())?.checked_add(inverse.num())?;
                fraction = Rational::new(num, inverse.den())?;
            }
            return Some(fraction);
        }
        let floor = value.0.floor();
        parts.push(floor as i64);
        value = (1.0 / (value.1 - floor), 1.0 / (value.0 - floor));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(num: i64, den: i64) -> Rational {
        Rational::new(num, den).unwrap()
    }

    fn rounded(rate: Rational, frames: i64, ticks: f64) -> Vec<i64> {
        (0..frames).map(|i| (i as f64 / rate.to_f64() * ticks).round() as i64).collect()
    }

    #[test]
    fn milliseconds_hide_no_usual_rate() {
        for (num, den) in
            [(24000, 1001), (24, 1), (25, 1), (30000, 1001), (30, 1), (50, 1), (60, 1)]
        {
            let rate = base(num, den);
            for frames in [60, 300, 5000] {
                let stamps = rounded(rate, frames, 1000.0);
                assert_eq!(pace(&stamps, base(1, 1000)), Pace::Steady(rate), "{rate} {frames}");
            }
        }
    }

    #[test]
    fn missing_frames_leave_the_rate_as_it_is() {
        let mut stamps = rounded(base(30, 1), 300, 90000.0);
        stamps.retain(|stamp| stamp % 7 != 0 && stamp % 11 != 0);
        assert_eq!(pace(&stamps, base(1, 90000)), Pace::Steady(base(30, 1)));
    }

    #[test]
    fn an_unusual_rate_is_exact_where_the_ticks_are_fine() {
        let stamps: Vec<i64> = (0..36).map(|i| i * 2998).collect();
        assert_eq!(pace(&stamps, base(1, 90000)), Pace::Steady(base(45000, 1499)));
        let ticks: Vec<i64> = (0..98).collect();
        assert_eq!(pace(&ticks, base(1001, 24000)), Pace::Steady(base(24000, 1001)));
    }

    #[test]
    fn a_rate_that_varies_is_the_most_common_one() {
        let stamps = (0..60).scan(0, |t, i| {
            *t += if i % 4 == 0 { 5000 + i } else { 1920 + i % 13 - 6 };
            Some(*t)
        });
        let stamps: Vec<i64> = stamps.collect();
        assert_eq!(pace(&stamps, base(1, 57600)), Pace::Varying(base(30, 1)));
    }

    #[test]
    fn fewer_than_two_frames_have_no_pace() {
        assert_eq!(pace(&[], base(1, 1000)), Pace::Unknown);
        assert_eq!(pace(&[7], base(1, 1000)), Pace::Unknown);
    }

    #[test]
    fn absurd_stamps_are_answered() {
        for stamps in [[0, 1, i64::MAX], [i64::MIN, 0, i64::MAX], [i64::MIN, i64::MIN + 1, 0]] {
            let (Pace::Varying(rate) | Pace::Steady(rate)) = pace(&stamps, base(1, 1)) else {
                panic!("two intervals have a pace");
            };
            assert!(rate.is_positive());
        }
        assert_eq!(simplest(f64::NAN, 1.0), None);
        assert_eq!(simplest(0.3, 0.4), Rational::new(1, 3));
        assert_eq!(simplest(29.9, 30.1), Rational::new(30, 1));
    }
}
