//! The built-in trainer: a ridge regression, small trees on what it leaves over, calibration.

use super::boosting::{Forest, boost, dense};
use super::encode::{Encoder, SparseRow};
use super::ridge::{self, Linear, Problem};
use super::split::grouped_folds;
use super::{Dataset, Estimate, Features, Isotonic, Target, TrainedModel, Trainer};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// Trees stay only where they take this share off the out-of-fold error.
const TREES_MUST_SAVE: f64 = 0.01;
const FOLDS: usize = 5;
/// Outcomes farther from the median than this many robust deviations count as that far.
const OUTLIER: f64 = 4.0;
const NAME: &str = "boosted_linear";
const FORMAT: u32 = 1;

/// How the built-in trainer learns.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct BoostedLinearOptions {
    /// Fewest examples to learn from, at least 10. Default: 20.
    pub min_examples: usize,
    /// Fewest examples for which the sum is calibrated. Default: 500.
    pub calibrate_from: usize,
    /// Whether trees may be added. Default: yes.
    pub trees: bool,
}

impl Default for BoostedLinearOptions {
    fn default() -> Self {
        Self { min_examples: 20, calibrate_from: 500, trees: true }
    }
}

impl BoostedLinearOptions {
    /// Learns from no fewer than `examples`.
    #[must_use]
    pub fn min_examples(mut self, examples: usize) -> Self {
        self.min_examples = examples;
        self
    }

    /// Calibrates from `examples` on.
    #[must_use]
    pub fn calibrate_from(mut self, examples: usize) -> Self {
        self.calibrate_from = examples;
        self
    }

    /// Adds trees where they help, or never.
    #[must_use]
    pub fn trees(mut self, trees: bool) -> Self {
        self.trees = trees;
        self
    }
}

/// The built-in trainer.
#[derive(Debug, Clone, Copy, Default)]
pub struct BoostedLinear {
    options: BoostedLinearOptions,
}

impl BoostedLinear {
    /// Learns as the options say.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] for fewer than 10 examples.
    pub fn new(options: BoostedLinearOptions) -> Result<Self> {
        if options.min_examples < 10 {
            return Err(crate::error::parameter(
                "min_examples",
                options.min_examples,
                "10 or more",
            ));
        }
        Ok(Self { options })
    }
}

/// What was learned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Model {
    format: u32,
    target: Target,
    encoder: Encoder,
    linear: Linear,
    forest: Forest,
    calibration: Option<Isotonic>,
    /// Standard deviation on the working scale that the model leaves unexplained.
    sd: f64,
    /// Smallest and largest outcome seen, on the working scale: nothing is predicted beyond them.
    range: (f64, f64),
}

impl Trainer for BoostedLinear {
    fn name(&self) -> &str {
        NAME
    }

    fn fit(&self, data: &Dataset) -> Result<Box<dyn TrainedModel>> {
        Ok(Box::new(self.learn(data)?))
    }

    fn load(&self, bytes: &[u8]) -> Result<Box<dyn TrainedModel>> {
        let bad = |problem: String| Error::BadModel { trainer: NAME.to_owned(), problem };
        let model: Model = serde_json::from_slice(bytes).map_err(|error| bad(error.to_string()))?;
        if model.format != FORMAT {
            return Err(bad(format!("its format is {}, read is {FORMAT}", model.format)));
        }
        let width = model.encoder.width();
        let sound = model.encoder.is_sound()
            && model.linear.coefficients.len() == width
            && model.linear.intercept.is_finite()
            && model.linear.coefficients.iter().all(|c| c.is_finite())
            && model.forest.is_sound(model.encoder.tree_width())
            && model.calibration.as_ref().is_none_or(Isotonic::is_sound)
            && model.sd >= 0.0
            && model.sd.is_finite()
            && model.range.0 <= model.range.1;
        if sound { Ok(Box::new(model)) } else { Err(bad("its parts contradict each other".into())) }
    }
}

impl BoostedLinear {
    fn learn(&self, data: &Dataset) -> Result<Model> {
        if data.len() < self.options.min_examples {
            return Err(Error::TooFewExamples {
                given: data.len(),
                needed: self.options.min_examples,
            });
        }
        let features: Vec<&Features> = data.examples().iter().map(|e| &e.features).collect();
        let encoder = Encoder::learn(&features);
        let rows: Vec<SparseRow> = features.iter().map(|row| encoder.encode(row)).collect();
        let outcomes = winsorized(data.outcomes());
        let weights = data.weights();
        let folds = grouped_folds(data, FOLDS);
        let problem =
            Problem { rows: &rows, outcomes: &outcomes, weights: &weights, width: encoder.width() };
        let fit = ridge::fit(&problem, &folds)
            .ok_or_else(|| Error::TooFewExamples { given: data.len(), needed: data.len() + 1 })?;
        let mut out_of_fold = fit.out_of_fold;
        let mut error = fit.out_of_fold_error;
        let mut forest = Forest::default();
        if self.options.trees {
            let dense: Vec<Vec<f64>> =
                rows.iter().map(|row| dense(row, encoder.tree_width())).collect();
            let residuals = subtract(&outcomes, &out_of_fold);
            let with_trees = boosted_out_of_fold(&dense, &residuals, &weights, &folds);
            let added: Vec<f64> = out_of_fold.iter().zip(&with_trees).map(|(a, b)| a + b).collect();
            let with_error = mean_square(&subtract(&outcomes, &added), &weights);
            if with_error < error * (1.0 - TREES_MUST_SAVE) {
                forest = boost(&dense, &residuals, &weights);
                (out_of_fold, error) = (added, with_error);
            }
        }
        let range = outcomes
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &y| (low.min(y), high.max(y)));
        let calibration = (data.len() >= self.options.calibrate_from)
            .then(|| {
                let points: Vec<(f64, f64, f64)> = out_of_fold
                    .iter()
                    .zip(outcomes.iter().zip(&weights))
                    .map(|(&x, (&y, &w))| (x, y, w))
                    .collect();
                calibration_that_helps(&points, &folds)
            })
            .flatten();
        let sd = unexplained_sd(data, &outcomes, &out_of_fold, error);
        let (format, target, linear) = (FORMAT, data.target(), fit.linear);
        Ok(Model { format, target, encoder, linear, forest, calibration, sd, range })
    }
}

