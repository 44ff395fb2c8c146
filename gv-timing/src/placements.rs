//! Placements: what a platform asks of a video, and what its controls cover.
//!
//! The figures are the platforms' own recommendations as of the table's date; `data/placements.json` can be replaced by a
//! table of your own.

use crate::{Area, Error, Result};
use serde::{Deserialize, Serialize};

/// What a platform's controls cover, as shares of the picture's height (top, bottom) and width (left, right).
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Margins {
    /// Above.
    pub top: f64,
    /// Below.
    pub bottom: f64,
    /// On the left.
    pub left: f64,
    /// On the right.
    pub right: f64,
}

impl Margins {
    /// Share of `area` that lies under the controls or outside of the picture, 0 to 1.
    pub fn covered(&self, area: &Area) -> f64 {
        let free = Area {
            x: self.left,
            y: self.top,
            width: (1.0 - self.left - self.right).max(0.0),
            height: (1.0 - self.top - self.bottom).max(0.0),
        };
        let share = area.share();
        if share > 0.0 { (1.0 - free.common(area) / share).clamp(0.0, 1.0) } else { 0.0 }
    }
}

/// Where an ad is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Placement {
    /// Its name: `stories`, `reels`, `tiktok`, `shorts`, ...
    pub name: String,
    /// Widths over heights that it takes, as pairs.
    pub aspects: Vec<(u32, u32)>,
    /// Shortest ad in seconds.
    pub shortest: f64,
    /// Longest ad in seconds.
    pub longest: f64,
    /// What the controls cover.
    pub covered: Margins,
    /// Where the figures are from.
    pub source: String,
}

/// A dated table of placements.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Placements {
    /// When the figures were looked up.
    pub dated: String,
    /// The placements.
    pub placements: Vec<Placement>,
}

impl Placements {
    /// The built-in table.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] where it is damaged, which a test rules out.
    pub fn built_in() -> Result<Self> {
        Self::from_json(include_str!("../data/placements.json"))
    }

    /// Reads a table of the built-in one's shape.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] where it is of another shape, or a share is not from 0 to 1, or a name is there twice.
    pub fn from_json(text: &str) -> Result<Self> {
        let table: Self =
            serde_json::from_str(text).map_err(|error| Error::table("placements", &error))?;
        let bad = |reason: String| Err(Error::Table { what: "placements", reason });
        for (number, placement) in table.placements.iter().enumerate() {
            let Margins { top, bottom, left, right } = placement.covered;
            if ![top, bottom, left, right].iter().all(|share| (0.0..=1.0).contains(share)) {
                return bad(format!("{}: shares are from 0 to 1", placement.name));
            }
            if placement.aspects.iter().any(|&(width, height)| width == 0 || height == 0) {
                return bad(format!("{}: an aspect is two numbers above 0", placement.name));
            }
            if table.placements[..number].iter().any(|other| other.name == placement.name) {
                return bad(format!("{} is there twice", placement.name));
            }
        }
        Ok(table)
    }

    /// The placement of a name.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] where there is none.
    pub fn get(&self, name: &str) -> Result<&Placement> {
        self.placements.iter().find(|placement| placement.name == name).ok_or_else(|| {
            Error::Unknown {
                what: "placement",
                given: name.into(),
                known: self.placements.iter().map(|placement| placement.name.clone()).collect(),
            }
        })
    }
}

impl Placement {
    /// Whether a picture of `aspect` (width over height) is taken as it is: within 2 % of one that is taken.
    pub fn takes_aspect(&self, aspect: f64) -> bool {
        self.aspects.iter().any(|&(width, height)| {
            let taken = f64::from(width) / f64::from(height);
            (aspect / taken - 1.0).abs() <= 0.02
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_table_names_the_four_vertical_placements() {
        let table = Placements::built_in().unwrap();
        for name in ["stories", "reels", "tiktok", "shorts"] {
            let placement = table.get(name).unwrap();
            assert!(placement.takes_aspect(1080.0 / 1920.0) && !placement.takes_aspect(1.0));
        }
        let told = table.get("billboard").unwrap_err().to_string();
        assert!(told.contains("\"billboard\"") && told.contains("tiktok"), "{told}");
    }

    #[test]
    fn what_lies_under_the_controls_is_told_as_a_share() {
        let margins = Margins { top: 0.1, bottom: 0.2, left: 0.0, right: 0.1 };
        let area = |x, y, width, height| Area { x, y, width, height };
        assert_eq!(margins.covered(&area(0.2, 0.3, 0.4, 0.2)), 0.0);
        assert_eq!(margins.covered(&area(0.2, 0.85, 0.4, 0.1)), 1.0);
        assert!((margins.covered(&area(0.0, 0.7, 0.5, 0.2)) - 0.5).abs() < 1e-9);
        assert_eq!(margins.covered(&area(0.2, 0.2, 0.0, 0.0)), 0.0);
    }

    #[test]
    fn a_table_of_ones_own_is_checked() {
        let told = |text: &str| Placements::from_json(text).unwrap_err().to_string();
        assert!(told("[]").starts_with("the table of placements cannot be used"));
        let mut table = Placements::built_in().unwrap();
        table.placements[0].covered.top = 1.5;
        assert!(told(&serde_json::to_string(&table).unwrap()).contains("from 0 to 1"));
    }
}
