//! What really happened to a creative: counts of the platform, conversions of the shop.

use super::event::{ConversionEvent, EventKind};
use crate::error::parameter;
use crate::{Result, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A row of a platform's report: one creative on one day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct InsightRow {
    /// The campaign.
    pub campaign_id: String,
    /// The creative.
    pub creative_id: String,
    /// The day, `YYYY-MM-DD`.
    pub date: String,
    /// Times it was shown.
    pub impressions: f64,
    /// Clicks.
    pub clicks: f64,
    /// Money spent, in currency units.
    pub spend: f64,
    /// Conversions that the platform counts; `None` where it says nothing.
    pub conversions: Option<f64>,
    /// Revenue that the platform counts, in currency units.
    pub revenue: Option<f64>,
    /// ISO code of the currency.
    pub currency: String,
}

impl Default for InsightRow {
    fn default() -> Self {
        Self {
            campaign_id: String::new(),
            creative_id: String::new(),
            date: String::new(),
            impressions: 0.0,
            clicks: 0.0,
            spend: 0.0,
            conversions: None,
            revenue: None,
            currency: "USD".into(),
        }
    }
}

impl InsightRow {
    pub(super) fn check(&self) -> Result<()> {
        if self.campaign_id.is_empty() {
            return Err(parameter("campaign_id", "empty", "a text of at least one character"));
        }
        day(&self.date)?;
        for (name, value) in [
            ("impressions", self.impressions),
            ("clicks", self.clicks),
            ("spend", self.spend),
            ("conversions", self.conversions.unwrap_or(0.0)),
            ("revenue", self.revenue.unwrap_or(0.0)),
        ] {
            if !(0.0..=1e15).contains(&value) {
                return Err(parameter(name, value, "a number from 0 to 1e15"));
            }
        }
        if self.clicks > self.impressions {
            return Err(parameter("clicks", self.clicks, "at most the impressions"));
        }
        if super::currency::decimals(&self.currency).is_none() {
            return Err(parameter("currency", &self.currency, "a currency code of ISO 4217"));
        }
        Ok(())
    }

    pub(super) fn id(&self) -> String {
        super::joined(&[&self.campaign_id, &self.creative_id, &self.date])
    }
}

/// Days since 1970 of a date `YYYY-MM-DD` (H. Hinnant's algorithm).
pub(super) fn day(date: &str) -> Result<i64> {
    let wrong = || parameter("date", date, "a date YYYY-MM-DD");
    let parts: Vec<i64> =
        date.split('-').map(|part| part.parse().map_err(|_| wrong())).collect::<Result<_>>()?;
    let [year, month, day] = parts[..] else { return Err(wrong()) };
    if !((1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day)) {
        return Err(wrong());
    }
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    Ok(era * 146_097 + day_of_era - 719_468)
}

/// Conversions of a creative by currency, as the events say.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Totals {
    pub(super) conversions: i64,
    /// Minor units by currency.
    pub(super) revenue: BTreeMap<String, i64>,
}

impl Totals {
    pub(super) fn add(&mut self, event: &ConversionEvent) {
        let sign = match event.kind {
            EventKind::Conversion => 1,
            EventKind::Refund => -1,
            EventKind::Step => return,
        };
        self.conversions += sign;
        if let Some(currency) = &event.currency {
            *self.revenue.entry(currency.clone()).or_default() += sign * event.value_minor;
        }
    }
}

/// Everything known of a creative.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Known {
    pub(super) impressions: f64,
    pub(super) clicks: f64,
    pub(super) spend: f64,
    pub(super) conversions: f64,
    pub(super) revenue: f64,
    /// The newest day with figures of the platform.
    pub(super) newest_day: i64,
}

impl Known {
    /// Adds the rows of one creative and its events; conversions are the events' where there is one, else the
    /// platform's. `None` where the currencies differ: nothing is summed across them.
    pub(super) fn new(rows: &[InsightRow], totals: Option<&Totals>) -> Result<Option<Self>> {
        let mut known = Self::default();
        let Some(first) = rows.first() else { return Ok(None) };
        if rows.iter().any(|row| row.currency != first.currency) {
            return Ok(None);
        }
        let (mut platform_conversions, mut platform_revenue) = (0.0, 0.0);
        for row in rows {
            known.impressions += row.impressions;
            known.clicks += row.clicks;
            known.spend += row.spend;
            platform_conversions += row.conversions.unwrap_or(0.0);
            platform_revenue += row.revenue.unwrap_or(0.0);
            known.newest_day = known.newest_day.max(day(&row.date)?);
        }
        (known.conversions, known.revenue) = match totals {
            None => (platform_conversions, platform_revenue),
            Some(totals) => {
                if totals.revenue.keys().any(|currency| *currency != first.currency) {
                    return Ok(None);
                }
                let minor = totals.revenue.get(&first.currency).copied().unwrap_or(0);
                let places = super::currency::decimals(&first.currency).unwrap_or(2);
                let revenue = minor.max(0) as f64 / 10f64.powi(places as i32);
                (totals.conversions.max(0) as f64, revenue)
            }
        };
        Ok(Some(known))
    }

    /// Whether conversions have had `days` to arrive.
    pub(super) fn is_mature(&self, now: Timestamp, days: f64) -> bool {
        now.0 as f64 / 86_400_000.0 - (self.newest_day + 1) as f64 >= days
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted() {
        assert_eq!(day("1970-01-01").unwrap(), 0);
        assert_eq!(day("2000-03-01").unwrap(), 11_017);
        assert_eq!(day("2027-01-15").unwrap(), 1_800_000_000 / 86_400);
        for wrong in ["", "2027-13-01", "yesterday", "2027-01", "27-01-01"] {
            assert!(day(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn currencies_are_never_summed() {
        let row = |currency: &str| InsightRow {
            campaign_id: "c".into(),
            date: "2027-01-01".into(),
            currency: currency.into(),
            ..InsightRow::default()
        };
        let (dollar, euro) = (row("USD"), row("EUR"));
        assert!(Known::new(&[dollar.clone(), euro], None).unwrap().is_none());
        assert!(Known::new(std::slice::from_ref(&dollar), None).unwrap().is_some());
        let totals = Totals { conversions: 1, revenue: BTreeMap::from([("EUR".into(), 500)]) };
        assert!(Known::new(&[dollar], Some(&totals)).unwrap().is_none());
    }
}
