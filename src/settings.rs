//! The optional settings: one object, which the environment or a caller fills.

use crate::analyze::AnalyzeOptions;
use crate::{Error, Result};
use serde::Serialize;

/// Frames a second at which windows are counted.
const WINDOW_RATE: f64 = 30.0;

/// What is set; `None` leaves a component its own default.
///
/// # Examples
///
/// ```
/// use geminivideo::Settings;
///
/// let settings = Settings::default().set("TARGET_ROAS", "3")?;
/// assert_eq!(settings.target_roas, Some(3.0));
/// assert!(Settings::default().set("TARGET_RAOS", "3").is_err());
/// # Ok::<(), geminivideo::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct Settings {
    /// `MOTION_WINDOW_SIZE`: frames of the window around a moment, at 30 frames a second, 6 to 9000. Default: 30.
    pub motion_window_size: Option<f64>,
    /// `FACE_DETECTION_CONFIDENCE`: least confidence of a face, 0 to 1. Default: 0.5.
    pub face_detection_confidence: Option<f64>,
    /// `SYNC_TOLERANCE`: seconds that picture and sound may be apart and still match, above 0 to 0.5. Default: 0.1.
    pub sync_tolerance: Option<f64>,
    /// `TARGET_ROAS`: the return aimed at, above 0. Default: 2.
    pub target_roas: Option<f64>,
    /// `MIN_BUDGET`: the least daily budget of an ad that runs, 0 or more. Default: 10.
    pub min_budget: Option<f64>,
    /// `RETRAIN_THRESHOLD`: outcomes before a model learns anew, 1 or more. Default: 100.
    pub retrain_threshold: Option<u32>,
    /// `PATTERNS_DB_PATH`: the address of the store. Default: a file in the user's data folder.
    pub patterns_db_path: Option<String>,
}

impl Settings {
    /// The settings by name, as environment variables are called.
    pub const NAMES: [&'static str; 7] = [
        "MOTION_WINDOW_SIZE",
        "FACE_DETECTION_CONFIDENCE",
        "SYNC_TOLERANCE",
        "TARGET_ROAS",
        "MIN_BUDGET",
        "RETRAIN_THRESHOLD",
        "PATTERNS_DB_PATH",
    ];

    /// Reads the environment variables of these names; an empty one counts as not set.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for a value out of its range.
    pub fn from_env() -> Result<Self> {
        Self::read(|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
    }

    /// Reads each name by `variable`.
    fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let mut settings = Self::default();
        for name in Self::NAMES {
            if let Some(value) = variable(name).filter(|value| !value.is_empty()) {
                settings = settings.set(name, &value)?;
            }
        }
        Ok(settings)
    }

