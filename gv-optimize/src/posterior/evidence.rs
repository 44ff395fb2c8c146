//! What is known about an ad, with late conversions and old days allowed for.

use crate::error::parameter;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// How evidence is weighed: conversions that are still to come, and days long past.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct EvidenceOptions {
    /// Mean time from click to reported conversion, in hours. Default: 12. 0 means at once.
    pub conversion_delay_hours: f64,
    /// Age at which an hour counts half, in hours; only hourly rows carry ages. Default: 168.
    pub half_life_hours: f64,
}

impl Default for EvidenceOptions {
    fn default() -> Self {
        Self { conversion_delay_hours: 12.0, half_life_hours: 168.0 }
    }
}

impl EvidenceOptions {
    /// Sets the mean delay of conversions, in hours.
    pub fn conversion_delay_hours(self, hours: f64) -> Self {
        Self { conversion_delay_hours: hours, ..self }
    }

    /// Sets the half-life of evidence, in hours.
    pub fn half_life_hours(self, hours: f64) -> Self {
        Self { half_life_hours: hours, ..self }
    }

    /// Checks both options.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] unless the delay is finite and at least 0 and the half-life
    /// above 0.
    pub fn check(&self) -> Result<()> {
        if !(self.conversion_delay_hours >= 0.0 && self.conversion_delay_hours.is_finite()) {
            return Err(parameter(
                "conversion_delay_hours",
                self.conversion_delay_hours,
                "a finite number of at least 0",
            ));
        }
        if self.half_life_hours.is_nan() || self.half_life_hours <= 0.0 {
            return Err(parameter("half_life_hours", self.half_life_hours, "a number above 0"));
        }
        Ok(())
    }

    /// The share of conversions that have been reported `hours` after their click.
    pub fn reported_share(&self, hours: f64) -> f64 {
        if self.conversion_delay_hours == 0.0 {
            1.0
        } else {
            -(-hours.max(0.0) / self.conversion_delay_hours).exp_m1()
        }
    }

    /// The reported share averaged over clicks spread evenly across the last `hours`.
    pub fn mean_reported_share(&self, hours: f64) -> f64 {
        let delay = self.conversion_delay_hours;
        if delay == 0.0 {
            return 1.0;
        }
        let ratio = hours.max(0.0) / delay;
        if ratio < 1e-4 { ratio / 2.0 } else { 1.0 + (-ratio).exp_m1() / ratio }
    }
}

/// One hour of an ad's history.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HourlyRow {
    /// Hours from this row's hour to now; 0 is the running hour.
    pub age_hours: f64,
    /// Money spent, in currency units.
    pub spend: f64,
    /// Times shown.
    pub impressions: f64,
    /// Clicks.
    pub clicks: f64,
    /// Conversions reported in this hour.
    pub conversions: f64,
    /// Revenue reported in this hour, in currency units.
    pub revenue: f64,
}

/// Sums over an ad's life, weighed by age.
///
/// Counts are `f64` because weighed counts are fractions.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Evidence {
    /// Money spent, in currency units.
    pub spend: f64,
    /// Times shown.
    pub impressions: f64,
    /// Clicks.
    pub clicks: f64,
    /// Clicks whose conversion would have been reported by now.
    pub effective_clicks: f64,
    /// Conversions reported.
    pub conversions: f64,
    /// Revenue reported, in currency units.
    pub revenue: f64,
}

impl Evidence {
    /// Takes totals over the `hours` that an ad has been running.
    ///
    /// Clicks are taken as spread evenly over that time: `effective = clicks · (1 - D/T (1 -
    /// e^(-T/D)))`. With no more clicks than conversions, all of those clicks count.
    pub fn from_totals(
        spend: f64,
        impressions: u64,
        clicks: u64,
        conversions: u64,
        revenue: f64,
        hours: f64,
        options: &EvidenceOptions,
    ) -> Self {
        let share = options.mean_reported_share(hours);
        let clicks = clicks as f64;
        let conversions = conversions as f64;
        Self {
            spend,
            impressions: impressions as f64,
            clicks,
            effective_clicks: (clicks * share).max(conversions.min(clicks)),
            conversions,
            revenue,
        }
    }

