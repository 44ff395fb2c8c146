//! Exact time: rationals, and time stamps counted in a time base.

use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::fmt;

/// A rational number in lowest terms with a positive denominator.
///
/// Frame rates, pixel aspects and time bases are rationals: 29.97 frames a second is `30000/1001`
/// and nothing else.
///
/// # Examples
///
/// ```
/// use gv_media::Rational;
///
/// let ntsc = Rational::new(60000, 2002).unwrap();
/// assert_eq!(ntsc.to_string(), "30000/1001");
/// assert!(Rational::new(1, 0).is_none());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "(i64, i64)", try_from = "(i64, i64)")]
pub struct Rational {
    num: i64,
    den: i64,
}

impl Rational {
    /// One.
    pub const ONE: Self = Self { num: 1, den: 1 };

    /// Reduces `num / den`; `None` where `den` is zero or the reduced pair leaves `i64`.
    pub fn new(num: i64, den: i64) -> Option<Self> {
        Self::reduced(i128::from(num), i128::from(den))
    }

    fn reduced(num: i128, den: i128) -> Option<Self> {
        if den == 0 {
            return None;
        }
        let divisor = gcd(num.unsigned_abs(), den.unsigned_abs()) as i128 * den.signum();
        Some(Self { num: (num / divisor).try_into().ok()?, den: (den / divisor).try_into().ok()? })
    }

    /// Numerator; carries the sign.
    pub const fn num(self) -> i64 {
        self.num
    }

    /// Denominator; always positive.
    pub const fn den(self) -> i64 {
        self.den
    }

    /// The nearest `f64`.
    pub fn to_f64(self) -> f64 {
        self.num as f64 / self.den as f64
    }

    /// `1 / self`; `None` for zero.
    pub fn recip(self) -> Option<Self> {
        Self::new(self.den, self.num)
    }

    /// The exact product; `None` where it leaves `i64`.
    pub fn checked_mul(self, other: Self) -> Option<Self> {
        Self::reduced(
            i128::from(self.num) * i128::from(other.num),
            i128::from(self.den) * i128::from(other.den),
        )
    }

    /// Whether the number is above zero.
    pub const fn is_positive(self) -> bool {
        self.num > 0
    }
}

impl fmt::Display for Rational {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.num, self.den)
    }
}

impl PartialOrd for Rational {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Rational {
    fn cmp(&self, other: &Self) -> Ordering {
        let left = i128::from(self.num) * i128::from(other.den);
        left.cmp(&(i128::from(other.num) * i128::from(self.den)))
    }
}

impl From<Rational> for (i64, i64) {
    fn from(value: Rational) -> Self {
        (value.num, value.den)
    }
}

impl TryFrom<(i64, i64)> for Rational {
    type Error = String;

    fn try_from((num, den): (i64, i64)) -> Result<Self, String> {
        Self::new(num, den).ok_or_else(|| format!("{num}/{den} is not a rational number"))
    }
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

/// A moment on the presentation timeline: `ticks` units of `time_base` seconds each.
///
/// Time stamps come from the file, never from a frame's index divided by a rate. Comparison is exact
/// across time bases.
///
/// # Examples
///
/// ```
/// use gv_media::{Rational, Timestamp};
///
/// let ms = Rational::new(1, 1000).unwrap();
/// let frame = Timestamp::new(1115, ms);
/// assert_eq!(frame.seconds(), 1.115);
/// assert!(frame > Timestamp::ZERO);
/// ```
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Timestamp {
    ticks: i64,
    time_base: Rational,
}

impl Timestamp {
    /// The start of the presentation timeline.
    pub const ZERO: Self = Self { ticks: 0, time_base: Rational::ONE };

    /// A moment `ticks * time_base` seconds into the presentation.
    pub const fn new(ticks: i64, time_base: Rational) -> Self {
        Self { ticks, time_base }
    }

    /// The number of time base units.
    pub const fn ticks(self) -> i64 {
        self.ticks
    }

    /// The length of one unit in seconds.
    pub const fn time_base(self) -> Rational {
        self.time_base
    }

    /// The nearest `f64`, in seconds.
    pub fn seconds(self) -> f64 {
        (i128::from(self.ticks) * i128::from(self.time_base.num())) as f64
            / self.time_base.den() as f64
    }
}

impl PartialEq for Timestamp {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Timestamp {}

impl PartialOrd for Timestamp {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Timestamp {
    fn cmp(&self, other: &Self) -> Ordering {
        let cross = |a: Self, b: Self| {
            i128::from(a.ticks)
                .checked_mul(i128::from(a.time_base.num()))
                .and_then(|n| n.checked_mul(i128::from(b.time_base.den())))
        };
        match (cross(*self, *other), cross(*other, *self)) {
            (Some(left), Some(right)) => left.cmp(&right),
            _ => self.seconds().total_cmp(&other.seconds()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rational_is_reduced_and_its_denominator_positive() {
        let value = Rational::new(-4, -6).unwrap();
        assert_eq!((value.num(), value.den()), (2, 3));
        assert_eq!(Rational::new(i64::MIN, -1), None);
    }

    #[test]
    fn time_stamps_compare_exactly_across_time_bases() {
        let third = Timestamp::new(1, Rational::new(1, 3).unwrap());
        let close = Timestamp::new(333_333_333, Rational::new(1, 1_000_000_000).unwrap());
        assert!(close < third);
        assert_eq!(third, Timestamp::new(20, Rational::new(1, 60).unwrap()));
    }
}
