//! Stretches of time in which something holds.

use serde::{Deserialize, Serialize};

/// A stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Stretch {
    /// When it begins, in seconds.
    pub start_time: f64,
    /// When it is over, in seconds.
    pub end_time: f64,
}

impl Stretch {
    /// Length in seconds.
    pub fn duration(&self) -> f64 {
        self.end_time - self.start_time
    }
}

/// Collects the stretches in which frames have a property.
#[derive(Debug, Default)]
pub(super) struct StretchMeter {
    open: Option<f64>,
    closed: Vec<Stretch>,
}

impl StretchMeter {
    /// Notes whether the frame at `time` has it; a stretch that begins with it begins at `since`.
    pub(super) fn push(&mut self, holds: bool, since: f64, time: f64) {
        match (holds, self.open) {
            (true, None) => self.open = Some(since),
            (false, Some(start_time)) => {
                self.closed.push(Stretch { start_time, end_time: time });
                self.open = None;
            }
            _ => {}
        }
    }

    /// The stretches of at least `shortest` seconds; one that is open ends at `end_time`.
    pub(super) fn finish(mut self, end_time: f64, shortest: f64) -> Vec<Stretch> {
        if let Some(start_time) = self.open {
            self.closed.push(Stretch { start_time, end_time: end_time.max(start_time) });
        }
        self.closed.retain(|stretch| stretch.duration() >= shortest - 1e-9);
        self.closed
    }
}
