//! Checks of what is told about an ad, before anything is decided on it.

use crate::trainer::Estimate;
use crate::{Error, Result};
use serde::Serialize;

/// The counted figures of an ad and the ratios stated beside them.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Counts {
    pub(crate) spend: f64,
    pub(crate) impressions: u64,
    pub(crate) clicks: u64,
    pub(crate) conversions: u64,
    pub(crate) revenue: f64,
    pub(crate) stated: StatedRatios,
}

/// Ratios as a platform or a notebook states them; a decision reads the counts.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, serde::Deserialize)]
#[serde(default)]
pub struct StatedRatios {
    /// Clicks per impression.
    pub ctr: Option<f64>,
    /// Conversions per click.
    pub cvr: Option<f64>,
    /// Cost per conversion, in currency units.
    pub cpa: Option<f64>,
    /// Revenue per unit spent.
    pub roas: Option<f64>,
}

/// What is odd about an ad's figures.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum DataIssue {
    /// A stated ratio differs from its counts by more than 5 %; the counts are used.
    RatioContradictsCounts {
        /// Which ratio.
        ratio: &'static str,
        /// As stated.
        stated: f64,
        /// As counted.
        counted: f64,
    },
    /// More clicks than impressions.
    ClicksAboveImpressions,
    /// More conversions than clicks.
    ConversionsAboveClicks,
    /// Revenue without a conversion.
    RevenueWithoutConversions,
    /// The last conversion lies in the future.
    ConversionInTheFuture,
}

impl DataIssue {
    /// Whether the counts contradict each other, so that no decision may rest on them.
    pub const fn forbids_decisions(&self) -> bool {
        matches!(
            self,
            Self::ClicksAboveImpressions
                | Self::ConversionsAboveClicks
                | Self::RevenueWithoutConversions
        )
    }
}

impl std::fmt::Display for DataIssue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::RatioContradictsCounts { ratio, stated, counted } => {
                write!(f, "{ratio} is stated as {stated}, the counts give {counted:.6}")
            }
            Self::ClicksAboveImpressions => f.write_str("there are more clicks than impressions"),
            Self::ConversionsAboveClicks => f.write_str("there are more conversions than clicks"),
            Self::RevenueWithoutConversions => f.write_str("there is revenue without a conversion"),
            Self::ConversionInTheFuture => f.write_str("the last conversion lies in the future"),
        }
    }
}

impl Counts {
    pub(crate) fn ctr(&self) -> Option<f64> {
        ratio(self.clicks as f64, self.impressions as f64)
    }

    pub(crate) fn cvr(&self) -> Option<f64> {
        ratio(self.conversions as f64, self.clicks as f64)
    }

    pub(crate) fn cpa(&self) -> Option<f64> {
        ratio(self.spend, self.conversions as f64)
    }

    pub(crate) fn roas(&self) -> Option<f64> {
        if self.conversions == 0 { None } else { ratio(self.revenue, self.spend) }
    }

    /// Lists what is odd; a number that cannot be true is an error.
    pub(crate) fn check(&self, ad_id: &str) -> Result<Vec<DataIssue>> {
        for (field, value) in [("spend", self.spend), ("revenue", self.revenue)] {
            amount(ad_id, field, value)?;
        }
        for (field, value) in [
            ("impressions", self.impressions),
            ("clicks", self.clicks),
            ("conversions", self.conversions),
        ] {
            if value > MAX_COUNT {
                return Err(Error::InvalidAd {
                    ad_id: ad_id.to_owned(),
                    field,
                    given: value.to_string(),
                    allowed: "at most 1e15",
                });
            }
        }
        let mut issues = Vec::new();
        if self.clicks > self.impressions {
            issues.push(DataIssue::ClicksAboveImpressions);
        }
        if self.conversions > self.clicks {
            issues.push(DataIssue::ConversionsAboveClicks);
        }
        if self.conversions == 0 && self.revenue > 0.0 {
            issues.push(DataIssue::RevenueWithoutConversions);
        }
        for (name, stated, counted) in [
            ("ctr", self.stated.ctr, self.ctr()),
            ("cvr", self.stated.cvr, self.cvr()),
            ("cpa", self.stated.cpa, self.cpa()),
            ("roas", self.stated.roas, self.roas()),
        ] {
            let Some(stated) = stated else { continue };
            let counted = counted.unwrap_or(0.0);
            let missing = stated == 0.0 && (self.conversions == 0 || counted == 0.0);
            let agrees = (stated - counted).abs() <= 0.05 * counted.abs() + 1e-4;
            if !missing && !agrees {
                issues.push(DataIssue::RatioContradictsCounts { ratio: name, stated, counted });
            }
        }
        Ok(issues)
    }
}

