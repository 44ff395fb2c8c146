//! The time, as a seam.

use serde::{Deserialize, Serialize};
use std::time::{SystemTime, UNIX_EPOCH};

/// A moment in milliseconds since 1970-01-01 00:00 UTC.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Takes seconds since 1970, rounded to milliseconds; `None` for NaN and beyond the year 9999.
    pub fn from_seconds(seconds: f64) -> Option<Self> {
        (seconds.abs() < 253_402_300_800.0).then(|| Self((seconds * 1000.0).round() as i64))
    }

    /// Hours from `earlier` to this moment; negative where `earlier` is later.
    pub fn hours_since(self, earlier: Self) -> f64 {
        self.0.saturating_sub(earlier.0) as f64 / 3_600_000.0
    }
}

/// Tells the time.
///
/// # For implementers
///
/// `now` may be called from any thread and may repeat a moment; callers treat a clock that goes
/// backwards as no time having passed.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// Returns the present moment.
    fn now(&self) -> Timestamp;
}

/// The computer's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// A clock that stands still, for tests and for replaying a past day.
#[derive(Debug, Clone, Copy)]
pub struct FixedClock(pub Timestamp);

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_signed_and_do_not_overflow() {
        let day = Timestamp(86_400_000);
        assert_eq!(day.hours_since(Timestamp(0)), 24.0);
        assert_eq!(Timestamp(0).hours_since(day), -24.0);
        assert!(Timestamp(i64::MAX).hours_since(Timestamp(i64::MIN)).is_finite());
        assert!(Timestamp::from_seconds(f64::NAN).is_none());
    }

    #[test]
    fn the_system_clock_is_past_the_day_it_was_written() {
        assert!(SystemClock.now() > Timestamp(1_750_000_000_000));
        assert_eq!(FixedClock(Timestamp(5)).now(), Timestamp(5));
    }
}
