//! Means and medians over uneven time.

use super::MotionFrame;

/// A Gaussian mean of `value` in time that never looks across a cut.
///
/// Each measurement counts with the time it covers. `sigma` is in seconds; the kernel ends at three of
/// them.
pub(crate) fn smooth_in_shots(
    frames: &[MotionFrame],
    sigma: f64,
    value: impl Fn(&MotionFrame) -> f64,
) -> Vec<f64> {
    let values: Vec<f64> = frames.iter().map(value).collect();
    let mut smoothed = Vec::with_capacity(values.len());
    let mut from = 0;
    for (index, frame) in frames.iter().enumerate() {
        let here = frame.middle();
        while from < index
            && (frames[from].shot != frame.shot || here - frames[from].middle() > 3.0 * sigma)
        {
            from += 1;
        }
        let (mut sum, mut weight) = (0.0, 0.0);
        for (other, value) in frames[from..].iter().zip(&values[from..]) {
            let distance = (other.middle() - here) / sigma;
            if other.shot != frame.shot || distance > 3.0 {
                break;
            }
            let share = other.interval() * (-0.5 * distance * distance).exp();
            sum += share * value;
            weight += share;
        }
        smoothed.push(if weight > 0.0 { sum / weight } else { values[index] });
    }
    smoothed
}

/// The value below which `share` of the weight lies; `None` without weight.
///
/// Where the share falls exactly between two values, it is their mean: the weighted median of two equal
/// weights is the middle.
pub(crate) fn weighted_quantile(mut pairs: Vec<(f64, f64)>, share: f64) -> Option<f64> {
    pairs.retain(|(value, weight)| !value.is_nan() && *weight > 0.0);
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let goal = pairs.iter().map(|(_, weight)| weight).sum::<f64>() * share;
    let mut sum = 0.0;
    for (index, &(value, weight)) in pairs.iter().enumerate() {
        sum += weight;
        if (sum - goal).abs() <= 1e-9 * goal {
            let next = pairs.get(index + 1).map_or(value, |&(next, _)| next);
            return Some(value + (next - value) / 2.0);
        }
        if sum > goal {
            return Some(value);
        }
    }
    pairs.last().map(|&(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_counts_time() {
        let median = |pairs: &[(f64, f64)]| weighted_quantile(pairs.to_vec(), 0.5);
        assert_eq!(median(&[(1.0, 1.0), (9.0, 1.0)]), Some(5.0));
        assert_eq!(median(&[(9.0, 1.0), (1.0, 1.0), (2.0, 1.0)]), Some(2.0));
        assert_eq!(median(&[(1.0, 1.0), (9.0, 3.0)]), Some(9.0));
        assert_eq!(median(&[(f64::NAN, 1.0), (4.0, 0.0)]), None);
    }

    #[test]
    fn smoothing_keeps_a_constant_and_stops_at_a_cut() {
        let frame = |index: u64, shot: u32| MotionFrame {
            frame_idx: index,
            timestamp: index as f64 * 0.04,
            from_time: (index - 1) as f64 * 0.04,
            shot,
            ..MotionFrame::default()
        };
        let frames: Vec<_> = (1..60).map(|i| frame(i, u32::from(i >= 30))).collect();
        let step = smooth_in_shots(&frames, 0.2, |f| f64::from(f.shot) * 7.0);
        assert!(step.iter().zip(&frames).all(|(s, f)| (s - f64::from(f.shot) * 7.0).abs() < 1e-12));
        let spike = smooth_in_shots(&frames, 0.08, |f| f64::from(u8::from(f.frame_idx == 15)));
        assert!(spike[14] > spike[13] && spike[14] > spike[15]);
        assert!((spike.iter().sum::<f64>() - 1.0).abs() < 0.01);
    }
}
