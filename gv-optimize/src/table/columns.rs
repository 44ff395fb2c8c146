//! Which column is which.

use crate::{Error, Result};
use std::collections::BTreeMap;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Column {
    /// The ad's id.
    AdId,
    /// The ad's name.
    AdName,
    /// The campaign's id or name.
    Campaign,
    /// The creative's id.
    Creative,
    /// The ad set's id.
    AdSet,
    /// Money spent.
    Spend,
    /// Budget of a day.
    DailyBudget,
    /// Budget in all.
    Budget,
    /// Times shown.
    Impressions,
    /// Clicks.
    Clicks,
    /// Conversions.
    Conversions,
    /// Revenue.
    Revenue,
    /// Hours running.
    Hours,
    /// Days running.
    Days,
    /// First day of the figures.
    Starts,
    /// Last day of the figures.
    Ends,
    /// State.
    Status,
    /// Currency.
    Currency,
}

/// Names in lower case with letters and digits alone, as Meta, Google, TikTok and this library write
/// them; November 2026.
const NAMES: &[(Column, &[&str])] = &[
    (Column::AdId, &["adid", "id"]),
    (Column::AdName, &["adname", "ad"]),
    (Column::Campaign, &["campaignid", "campaign", "campaignname"]),
    (Column::Creative, &["creativeid", "creative"]),
    (Column::AdSet, &["adsetid", "adgroupid", "budgetowner"]),
    (Column::Spend, &["spend", "amountspent", "cost", "totalcost"]),
    (Column::DailyBudget, &["dailybudget", "adsetbudget", "adgroupbudget", "campaigndailybudget"]),
    (Column::Budget, &["budget", "lifetimebudget", "totalbudget"]),
    (Column::Impressions, &["impressions", "impr"]),
    (Column::Clicks, &["clicks", "linkclicks", "clicksdestination", "clicksall"]),
    (
        Column::Conversions,
        &["conversions", "purchases", "websitepurchases", "results", "totalpurchases"],
    ),
    (
        Column::Revenue,
        &[
            "revenue",
            "purchasesconversionvalue",
            "websitepurchasesconversionvalue",
            "conversionvalue",
            "convvalue",
            "totalconversionvalue",
            "purchasevalue",
        ],
    ),
    (Column::Hours, &["hours", "hoursactive", "hoursrunning"]),
    (Column::Days, &["days", "daysactive", "daysrunning"]),
    (Column::Starts, &["reportingstarts", "starts", "startdate", "firstday"]),
    (Column::Ends, &["reportingends", "ends", "enddate", "lastday"]),
    (Column::Status, &["status", "addelivery", "delivery", "adstatus"]),
    (Column::Currency, &["currency", "currencycode", "accountcurrency"]),
];

impl Column {
    /// The name that this library writes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AdId => "ad_id",
            Self::AdName => "ad_name",
            Self::Campaign => "campaign_id",
            Self::Creative => "creative_id",
            Self::AdSet => "ad_set_id",
            Self::Spend => "spend",
            Self::DailyBudget => "daily_budget",
            Self::Budget => "budget",
            Self::Impressions => "impressions",
            Self::Clicks => "clicks",
            Self::Conversions => "conversions",
            Self::Revenue => "revenue",
            Self::Hours => "hours",
            Self::Days => "days",
            Self::Starts => "starts",
            Self::Ends => "ends",
            Self::Status => "status",
            Self::Currency => "currency",
        }
    }
}

/// The names by which a column is recognised, letters and digits alone.
pub fn recognised_names(column: Column) -> &'static [&'static str] {
    NAMES.iter().find(|(known, _)| *known == column).map_or(&[], |(_, names)| names)
}

/// Where the columns are.
pub(super) struct Recognised {
    pub(super) places: BTreeMap<Column, usize>,
    pub(super) currency: Option<String>,
    pub(super) ignored: Vec<String>,
}

pub(super) fn recognise(header: &[String]) -> Result<Recognised> {
    let mut places: BTreeMap<Column, usize> = BTreeMap::new();
    let (mut currency, mut ignored) = (None, Vec::new());
    for (place, title) in header.iter().enumerate() {
        let (name, code) = split_currency(title);
        let plain: String =
            name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        let found = NAMES.iter().find(|(_, names)| names.contains(&plain.as_str()));
        let Some((column, _)) = found else {
            ignored.push(title.clone());
            continue;
        };
        if let Some(first) = places.insert(*column, place) {
            return Err(Error::Table {
                place: "the header".to_owned(),
                problem: format!(
                    "{:?} and {title:?} both hold the {}",
                    header[first],
                    column.name()
                ),
            });
        }
        currency = currency.or(code);
    }
    let missing: Vec<&str> =
        [Column::Spend, Column::Impressions, Column::Clicks, Column::Conversions]
            .into_iter()
            .filter(|column| !places.contains_key(column))
            .map(Column::name)
            .chain((!has_any(&places, &[Column::AdId, Column::AdName])).then_some("ad_id"))
            .chain(
                (!has_any(&places, &[Column::Hours, Column::Days, Column::Starts]))
                    .then_some("hours, days or reporting dates"),
            )
            .collect();
    if !missing.is_empty() {
        return Err(Error::Table {
            place: "the header".to_owned(),
            problem: format!("columns are missing: {}", missing.join(", ")),
        });
    }
    Ok(Recognised { places, currency, ignored })
}

fn has_any(places: &BTreeMap<Column, usize>, columns: &[Column]) -> bool {
    columns.iter().any(|column| places.contains_key(column))
}

/// Takes a currency in brackets off a title, as in `Amount spent (USD)`.
fn split_currency(title: &str) -> (&str, Option<String>) {
    let Some((name, rest)) = title.trim().trim_start_matches('\u{feff}').split_once('(') else {
        return (title, None);
    };
    let code = rest.trim_end().trim_end_matches(')');
    if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase()) {
        (name, Some(code.to_owned()))
    } else {
        (title, None)
    }
}

/// Reads a number as people write it: currency signs, thousands separators, a dash for nothing.
pub(super) fn number(text: &str) -> Option<f64> {
    let plain: String = text
        .trim()
        .chars()
        .filter(|c| !matches!(c, ',' | '$' | '€' | '£' | '¥' | ' ' | '\u{a0}' | '\u{202f}'))
        .collect();
    if matches!(plain.as_str(), "-" | "--" | "–" | "—") {
        return Some(0.0);
    }
    plain.parse().ok().filter(|value: &f64| value.is_finite())
}

/// The days from 1970 to a date written YYYY-MM-DD, what follows the date left out.
pub(crate) fn day_number(text: &str) -> Option<i64> {
    let mut parts = text.trim().get(..10)?.split('-').map(str::parse::<i64>);
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    if parts.next().is_some() || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let of_era = shifted.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_count_days() {
        assert_eq!(day_number("1970-01-01"), Some(0));
        assert_eq!(day_number("2026-11-22T10:00:00"), Some(20_779));
        assert_eq!(day_number("2024-03-01"), day_number("2024-02-29").map(|d| d + 1));
        for wrong in ["", "22.11.2026", "2026-13-01", "2026-11", "٢٠٢٦-١١-٢٢"] {
            assert_eq!(day_number(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        assert_eq!(number("$1,234.50"), Some(1234.5));
        assert_eq!(number("—"), Some(0.0));
        assert_eq!(number("1 000\u{a0}000"), Some(1e6));
        for wrong in ["", "abc", "NaN", "inf", "1.2.3"] {
            assert_eq!(number(wrong), None, "{wrong}");
        }
    }
}
