//! What changes with Meta's releases, as dated data.

use crate::{Error, Money, Result};
use serde::Deserialize;

/// Version, currencies and limits as of a day; overridable by a table of the same form.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct MetaTable {
    /// The day the table was checked, `YYYY-MM-DD`.
    pub as_of: String,
    /// The Graph API version in paths.
    pub version: String,
    /// Currencies whose smallest unit is a whole one; all others have hundredths.
    pub whole_unit_currencies: Vec<String>,
    /// Changes of one ad set's budget within an hour.
    pub budget_changes_per_hour: usize,
    /// The action that counts as a conversion.
    pub conversion_action: String,
}

impl MetaTable {
    /// The table of this release.
    ///
    /// # Errors
    ///
    /// None in practice: a test reads it.
    pub fn built_in() -> Result<Self> {
        Self::from_json(include_str!("../../../data/meta.json"))
    }

    /// Reads a table; the form is that of `data/meta.json`.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] where it is not of that form.
    pub fn from_json(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|error| Error::Table {
            place: "Meta's table".to_owned(),
            problem: error.to_string(),
        })
    }

    /// An amount in the currency's smallest unit; a whole-unit currency is rounded down.
    pub fn minor_units(&self, amount: Money, currency: &str) -> i64 {
        if self.is_whole(currency) { amount.cents().div_euclid(100) } else { amount.cents() }
    }

    /// The amount of so many smallest units.
    pub fn amount(&self, minor_units: i64, currency: &str) -> Money {
        let factor = if self.is_whole(currency) { 100 } else { 1 };
        Money::from_cents(minor_units.saturating_mul(factor))
    }

    fn is_whole(&self, currency: &str) -> bool {
        self.whole_unit_currencies.iter().any(|code| code.eq_ignore_ascii_case(currency))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yen_have_no_hundredths() {
        let table = MetaTable::built_in().unwrap();
        assert_eq!(table.minor_units(Money::from_cents(5000), "USD"), 5000);
        assert_eq!(table.minor_units(Money::from_cents(500_050), "JPY"), 5000);
        assert_eq!(table.amount(5000, "jpy"), Money::from_cents(500_000));
        assert!(MetaTable::from_json("{}").is_err());
    }
}