const MAX_COUNT: u64 = 1_000_000_000_000_000;

/// Checks an amount of money.
pub(crate) fn amount(ad_id: &str, field: &'static str, value: f64) -> Result<()> {
    if (0.0..=crate::Money::MAX_UNITS).contains(&value) {
        return Ok(());
    }
    Err(Error::InvalidAd {
        ad_id: ad_id.to_owned(),
        field,
        given: value.to_string(),
        allowed: "a number from 0 to 1e10",
    })
}

/// Checks a time in hours.
pub(crate) fn hours(ad_id: &str, field: &'static str, value: f64) -> Result<()> {
    if (0.0..=1e7).contains(&value) {
        return Ok(());
    }
    Err(Error::InvalidAd {
        ad_id: ad_id.to_owned(),
        field,
        given: value.to_string(),
        allowed: "a number of hours from 0 to 1e7",
    })
}

/// Checks what a model expects of a return.
pub(crate) fn expectation(ad_id: &str, expected: &Estimate) -> Result<()> {
    let sound = [
        ("expected_roas", expected.mean, 1e-6..=1e6, "a number from 1e-6 to 1e6"),
        ("expected_sd", expected.sd, 0.0..=10.0, "a number from 0 to 10"),
    ];
    match sound.into_iter().find(|(_, value, range, _)| !range.contains(value)) {
        Some((field, value, _, allowed)) => Err(Error::InvalidAd {
            ad_id: ad_id.to_owned(),
            field,
            given: value.to_string(),
            allowed,
        }),
        None => Ok(()),
    }
}

/// Refuses a list that names an ad twice, or one without a name.
pub(crate) fn unique<'a>(ids: impl Iterator<Item = &'a str>) -> Result<()> {
    let mut seen = std::collections::HashSet::new();
    for id in ids {
        if id.is_empty() {
            return Err(Error::InvalidAd {
                ad_id: String::new(),
                field: "ad_id",
                given: "empty".to_owned(),
                allowed: "a text of at least one character",
            });
        }
        if !seen.insert(id) {
            return Err(Error::DuplicateAd { ad_id: id.to_owned() });
        }
    }
    Ok(())
}

fn ratio(above: f64, below: f64) -> Option<f64> {
    (below > 0.0).then(|| above / below)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: Counts = Counts {
        spend: 100.0,
        impressions: 10_000,
        clicks: 200,
        conversions: 10,
        revenue: 500.0,
        stated: StatedRatios { ctr: Some(0.02), cvr: Some(0.05), cpa: Some(10.0), roas: Some(5.0) },
    };

    #[test]
    fn sound_figures_have_no_issues() {
        assert!(SOUND.check("a").unwrap().is_empty());
    }

    #[test]
    fn each_contradiction_is_named() {
        let clicks = Counts { clicks: 20_000, stated: StatedRatios::default(), ..SOUND };
        assert_eq!(clicks.check("a").unwrap(), [DataIssue::ClicksAboveImpressions]);
        let conversions = Counts { conversions: 300, stated: StatedRatios::default(), ..SOUND };
        assert_eq!(conversions.check("a").unwrap(), [DataIssue::ConversionsAboveClicks]);
        let revenue = Counts { conversions: 0, stated: StatedRatios::default(), ..SOUND };
        assert_eq!(revenue.check("a").unwrap(), [DataIssue::RevenueWithoutConversions]);
        let percent = Counts { stated: StatedRatios { ctr: Some(2.0), ..SOUND.stated }, ..SOUND };
        let issues = percent.check("a").unwrap();
        assert!(issues[0].to_string().starts_with("ctr is stated as 2, the counts give 0.02"));
        assert!(!issues[0].forbids_decisions());
    }

    #[test]
    fn ratios_of_zero_without_conversions_are_missing_not_wrong() {
        let none = Counts {
            conversions: 0,
            revenue: 0.0,
            stated: StatedRatios { cvr: Some(0.0), cpa: Some(0.0), roas: Some(0.0), ctr: None },
            ..SOUND
        };
        assert!(none.check("a").unwrap().is_empty());
    }

    #[test]
    fn numbers_that_cannot_be_true_are_errors() {
        for spend in [f64::NAN, f64::INFINITY, -1.0, 1e12] {
            assert!(Counts { spend, ..SOUND }.check("a").is_err(), "{spend}");
        }
        assert!(Counts { impressions: u64::MAX, ..SOUND }.check("a").is_err());
        assert!(unique(["a", "b", "a"].into_iter()).is_err());
        assert!(unique([""].into_iter()).is_err());
    }
}
