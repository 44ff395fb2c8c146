//! Weighted ridge regression on sparse rows, its penalty chosen on groups it has not seen.

use super::encode::SparseRow;
use serde::{Deserialize, Serialize};

/// Penalties that are tried, as a share of the mean diagonal of the weighted Gram matrix.
const PENALTIES: [f64; 8] = [0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0];

/// A linear function of a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Linear {
    pub(super) intercept: f64,
    pub(super) coefficients: Vec<f64>,
}

impl Linear {
    pub(super) fn value(&self, row: &SparseRow) -> f64 {
        let products = row.iter().map(|&(at, v)| self.coefficients.get(at).unwrap_or(&0.0) * v);
        self.intercept + products.sum::<f64>()
    }
}

/// Rows, outcomes and weights of one fit.
pub(super) struct Problem<'a> {
    pub(super) rows: &'a [SparseRow],
    pub(super) outcomes: &'a [f64],
    pub(super) weights: &'a [f64],
    pub(super) width: usize,
}

/// The sums that a ridge fit needs, intercept last: they add up over parts of the data.
#[derive(Clone)]
struct Normal {
    size: usize,
    gram: Vec<f64>,
    moment: Vec<f64>,
}

impl Normal {
    fn zero(width: usize) -> Self {
        let size = width + 1;
        Self { size, gram: vec![0.0; size * size], moment: vec![0.0; size] }
    }

    fn add(&mut self, row: &SparseRow, outcome: f64, weight: f64) {
        let one = (self.size - 1, 1.0);
        let entries = || row.iter().copied().chain([one]);
        for (i, a) in entries() {
            let scaled = weight * a;
            self.moment[i] += scaled * outcome;
            let line = &mut self.gram[i * self.size..(i + 1) * self.size];
            for (j, b) in entries() {
                line[j] += scaled * b;
            }
        }
    }

    fn minus(&self, part: &Self) -> Self {
        let subtract = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a - b).collect();
        Self {
            size: self.size,
            gram: subtract(&self.gram, &part.gram),
            moment: subtract(&self.moment, &part.moment),
        }
    }

    /// Mean diagonal of the Gram matrix without the intercept.
    fn scale(&self) -> f64 {
        let width = self.size - 1;
        let sum: f64 = (0..width).map(|i| self.gram[i * self.size + i]).sum();
        if width == 0 || sum <= 0.0 { 1.0 } else { sum / width as f64 }
    }

    /// Solves for the coefficients under a penalty that spares the intercept.
    fn solve(&self, penalty: f64) -> Option<Linear> {
        let n = self.size;
        let mut lower = self.gram.clone();
        for i in 0..n - 1 {
            lower[i * n + i] += penalty;
        }
        lower[n * n - 1] += 1e-9;
        cholesky(&mut lower, n)?;
        let mut x = self.moment.clone();
        for i in 0..n {
            let line = &lower[i * n..i * n + i];
            let known: f64 = line.iter().zip(&x[..i]).map(|(a, b)| a * b).sum();
            x[i] = (x[i] - known) / lower[i * n + i];
        }
        for i in (0..n).rev() {
            x[i] /= lower[i * n + i];
            let solved = x[i];
            for j in 0..i {
                x[j] -= lower[i * n + j] * solved;
            }
        }
        let intercept = x.pop()?;
        let finite = intercept.is_finite() && x.iter().all(|v| v.is_finite());
        finite.then_some(Linear { intercept, coefficients: x })
    }
}

/// Factors a symmetric positive definite matrix in place, into its lower triangle.
fn cholesky(a: &mut [f64], n: usize) -> Option<()> {
    for i in 0..n {
        let (before, here) = a.split_at_mut(i * n);
        let line = &mut here[..=i];
        for j in 0..i {
            let other = &before[j * n..j * n + j + 1];
            let sum: f64 = line[..j].iter().zip(&other[..j]).map(|(x, y)| x * y).sum();
            line[j] = (line[j] - sum) / other[j];
        }
        let square: f64 = line[..i].iter().map(|x| x * x).sum();
        let rest = line[i] - square;
        if rest.is_nan() || rest <= 0.0 {
            return None;
        }
        line[i] = rest.sqrt();
    }
    Some(())
}

