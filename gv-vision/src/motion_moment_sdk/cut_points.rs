//! Where the moments let one cut.

use super::{MomentType, MotionMoment};

/// Seconds between two cut points.
const MIN_DISTANCE: f64 = 0.5;

/// Finds the times in seconds at which the moments let one cut, in time order, half a second apart.
///
/// A transition is cut where it changes, a hook when it is over, a held shot where it begins and where
/// it ends but never inside, a call to action where it begins. Of two times that are too close, the
/// one of the higher score stays. The order of the moments does not matter; times that are no number are
/// left out.
pub fn find_optimal_cut_points(moments: &[MotionMoment]) -> Vec<f64> {
    let mut scored: Vec<(f64, f64)> = Vec::new();
    for moment in moments {
        let (start, end) = (moment.timestamp_start, moment.timestamp_end);
        let times: &[f64] = match moment.moment_type {
            MomentType::Transition => &[moment.key_time().clamp(start.min(end), end.max(start))],
            MomentType::Hook => &[end],
            MomentType::Emotional => &[start, end],
            MomentType::Cta => &[start],
        };
        scored
            .extend(times.iter().filter(|time| time.is_finite()).map(|&time| (time, moment.score)));
    }
    scored.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.total_cmp(&b.0)));
    let mut chosen: Vec<f64> = Vec::new();
    for (time, _) in scored {
        if chosen.iter().all(|other| (other - time).abs() >= MIN_DISTANCE) {
            chosen.push(time);
        }
    }
    chosen.sort_by(f64::total_cmp);
    chosen
}
