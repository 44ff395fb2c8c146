//! Frame rates, and time codes counted in them.

use crate::{Error, Result};

/// Frames per second as a rational number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FrameRate {
    num: u32,
    den: u32,
}

impl FrameRate {
    /// `num / den` frames per second.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] for a rate that is not from 1 to 1000.
    pub fn new(num: u32, den: u32) -> Result<Self> {
        if den == 0 || num < den || u64::from(num) > 1000 * u64::from(den) {
            let given = format!("{num}/{den}");
            return Err(Error::InvalidParameter {
                name: "frame rate",
                given,
                allowed: "1 to 1000",
            });
        }
        Ok(Self { num, den })
    }

    /// Numerator.
    pub const fn num(self) -> u32 {
        self.num
    }

    /// Denominator.
    pub const fn den(self) -> u32 {
        self.den
    }

    /// The nearest `f64`.
    pub fn to_f64(self) -> f64 {
        f64::from(self.num) / f64::from(self.den)
    }

    /// The frame nearest to a time in seconds; 0 for what is no number.
    pub fn frames(self, seconds: f64) -> i64 {
        (seconds * self.to_f64()).round() as i64
    }

    /// Frames that a second of the time code counts.
    pub fn nominal(self) -> i64 {
        self.to_f64().round() as i64
    }

    /// Whether time codes leave numbers out to keep up with the clock: at 30000/1001 and 60000/1001.
    pub fn drops_frames(self) -> bool {
        let times = |fps: u64| u64::from(self.num) * 1001 == u64::from(self.den) * fps * 1000;
        times(30) || times(60)
    }

    /// The time code `HH:MM:SS:FF` of a frame from 0 on, `HH:MM:SS;FF` where numbers are left out (SMPTE ST 12-1). The
    /// hours start over after a day.
    pub fn timecode(self, frame: i64) -> String {
        let nominal = self.nominal().max(1);
        let mut number = frame.max(0);
        if self.drops_frames() {
            // Two numbers (four at 60) are left out each minute but each tenth.
            let dropped = nominal / 15;
            let per_minute = nominal * 60 - dropped;
            let per_ten = per_minute * 10 + dropped;
            let (tens, rest) = (number / per_ten, number % per_ten);
            number += 9 * dropped * tens;
            if rest >= nominal * 60 {
                number += dropped * ((rest - dropped) / per_minute);
            }
        }
        let (frames, seconds) = (number % nominal, number / nominal);
        let mark = if self.drops_frames() { ';' } else { ':' };
        format!(
            "{:02}:{:02}:{:02}{mark}{frames:02}",
            seconds / 3600 % 24,
            seconds / 60 % 60,
            seconds % 60
        )
    }

    /// A duration of `frames` as Final Cut Pro writes it: a rational number of seconds.
    pub(super) fn rational_seconds(self, frames: i64) -> String {
        match frames {
            0 => "0s".to_owned(),
            frames => format!("{}/{}s", i128::from(frames) * i128::from(self.den), self.num),
        }
    }
}