    /// Sets one by its name, in capitals or small letters.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownSetting`] for another name, [`Error::InvalidOption`] for a value out of its range.
    pub fn set(mut self, name: &str, value: &str) -> Result<Self> {
        let known = Self::NAMES.into_iter().find(|known| known.eq_ignore_ascii_case(name));
        let Some(known) = known else {
            return Err(Error::UnknownSetting {
                name: name.to_owned(),
                known: Self::NAMES.join(", "),
            });
        };
        let number = |allowed: &'static str, is_allowed: fn(f64) -> bool| {
            let number = value.trim().parse::<f64>().ok();
            number.filter(|number| number.is_finite() && is_allowed(*number)).ok_or_else(|| {
                Error::InvalidOption { name: known, given: value.to_owned(), allowed }
            })
        };
        match known {
            "MOTION_WINDOW_SIZE" => {
                let frames = number("6 to 9000 frames", |frames| (6.0..=9000.0).contains(&frames))?;
                self.motion_window_size = Some(frames);
            }
            "FACE_DETECTION_CONFIDENCE" => {
                let least = number("0 to 1", |least| (0.0..=1.0).contains(&least))?;
                self.face_detection_confidence = Some(least);
            }
            "SYNC_TOLERANCE" => {
                let allowed = "above 0 to 0.5 seconds";
                let seconds = number(allowed, |seconds| seconds > 0.0 && seconds <= 0.5)?;
                self.sync_tolerance = Some(seconds);
            }
            "TARGET_ROAS" => {
                self.target_roas = Some(number("a number above 0", |roas| roas > 0.0)?);
            }
            "MIN_BUDGET" => {
                self.min_budget = Some(number("a number, 0 or more", |budget| budget >= 0.0)?);
            }
            "RETRAIN_THRESHOLD" => {
                let whole = |count: f64| count.fract() == 0.0 && (1.0..=1e9).contains(&count);
                let count = number("a whole number, 1 to 1000000000", whole)?;
                self.retrain_threshold = Some(count as u32);
            }
            _ => self.patterns_db_path = Some(value.to_owned()),
        }
        Ok(self)
    }

    /// These, and where one is not set, that of `other`.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            motion_window_size: self.motion_window_size.or(other.motion_window_size),
            face_detection_confidence: self
                .face_detection_confidence
                .or(other.face_detection_confidence),
            sync_tolerance: self.sync_tolerance.or(other.sync_tolerance),
            target_roas: self.target_roas.or(other.target_roas),
            min_budget: self.min_budget.or(other.min_budget),
            retrain_threshold: self.retrain_threshold.or(other.retrain_threshold),
            patterns_db_path: self.patterns_db_path.or(other.patterns_db_path),
        }
    }

    /// The options of an analysis under these settings.
    pub fn analyze_options(&self) -> AnalyzeOptions {
        let mut options = AnalyzeOptions::default();
        if let Some(frames) = self.motion_window_size {
            options.moments.window = frames / WINDOW_RATE;
        }
        if let (Some(least), Some(faces)) = (self.face_detection_confidence, &mut options.faces) {
            faces.confidence = least as f32;
        }
        options
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_and_nothing_else() {
        let values = ["15", "0.7", "0.04", "3", "5", "50", "/data/patterns"];
        let read = Settings::read(|name| {
            let at = Settings::NAMES.iter().position(|known| *known == name).unwrap();
            Some(values[at].to_owned())
        })
        .unwrap();
        let expected = Settings {
            motion_window_size: Some(15.0),
            face_detection_confidence: Some(0.7),
            sync_tolerance: Some(0.04),
            target_roas: Some(3.0),
            min_budget: Some(5.0),
            retrain_threshold: Some(50),
            patterns_db_path: Some("/data/patterns".into()),
        };
        assert_eq!(read, expected);
        assert_eq!(Settings::read(|_| Some(String::new())).unwrap(), Settings::default());
    }

    #[test]
    fn what_is_out_of_range_or_unknown_is_refused_by_name() {
        for (name, value) in [
            ("MOTION_WINDOW_SIZE", "0"),
            ("FACE_DETECTION_CONFIDENCE", "1.5"),
            ("SYNC_TOLERANCE", "NaN"),
            ("TARGET_ROAS", "-1"),
            ("MIN_BUDGET", "much"),
            ("RETRAIN_THRESHOLD", "1.5"),
            ("RETRAIN_THRESHOLD", "inf"),
            ("COLOUR", "red"),
        ] {
            let error = Settings::default().set(name, value).unwrap_err();
            assert!(error.to_string().contains(name), "{error}");
            assert_eq!(error.kind(), crate::ErrorKind::InvalidInput);
        }
    }

    #[test]
    fn an_analysis_takes_its_window_and_its_faces_from_them() {
        let settings = Settings::default().set("motion_window_size", "15").unwrap();
        let settings = settings.set("face_detection_confidence", "0.9").unwrap();
        let options = settings.analyze_options();
        assert_eq!(options.moments.window, 0.5);
        assert_eq!(options.faces.unwrap().confidence, 0.9);
        assert_eq!(Settings::default().analyze_options(), AnalyzeOptions::default());
    }

    #[test]
    fn the_first_that_is_set_counts() {
        let set = |value| Settings::default().set("target_roas", value).unwrap();
        let minimum = set("1").set("min_budget", "4").unwrap();
        let both = set("3").or(minimum);
        assert_eq!((both.target_roas, both.min_budget), (Some(3.0), Some(4.0)));
    }
}
