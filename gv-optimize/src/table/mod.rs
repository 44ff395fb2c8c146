//! Tables of ads as people have them: CSV or JSON rows with the platforms' own column names, and
//! plain-text tables to show on a screen.
//!
//! Ratios in such tables (CTR in percent, cost per result) are not read; they follow from the counts.
//!
//! # Examples
//!
//! ```
//! use gv_optimize::table::AdTable;
//!
//! let csv = "Ad ID,Amount spent (USD),Impressions,Link clicks,Purchases,Reporting starts,Reporting ends\n\
//!            a1,\"1,200.50\",90000,800,12,2026-11-01,2026-11-07\n";
//! let table = AdTable::from_csv(csv.as_bytes())?;
//! assert_eq!(table.rows[0].spend, 1200.5);
//! assert_eq!(table.rows[0].hours, 168.0);
//! assert_eq!(table.currency.as_deref(), Some("USD"));
//! # Ok::<(), gv_optimize::Error>(())
//! ```

mod columns;
mod render;

pub use columns::{Column, recognised_names};
pub use render::render;

use crate::budget_optimizer::{AdPerformance, AdStatus};
use crate::loser_kill_switch::AdMetrics;
use crate::{Error, Result};
pub(crate) use columns::day_number;
use columns::{number, recognise};
use serde::Serialize;
use std::collections::BTreeMap;

/// One ad of a table.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct AdRow {
    /// The ad's id; its name where the table has no ids.
    pub ad_id: String,
    /// Its campaign.
    pub campaign_id: String,
    /// Its creative.
    pub creative_id: String,
    /// Its ad set, which its daily budget belongs to; the ads of one stand in a table with the same budget.
    pub ad_set_id: String,
    /// Money spent, in currency units.
    pub spend: f64,
    /// Budget of a day, in currency units; 0 where the table has none.
    pub daily_budget: f64,
    /// Budget in all, in currency units; 0 where the table has none.
    pub budget: f64,
    /// Times shown.
    pub impressions: u64,
    /// Clicks.
    pub clicks: u64,
    /// Conversions.
    pub conversions: u64,
    /// Revenue, in currency units.
    pub revenue: f64,
    /// Hours it has run.
    pub hours: f64,
    /// Its state.
    pub status: AdStatus,
}

/// Ads read from a table.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct AdTable {
    /// The ads in the table's order.
    pub rows: Vec<AdRow>,
    /// The currency, where the table names one.
    pub currency: Option<String>,
    /// Columns that were not read.
    pub ignored: Vec<String>,
}

