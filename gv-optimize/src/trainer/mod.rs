//! Learning from outcomes: which properties of a creative go with which result.
//!
//! The built-in [`BoostedLinear`] fits a weighted ridge regression on the log-odds of a rate or the
//! logarithm of a positive quantity, adds small boosted trees on what the ridge leaves over where
//! that helps on campaigns it has not seen, and calibrates the sum where there are enough examples.
//! Anything else, scikit-learn or LightGBM through Python, enters by the [`Trainer`] seam.
//!
//! # Examples
//!
//! ```
//! use gv_optimize::trainer::{BoostedLinear, Dataset, Example, Features, Target, Trainer};
//! use gv_optimize::Timestamp;
//!
//! let examples = (0..200).map(|i: i64| {
//!     let face = (i % 2) as f64;
//!     let features = Features::new().number("face_ratio", face).text("hook", "stop scrolling");
//!     let roas = 2.0 + face;
//!     Example::new(format!("ad_{i}"), format!("campaign_{}", i / 10), features, roas)
//!         .events(50.0)
//!         .known_at(Timestamp(i * 3_600_000))
//! });
//! let data = Dataset::new(Target::Positive, examples.collect())?;
//! let model = BoostedLinear::default().fit(&data)?;
//! let with_face = model.predict(&[Features::new().number("face_ratio", 1.0)])?[0];
//! let without = model.predict(&[Features::new().number("face_ratio", 0.0)])?[0];
//! assert!(with_face.mean > without.mean);
//! # Ok::<(), gv_optimize::Error>(())
//! ```

mod boosted_linear;
mod boosting;
mod data;
mod encode;
mod isotonic;
mod ridge;
mod score;
mod split;
#[cfg(test)]
mod tests;

pub use boosted_linear::{BoostedLinear, BoostedLinearOptions};
pub use data::{Dataset, Example, Feature, Features, Target};
pub(crate) use encode::words;
pub use isotonic::Isotonic;
pub(crate) use score::spearman;
pub use score::{Comparison, Scores, compare, score};
pub use split::{Split, expanding_windows, newest_groups};

use crate::Result;
use serde::{Deserialize, Serialize};

/// A predicted outcome in the target's own unit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The median of the outcome.
    pub mean: f64,
    /// Standard deviation on the working scale: of the log-odds of a rate, of the logarithm of a
    /// positive quantity. It holds what the model cannot explain, not the noise of counting.
    pub sd: f64,
}

/// Makes models from examples.
///
/// # For implementers
///
/// `fit` gives the same model for the same examples, whatever their order was when they were
/// collected (a [`Dataset`] is sorted). It refuses what it cannot learn from and never returns a
/// model whose predictions are not finite. `load` takes what [`TrainedModel::save`] gave, also from
/// an earlier version of the implementer, and checks it: the bytes may be damaged.
pub trait Trainer: Send + Sync + std::fmt::Debug {
    /// Names the kind of model, as the registry keeps it.
    fn name(&self) -> &str;

    /// Learns from examples.
    ///
    /// # Errors
    ///
    /// Where the examples are too few or say nothing, and whatever an implementer's library says, as the source of
    /// [`Error::Trainer`](crate::Error::Trainer).
    fn fit(&self, data: &Dataset) -> Result<Box<dyn TrainedModel>>;

    /// Reads a saved model.
    ///
    /// # Errors
    ///
    /// Where the bytes are no model of this trainer.
    fn load(&self, bytes: &[u8]) -> Result<Box<dyn TrainedModel>>;
}

/// A model that was learned.
///
/// # For implementers
///
/// `predict` returns one estimate for each row, in order; unknown features are ignored, missing ones
/// are what the training examples had on average.
pub trait TrainedModel: Send + Sync + std::fmt::Debug {
    /// Predicts outcomes.
    ///
    /// # Errors
    ///
    /// Whatever keeps the model from predicting, as the source of [`Error::Trainer`](crate::Error::Trainer).
    fn predict(&self, rows: &[Features]) -> Result<Vec<Estimate>>;

    /// Writes the model down.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from being written.
    fn save(&self) -> Result<Vec<u8>>;
}