impl TrainedModel for Model {
    fn predict(&self, rows: &[Features]) -> Result<Vec<Estimate>> {
        let estimate = |row: &Features| {
            let row = self.encoder.encode(row);
            let trees = self.forest.value(&dense(&row, self.encoder.tree_width()));
            let mut working = self.linear.value(&row) + trees;
            if let Some(calibration) = &self.calibration {
                working = calibration.value(working);
            }
            let working = working.clamp(self.range.0, self.range.1);
            Estimate { mean: self.target.from_working(working), sd: self.sd }
        };
        Ok(rows.iter().map(estimate).collect())
    }

    fn save(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self).map_err(|error| Error::BadModel {
            trainer: NAME.to_owned(),
            problem: error.to_string(),
        })
    }
}

fn boosted_out_of_fold(
    rows: &[Vec<f64>],
    residuals: &[f64],
    weights: &[f64],
    folds: &[usize],
) -> Vec<f64> {
    let mut out = vec![0.0; rows.len()];
    let last = folds.iter().max().copied().unwrap_or(0);
    for fold in 0..=last {
        let train: Vec<usize> = (0..rows.len()).filter(|&at| folds[at] != fold).collect();
        let take = |values: &[f64]| train.iter().map(|&at| values[at]).collect::<Vec<f64>>();
        let train_rows: Vec<Vec<f64>> = train.iter().map(|&at| rows[at].clone()).collect();
        let forest = boost(&train_rows, &take(residuals), &take(weights));
        for at in (0..rows.len()).filter(|&at| folds[at] == fold) {
            out[at] = forest.value(&rows[at]);
        }
    }
    out
}

/// An isotonic map of the out-of-fold predictions, if it makes predictions of folds that it was not
/// fitted on better.
fn calibration_that_helps(points: &[(f64, f64, f64)], folds: &[usize]) -> Option<Isotonic> {
    let last = folds.iter().max().copied().unwrap_or(0);
    let (mut before, mut after) = (0.0, 0.0);
    for fold in 0..=last {
        let (inside, outside): (Vec<usize>, Vec<usize>) =
            (0..points.len()).partition(|&at| folds[at] == fold);
        let train: Vec<(f64, f64, f64)> = outside.iter().map(|&at| points[at]).collect();
        let map = Isotonic::fit(&train)?;
        for (x, y, weight) in inside.iter().map(|&at| points[at]) {
            before += weight * (y - x) * (y - x);
            let mapped = map.value(x);
            after += weight * (y - mapped) * (y - mapped);
        }
    }
    (after < before).then(|| Isotonic::fit(points)).flatten()
}

/// What is left of the out-of-fold variance when the noise of counting is taken off.
fn unexplained_sd(data: &Dataset, outcomes: &[f64], predicted: &[f64], error: f64) -> f64 {
    let weights = data.weights();
    let total: f64 = weights.iter().sum();
    let counting: f64 = data
        .examples()
        .iter()
        .zip(&weights)
        .map(|(example, weight)| weight / example.events.max(0.5))
        .sum::<f64>()
        / total;
    let error = if error.is_finite() {
        error
    } else {
        mean_square(&subtract(outcomes, predicted), &weights)
    };
    (error - counting).max(0.05 * error).sqrt()
}

fn subtract(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

fn mean_square(errors: &[f64], weights: &[f64]) -> f64 {
    let total: f64 = weights.iter().sum();
    errors.iter().zip(weights).map(|(e, w)| w * e * e).sum::<f64>() / total
}

/// Draws outcomes that are far out (a return of exactly nothing is, on a logarithmic scale) nearer to
/// the median.
fn winsorized(mut outcomes: Vec<f64>) -> Vec<f64> {
    let median = median(outcomes.clone());
    let spread = 1.4826 * self::median(outcomes.iter().map(|y| (y - median).abs()).collect());
    if spread > 0.0 {
        let (low, high) = (median - OUTLIER * spread, median + OUTLIER * spread);
        for outcome in &mut outcomes {
            *outcome = outcome.clamp(low, high);
        }
    }
    outcomes
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => 0.0,
        n if n % 2 == 1 => values[middle],
        _ => (values[middle - 1] + values[middle]) / 2.0,
    }
}
