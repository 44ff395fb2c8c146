//! The cumulative deviation from the mean.

use serde::{Deserialize, Serialize};

/// Watches the mean of a stream for a change in either direction (Page 1954, Hinkley 1971).
///
/// Fast, but not quiet: what delta and threshold mean depends on the stream's unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageHinkley {
    min_instances: u64,
    delta: f64,
    threshold: f64,
    alpha: f64,
    count: u64,
    mean: f64,
    rise: f64,
    fall: f64,
    lowest_rise: f64,
    highest_fall: f64,
}

impl Default for PageHinkley {
    fn default() -> Self {
        Self::new(0.005, 50.0)
    }
}

impl PageHinkley {
    /// Alarms where the sum of deviations beyond `delta` turns by more than `threshold`; forgets by a
    /// factor of 0.9999 a step and is silent for the first 30 numbers.
    pub fn new(delta: f64, threshold: f64) -> Self {
        Self {
            min_instances: 30,
            delta,
            threshold,
            alpha: 1.0 - 0.0001,
            count: 0,
            mean: 0.0,
            rise: 0.0,
            fall: 0.0,
            lowest_rise: f64::MAX,
            highest_fall: -1.0,
        }
    }

    /// Takes the next number; returns whether the mean has changed. What is not finite is passed over.
    pub fn update(&mut self, value: f64) -> bool {
        if !value.is_finite() {
            return false;
        }
        self.count += 1;
        self.mean += (value - self.mean) / self.count as f64;
        let deviation = value - self.mean;
        self.rise = self.alpha * self.rise + deviation - self.delta;
        self.fall = self.alpha * self.fall + deviation + self.delta;
        self.lowest_rise = self.lowest_rise.min(self.rise);
        self.highest_fall = self.highest_fall.max(self.fall);
        let changed = self.count >= self.min_instances
            && (self.rise - self.lowest_rise > self.threshold
                || self.highest_fall - self.fall > self.threshold);
        if changed {
            *self = Self::new(self.delta, self.threshold);
        }
        changed
    }
}