/// A fit and what it predicts for rows it was not fitted on.
pub(super) struct Fit {
    pub(super) linear: Linear,
    /// For each row the prediction of the fit that left the row's fold out.
    pub(super) out_of_fold: Vec<f64>,
    /// Weighted mean square of the out-of-fold error.
    pub(super) out_of_fold_error: f64,
}

/// Fits with the penalty whose out-of-fold error is smallest; `folds[i]` is the fold of row `i`.
pub(super) fn fit(problem: &Problem<'_>, folds: &[usize]) -> Option<Fit> {
    let count = folds.iter().max().map_or(0, |&last| last + 1);
    let mut parts = vec![Normal::zero(problem.width); count];
    let mut whole = Normal::zero(problem.width);
    for (at, row) in problem.rows.iter().enumerate() {
        parts[folds[at]].add(row, problem.outcomes[at], problem.weights[at]);
        whole.add(row, problem.outcomes[at], problem.weights[at]);
    }
    let scale = whole.scale();
    let rests: Vec<Normal> = parts.iter().map(|part| whole.minus(part)).collect();
    let total: f64 = problem.weights.iter().sum();
    let mut best: Option<(f64, f64, Vec<f64>)> = None;
    for penalty in PENALTIES.map(|share| share * scale) {
        let Some(fits) =
            rests.iter().map(|rest| rest.solve(penalty)).collect::<Option<Vec<Linear>>>()
        else {
            continue;
        };
        let predicted: Vec<f64> =
            problem.rows.iter().zip(folds).map(|(row, &fold)| fits[fold].value(row)).collect();
        let error = weighted_square(problem, &predicted) / total;
        if best.as_ref().is_none_or(|(least, ..)| error < *least) {
            best = Some((error, penalty, predicted));
        }
    }
    let (out_of_fold_error, penalty, out_of_fold) = best?;
    Some(Fit { linear: whole.solve(penalty)?, out_of_fold, out_of_fold_error })
}

fn weighted_square(problem: &Problem<'_>, predicted: &[f64]) -> f64 {
    let errors = problem.outcomes.iter().zip(predicted).map(|(y, p)| (y - p) * (y - p));
    errors.zip(problem.weights).map(|(square, weight)| square * weight).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::posterior::Stream;

    #[test]
    fn planted_coefficients_are_found() {
        let mut random = Stream::new(3, "ridge", 0);
        let rows: Vec<SparseRow> =
            (0..400).map(|_| (0..4).map(|at| (at, random.normal())).collect()).collect();
        let truth = Linear { intercept: 1.5, coefficients: vec![2.0, -1.0, 0.0, 0.5] };
        let outcomes: Vec<f64> =
            rows.iter().map(|row| truth.value(row) + 0.1 * random.normal()).collect();
        let weights = vec![1.0; 400];
        let folds: Vec<usize> = (0..400).map(|i| i % 5).collect();
        let problem = Problem { rows: &rows, outcomes: &outcomes, weights: &weights, width: 4 };
        let fit = fit(&problem, &folds).unwrap();
        for (found, planted) in fit.linear.coefficients.iter().zip(&truth.coefficients) {
            assert!((found - planted).abs() < 0.03, "{found} for {planted}");
        }
        assert!((fit.out_of_fold_error.sqrt() - 0.1).abs() < 0.02);
    }

    #[test]
    fn noise_is_answered_by_the_mean() {
        let mut random = Stream::new(4, "noise", 0);
        let rows: Vec<SparseRow> =
            (0..200).map(|_| (0..30).map(|at| (at, random.normal())).collect()).collect();
        let outcomes: Vec<f64> = rows.iter().map(|_| 5.0 + random.normal()).collect();
        let weights = vec![1.0; 200];
        let folds: Vec<usize> = (0..200).map(|i| i % 5).collect();
        let problem = Problem { rows: &rows, outcomes: &outcomes, weights: &weights, width: 30 };
        let fit = fit(&problem, &folds).unwrap();
        assert!((fit.linear.intercept - 5.0).abs() < 0.3);
        assert!(fit.linear.coefficients.iter().all(|c| c.abs() < 0.12));
    }
}