impl AdTable {
    /// Reads comma-separated values with a header; a byte order mark is skipped.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] naming row and column where a needed column is missing or recognised
    /// twice, a cell is no number, a count is negative or not whole, or currencies are mixed.
    pub fn from_csv(bytes: &[u8]) -> Result<Self> {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
        let failed = |error: csv::Error| Error::Table {
            place: "the table".to_owned(),
            problem: error.to_string(),
        };
        let header: Vec<String> =
            reader.headers().map_err(failed)?.iter().map(str::to_owned).collect();
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(failed)?;
            if record.iter().any(|cell| !cell.trim().is_empty()) {
                rows.push(record.iter().map(str::to_owned).collect());
            }
        }
        Self::read(&header, rows)
    }

    /// Reads a JSON list of objects; keys are recognised as columns are.
    ///
    /// # Errors
    ///
    /// As [`from_csv`](Self::from_csv).
    pub fn from_json(bytes: &[u8]) -> Result<Self> {
        let objects: Vec<BTreeMap<String, serde_json::Value>> = serde_json::from_slice(bytes)
            .map_err(|error| Error::Table {
                place: "the JSON list".to_owned(),
                problem: error.to_string(),
            })?;
        let mut header: Vec<String> = Vec::new();
        for key in objects.iter().flat_map(BTreeMap::keys) {
            if !header.contains(key) {
                header.push(key.clone());
            }
        }
        let cell = |value: Option<&serde_json::Value>| match value {
            None | Some(serde_json::Value::Null) => String::new(),
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        let rows = objects
            .iter()
            .map(|object| header.iter().map(|key| cell(object.get(key))).collect())
            .collect();
        Self::read(&header, rows)
    }

    fn read(header: &[String], rows: Vec<Vec<String>>) -> Result<Self> {
        let known = recognise(header)?;
        let mut table =
            Self { currency: known.currency, ignored: known.ignored, ..Self::default() };
        for (index, cells) in rows.into_iter().enumerate() {
            let line = Line { number: index + 2, header, cells, places: &known.places };
            if let Some(currency) = line.text(Column::Currency)
                && table.currency.get_or_insert_with(|| currency.clone()) != &currency
            {
                return Err(line.wrong(Column::Currency, "another currency than the rows before"));
            }
            table.rows.push(line.ad()?);
        }
        Ok(table)
    }

    /// The ads as the budget optimiser takes them.
    pub fn performances(&self) -> Vec<AdPerformance> {
        self.rows
            .iter()
            .map(|row| AdPerformance {
                ad_id: row.ad_id.clone(),
                campaign_id: row.campaign_id.clone(),
                creative_id: row.creative_id.clone(),
                budget_owner: row.ad_set_id.clone(),
                spend: row.spend,
                daily_budget: row.daily_budget,
                impressions: row.impressions,
                clicks: row.clicks,
                conversions: row.conversions,
                revenue: row.revenue,
                hours_active: row.hours,
                status: row.status,
                ..AdPerformance::default()
            })
            .collect()
    }

    /// The running ads as the kill switch takes them.
    pub fn metrics(&self) -> Vec<AdMetrics> {
        self.rows
            .iter()
            .filter(|row| row.status != AdStatus::Paused)
            .map(|row| AdMetrics {
                ad_id: row.ad_id.clone(),
                campaign_id: row.campaign_id.clone(),
                spend: row.spend,
                budget: row.budget,
                impressions: row.impressions,
                clicks: row.clicks,
                conversions: row.conversions,
                revenue: row.revenue,
                hours_running: row.hours,
                ..AdMetrics::default()
            })
            .collect()
    }
}

/// A row being read.
struct Line<'a> {
    number: usize,
    header: &'a [String],
    cells: Vec<String>,
    places: &'a BTreeMap<Column, usize>,
}

