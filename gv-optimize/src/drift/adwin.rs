//! A window that shrinks when its two ends disagree.

use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

const CLOCK: u64 = 32;
const MAX_BUCKETS: usize = 5;
const MIN_LENGTH: f64 = 5.0;
const GRACE: f64 = 10.0;

/// Keeps a window of recent numbers that have one mean (Bifet and Gavaldà 2007, ADWIN2), in a number of
/// sums that grows with the logarithm of its length.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Adwin {
    delta: f64,
    tick: u64,
    width: f64,
    total: f64,
    /// Sum of squared deviations from the window's mean.
    variance: f64,
    /// `rows[i]` holds sums of `2^i` numbers each, oldest first; older numbers lie in later rows.
    rows: Vec<VecDeque<Bucket>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Bucket {
    total: f64,
    variance: f64,
}

impl Default for Adwin {
    fn default() -> Self {
        Self::new(0.002)
    }
}

impl Adwin {
    /// Alarms with at most about the given probability where nothing changes; the default is 0.002.
    pub fn new(delta: f64) -> Self {
        let rows = vec![VecDeque::new()];
        Self { delta, tick: 0, width: 0.0, total: 0.0, variance: 0.0, rows }
    }

    /// Mean of the window; `None` while it is empty.
    pub fn mean(&self) -> Option<f64> {
        (self.width > 0.0).then(|| self.total / self.width)
    }

    /// Takes the next number; returns whether the mean has changed, looking at every 32nd number. What
    /// is not finite is passed over.
    pub fn update(&mut self, value: f64) -> bool {
        if !value.is_finite() {
            return false;
        }
        self.insert(value);
        self.tick += 1;
        let changed = self.tick.is_multiple_of(CLOCK) && self.width > GRACE && self.shrink();
        if changed {
            *self = Self::new(self.delta);
        }
        changed
    }

    fn insert(&mut self, value: f64) {
        self.rows[0].push_back(Bucket { total: value, variance: 0.0 });
        self.width += 1.0;
        if self.width > 1.0 {
            let before = self.width - 1.0;
            let deviation = value - self.total / before;
            self.variance += before * deviation * deviation / self.width;
        }
        self.total += value;
        self.merge();
    }

    /// Merges the two oldest buckets of each row that is too long into the next row.
    fn merge(&mut self) {
        let mut row = 0;
        while self.rows[row].len() > MAX_BUCKETS {
            let (Some(first), Some(second)) =
                (self.rows[row].pop_front(), self.rows[row].pop_front())
            else {
                return;
            };
            let size = size(row);
            let difference = first.total / size - second.total / size;
            let merged = Bucket {
                total: first.total + second.total,
                variance: first.variance + second.variance + size * 0.5 * difference * difference,
            };
            row += 1;
            if row == self.rows.len() {
                self.rows.push(VecDeque::new());
            }
            self.rows[row].push_back(merged);
        }
    }

    /// Drops oldest buckets as long as some cut of the window separates two means.
    fn shrink(&mut self) -> bool {
        let mut changed = false;
        while self.has_cut() {
            changed = true;
            self.drop_oldest();
        }
        changed
    }

    fn has_cut(&self) -> bool {
        let (mut n0, mut n1) = (0.0, self.width);
        let (mut u0, mut u1) = (0.0, self.total);
        for (row, buckets) in self.rows.iter().enumerate().rev() {
            for (at, bucket) in buckets.iter().enumerate() {
                let size = size(row);
                n0 += size;
                n1 -= size;
                u0 += bucket.total;
                u1 -= bucket.total;
                if row == 0 && at + 1 == buckets.len() {
                    return false;
                }
                if n0 >= MIN_LENGTH && n1 >= MIN_LENGTH && self.separates(n0, n1, u0 / n0 - u1 / n1)
                {
                    return true;
                }
            }
        }
        false
    }

    fn separates(&self, n0: f64, n1: f64, difference: f64) -> bool {
        let delta = (2.0 * self.width.ln() / self.delta).ln();
        let m = 1.0 / (n0 - MIN_LENGTH + 1.0) + 1.0 / (n1 - MIN_LENGTH + 1.0);
        let epsilon =
            (2.0 * m * (self.variance / self.width) * delta).sqrt() + 2.0 / 3.0 * delta * m;
        difference.abs() > epsilon
    }

    fn drop_oldest(&mut self) {
        let last = self.rows.len() - 1;
        let Some(bucket) = self.rows[last].pop_front() else { return };
        let size = size(last);
        self.width -= size;
        self.total -= bucket.total;
        let difference = bucket.total / size - self.total / self.width;
        self.variance -=
            bucket.variance + size * self.width * difference * difference / (size + self.width);
        if self.rows[last].is_empty() && last > 0 {
            self.rows.pop();
        }
    }
}

fn size(row: usize) -> f64 {
    2f64.powi(i32::try_from(row).unwrap_or(i32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::posterior::Stream;

    #[test]
    fn a_change_of_mean_is_found_and_none_is_not() {
        let mut random = Stream::new(7, "adwin", 0);
        let mut detector = Adwin::default();
        let early: usize = (0..5000).filter(|_| detector.update(random.normal())).count();
        let late: usize = (0..500).filter(|_| detector.update(2.0 + random.normal())).count();
        assert!(early <= 1 && late >= 1, "{early} before, {late} after");
    }

    #[test]
    fn the_window_is_its_sums() {
        let mut detector = Adwin::default();
        for i in 0..31 {
            detector.update(f64::from(i));
        }
        assert_eq!(detector.mean(), Some(15.0));
        let variance = detector.variance / 31.0;
        assert!((variance - 80.0).abs() < 1e-9, "{variance}");
    }

    #[test]
    fn state_survives_being_saved() {
        let mut random = Stream::new(8, "adwin", 0);
        let mut one = Adwin::default();
        for _ in 0..777 {
            one.update(random.uniform());
        }
        let saved = serde_json::to_string(&one).unwrap();
        assert_eq!(serde_json::from_str::<Adwin>(&saved).unwrap(), one);
        assert!(!one.update(f64::NAN));
    }
}