    /// Takes hourly rows; each counts `0.5^(age / half-life)`, its clicks also by the share of
    /// their conversions that has been reported.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidAd`] naming the row's field where a number is negative or not finite.
    pub fn from_hours(ad_id: &str, rows: &[HourlyRow], options: &EvidenceOptions) -> Result<Self> {
        options.check()?;
        let mut sum = Self::default();
        for row in rows {
            for (field, value) in [
                ("age_hours", row.age_hours),
                ("spend", row.spend),
                ("impressions", row.impressions),
                ("clicks", row.clicks),
                ("conversions", row.conversions),
                ("revenue", row.revenue),
            ] {
                if !(value >= 0.0 && value.is_finite()) {
                    return Err(Error::InvalidAd {
                        ad_id: ad_id.to_owned(),
                        field,
                        given: value.to_string(),
                        allowed: "a finite number of at least 0 in every hourly row",
                    });
                }
            }
            let weight = (-row.age_hours / options.half_life_hours).exp2();
            sum.spend += weight * row.spend;
            sum.impressions += weight * row.impressions;
            sum.clicks += weight * row.clicks;
            sum.effective_clicks +=
                weight * row.clicks * options.reported_share(row.age_hours + 0.5);
            sum.conversions += weight * row.conversions;
            sum.revenue += weight * row.revenue;
        }
        sum.effective_clicks = sum.effective_clicks.max(sum.conversions.min(sum.clicks));
        Ok(sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clicks_of_an_old_ad_nearly_all_count_and_those_of_a_new_one_hardly() {
        let options = EvidenceOptions::default();
        let old = Evidence::from_totals(1.0, 1000, 100, 0, 0.0, 2400.0, &options);
        let new = Evidence::from_totals(1.0, 1000, 100, 0, 0.0, 1.0, &options);
        assert!((old.effective_clicks - 99.5).abs() < 1e-9);
        assert!(new.effective_clicks < 5.0 && new.effective_clicks > 3.0);
    }

    #[test]
    fn without_delay_every_click_counts() {
        let options = EvidenceOptions::default().conversion_delay_hours(0.0);
        let evidence = Evidence::from_totals(1.0, 1000, 100, 0, 0.0, 0.0, &options);
        assert_eq!(evidence.effective_clicks, 100.0);
    }

    #[test]
    fn hourly_rows_of_an_even_history_agree_with_totals() {
        let options = EvidenceOptions::default().half_life_hours(f64::INFINITY);
        let rows: Vec<_> = (0..48)
            .map(|h| HourlyRow { age_hours: f64::from(h), clicks: 10.0, ..HourlyRow::default() })
            .collect();
        let hourly = Evidence::from_hours("a", &rows, &options).unwrap();
        let total = Evidence::from_totals(0.0, 10_000, 480, 0, 0.0, 48.0, &options);
        assert!((hourly.effective_clicks / total.effective_clicks - 1.0).abs() < 1e-3);
    }

    #[test]
    fn a_week_old_hour_counts_half() {
        let options = EvidenceOptions::default();
        let row = HourlyRow { age_hours: 168.0, spend: 8.0, ..HourlyRow::default() };
        assert_eq!(Evidence::from_hours("a", &[row], &options).unwrap().spend, 4.0);
    }

    #[test]
    fn a_row_that_is_not_a_number_is_an_error_naming_the_field() {
        let row = HourlyRow { clicks: f64::NAN, ..HourlyRow::default() };
        let error = Evidence::from_hours("a", &[row], &EvidenceOptions::default()).unwrap_err();
        assert!(error.to_string().contains("clicks is NaN"), "{error}");
        assert!(EvidenceOptions::default().half_life_hours(0.0).check().is_err());
    }
}
