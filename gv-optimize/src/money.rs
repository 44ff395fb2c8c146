//! Money in whole cents, so that totals are exact.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub};

/// An amount in hundredths of the account's currency unit.
///
/// # Examples
///
/// ```
/// use gv_optimize::Money;
///
/// let budget = Money::from_units(19.99).unwrap();
/// assert_eq!(budget.cents(), 1999);
/// assert_eq!((budget + Money::from_cents(1)).to_string(), "20.00");
/// assert!(Money::from_units(f64::NAN).is_none());
/// ```
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Money(i64);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Largest amount that [`from_units`](Self::from_units) takes: ten billion units, so that sums
    /// of a hundred thousand amounts stay exact.
    pub const MAX_UNITS: f64 = 1e10;

    /// Counts whole cents.
    pub const fn from_cents(cents: i64) -> Self {
        Self(cents)
    }

    /// Rounds to the nearest cent; `None` for NaN, infinities and beyond [`MAX_UNITS`](Self::MAX_UNITS).
    pub fn from_units(units: f64) -> Option<Self> {
        (units.abs() <= Self::MAX_UNITS).then(|| Self((units * 100.0).round() as i64))
    }

    /// Whole cents.
    pub const fn cents(self) -> i64 {
        self.0
    }

    /// The amount in currency units.
    pub fn units(self) -> f64 {
        self.0 as f64 / 100.0
    }

    /// The amount without its sign.
    pub const fn abs(self) -> Self {
        Self(self.0.saturating_abs())
    }
}

impl Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Neg for Money {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        f.pad(&format!("{sign}{}.{:02}", cents / 100, cents % 100))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_print_with_two_digits_and_their_sign() {
        assert_eq!(Money::from_cents(-5).to_string(), "-0.05");
        assert_eq!(Money::from_cents(123_456).to_string(), "1234.56");
    }

    #[test]
    fn amounts_that_are_no_money_are_refused() {
        for units in [f64::NAN, f64::INFINITY, -f64::INFINITY, 1e11] {
            assert!(Money::from_units(units).is_none(), "{units}");
        }
    }

    #[test]
    fn ten_dimes_are_a_unit_exactly() {
        let total: Money = (0..10).filter_map(|_| Money::from_units(0.1)).sum();
        assert_eq!(total, Money::from_cents(100));
    }
}