impl Line<'_> {
    fn ad(&self) -> Result<AdRow> {
        let ad_id = self
            .text(Column::AdId)
            .or_else(|| self.text(Column::AdName))
            .ok_or_else(|| self.wrong(Column::AdId, "empty"))?;
        Ok(AdRow {
            ad_id,
            campaign_id: self.text(Column::Campaign).unwrap_or_default(),
            creative_id: self.text(Column::Creative).unwrap_or_default(),
            ad_set_id: self.text(Column::AdSet).unwrap_or_default(),
            spend: self.amount(Column::Spend)?,
            daily_budget: self.amount(Column::DailyBudget)?,
            budget: self.amount(Column::Budget)?,
            impressions: self.count(Column::Impressions)?,
            clicks: self.count(Column::Clicks)?,
            conversions: self.count(Column::Conversions)?,
            revenue: self.amount(Column::Revenue)?,
            hours: self.hours()?,
            status: match self.text(Column::Status).unwrap_or_default().to_lowercase().as_str() {
                "paused" | "inactive" | "off" | "archived" | "deleted" | "not delivering" => {
                    AdStatus::Paused
                }
                "learning" | "in learning" | "learning limited" => AdStatus::Learning,
                "scaling" => AdStatus::Scaling,
                "declining" => AdStatus::Declining,
                _ => AdStatus::Maintaining,
            },
        })
    }

    fn text(&self, column: Column) -> Option<String> {
        let cell = self.cells.get(*self.places.get(&column)?)?.trim();
        (!cell.is_empty()).then(|| cell.to_owned())
    }

    fn amount(&self, column: Column) -> Result<f64> {
        self.text(column).map_or(Ok(0.0), |text| {
            number(&text).ok_or_else(|| self.wrong(column, &format!("{text:?}, not a number")))
        })
    }

    fn count(&self, column: Column) -> Result<u64> {
        let value = self.amount(column)?;
        if (0.0..=1e15).contains(&value) && value.fract() == 0.0 {
            Ok(value as u64)
        } else {
            Err(self.wrong(column, &format!("{value}, not a whole number from 0 to 1e15")))
        }
    }

    fn hours(&self) -> Result<f64> {
        if self.text(Column::Hours).is_some() {
            return self.amount(Column::Hours);
        }
        if self.text(Column::Days).is_some() {
            return Ok(24.0 * self.amount(Column::Days)?);
        }
        let day = |column| {
            let text =
                self.text(column).ok_or_else(|| self.wrong(column, "empty; a date is needed"))?;
            day_number(&text)
                .ok_or_else(|| self.wrong(column, &format!("{text:?}, not YYYY-MM-DD")))
        };
        let days = day(Column::Ends)? - day(Column::Starts)? + 1;
        if days < 1 {
            return Err(self.wrong(Column::Ends, "before the first day"));
        }
        Ok(24.0 * days as f64)
    }

    fn wrong(&self, column: Column, problem: &str) -> Error {
        let name = self
            .places
            .get(&column)
            .and_then(|place| self.header.get(*place))
            .map_or_else(|| column.name().to_owned(), Clone::clone);
        Error::Table {
            place: format!("row {}, column {name}", self.number),
            problem: format!("the value is {problem}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const META: &str = "\u{feff}Ad name,Ad ID,Campaign name,Amount spent (EUR),Impressions,Link clicks,Purchases,\
        Purchases conversion value,Ad set budget,Reporting starts,Reporting ends,Ad delivery,CTR (all)\n\
        Blue,1,Spring,\"€1,000.50\",90000,800,12,900,50,2026-10-30,2026-11-02,active,1.2\n\
        Red,2,Spring,20,9000,80,,,50,2026-10-30,2026-11-02,Inactive,\n\n";

    #[test]
    fn an_export_of_a_platform_is_read_as_it_is() {
        let table = AdTable::from_csv(META.as_bytes()).unwrap();
        assert_eq!(table.currency.as_deref(), Some("EUR"));
        assert_eq!(table.ignored, ["CTR (all)"]);
        let blue = &table.rows[0];
        assert_eq!((blue.ad_id.as_str(), blue.spend, blue.hours), ("1", 1000.5, 96.0));
        assert_eq!((blue.daily_budget, blue.conversions), (50.0, 12));
        assert_eq!(table.rows[1].status, AdStatus::Paused);
        assert_eq!(table.performances().len(), 2);
        assert_eq!(table.metrics().len(), 1);
    }

    #[test]
    fn json_rows_with_the_packages_own_names_are_read() {
        let json = br#"[{"ad_id": "a", "spend": 120, "impressions": 15000, "clicks": 30,
            "conversions": 0, "hours_running": 72, "status": "learning", "budget": 200}]"#;
        let table = AdTable::from_json(json).unwrap();
        assert_eq!((table.rows[0].budget, table.rows[0].status), (200.0, AdStatus::Learning));
    }

    #[test]
    fn what_cannot_be_read_is_named_by_row_and_column() {
        let message = |text: &str| AdTable::from_csv(text.as_bytes()).unwrap_err().to_string();
        let head = "ad_id,spend,impressions,clicks,conversions,hours\n";
        assert!(message("ad_id,spend\na,1\n").contains("impressions"));
        assert!(message(&format!("{head}a,much,1,1,0,9\n")).starts_with("row 2, column spend"));
        assert!(message(&format!("{head}a,1,1.5,1,0,9\n")).contains("column impressions"));
        assert!(message(&format!("{head},1,1,1,0,9\n")).contains("column ad_id"));
        assert!(message("id,ad_id,spend,impressions,clicks,conversions,hours\n").contains("both"));
        let mixed = "ad_id,spend,impressions,clicks,conversions,hours,currency\n\
                     a,1,1,1,0,9,USD\nb,1,1,1,0,9,EUR\n";
        assert!(message(mixed).contains("another currency"));
        assert!(AdTable::from_json(b"{}").is_err());
        assert!(AdTable::from_csv(b"\xff\xfe,\x00").is_err());
    }
}
