//! Small gradient-boosted trees on histograms (Friedman 2001; bins as in LightGBM, Ke et al. 2017).

use super::encode::SparseRow;
use serde::{Deserialize, Serialize};

const BINS: usize = 64;
const TREES: usize = 200;
const DEPTH: usize = 3;
const LEARNING_RATE: f64 = 0.04;
/// Least number of rows in a leaf.
const MIN_LEAF: usize = 10;
/// Penalty on a leaf's value, as a multiple of the mean weight of a row.
const LEAF_PENALTY: f64 = 10.0;

/// Trees whose values add up.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Forest {
    trees: Vec<Tree>,
}

/// A tree as its nodes; node 0 is the root.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Tree {
    nodes: Vec<Node>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
enum Node {
    /// Rows whose column is at most the threshold go to `below`, the others to `above`.
    Split {
        column: usize,
        threshold: f64,
        below: usize,
        above: usize,
    },
    Leaf {
        value: f64,
    },
}

impl Forest {
    /// The sum over the trees; `row` holds every column.
    pub(super) fn value(&self, row: &[f64]) -> f64 {
        self.trees.iter().map(|tree| tree.value(row)).sum()
    }

    /// Whether every node leads forward to nodes that are there and every column is below `width`,
    /// as in a forest that was grown here.
    pub(super) fn is_sound(&self, width: usize) -> bool {
        self.trees.iter().all(|tree| {
            !tree.nodes.is_empty()
                && tree.nodes.iter().enumerate().all(|(at, node)| match *node {
                    Node::Split { column, threshold, below, above } => {
                        let forward = |next: usize| next > at && next < tree.nodes.len();
                        column < width && threshold.is_finite() && forward(below) && forward(above)
                    }
                    Node::Leaf { value } => value.is_finite(),
                })
        })
    }
}

impl Tree {
    fn value(&self, row: &[f64]) -> f64 {
        let mut at = 0;
        loop {
            match self.nodes[at] {
                Node::Split { column, threshold, below, above } => {
                    at = if row[column] <= threshold { below } else { above };
                }
                Node::Leaf { value } => return value,
            }
        }
    }
}

/// Makes a row of the first `width` columns with its zeros.
pub(super) fn dense(row: &SparseRow, width: usize) -> Vec<f64> {
    let mut out = vec![0.0; width];
    for &(at, value) in row.iter().filter(|&&(at, _)| at < width) {
        out[at] = value;
    }
    out
}

/// Rows by column and bin.
struct Binned {
    /// `thresholds[column][bin]` is the largest value of the bin.
    thresholds: Vec<Vec<f64>>,
    /// `bins[column][row]`.
    bins: Vec<Vec<u8>>,
}

impl Binned {
    fn new(rows: &[Vec<f64>], width: usize) -> Self {
        let mut thresholds = Vec::with_capacity(width);
        let mut bins = Vec::with_capacity(width);
        for column in 0..width {
            let mut values: Vec<f64> = rows.iter().map(|row| row[column]).collect();
            let unsorted = values.clone();
            values.sort_by(f64::total_cmp);
            values.dedup();
            let edges: Vec<f64> = if values.len() <= BINS {
                values
            } else {
                let mut sorted = unsorted.clone();
                sorted.sort_by(f64::total_cmp);
                let mut edges: Vec<f64> =
                    (1..=BINS).map(|i| sorted[i * sorted.len() / BINS - 1]).collect();
                edges.dedup();
                edges
            };
            bins.push(
                unsorted
                    .iter()
                    .map(|value| {
                        let bin = edges.partition_point(|edge| edge < value);
                        u8::try_from(bin.min(edges.len().saturating_sub(1))).unwrap_or(u8::MAX)
                    })
                    .collect(),
            );
            thresholds.push(edges);
        }
        Self { thresholds, bins }
    }
}

#[derive(Clone, Copy, Default)]
struct Sums {
    weight: f64,
    moment: f64,
    count: usize,
}

impl Sums {
    fn add(&mut self, weight: f64, residual: f64) {
        self.weight += weight;
        self.moment += weight * residual;
        self.count += 1;
    }

    fn plus(self, other: Self) -> Self {
        Self {
            weight: self.weight + other.weight,
            moment: self.moment + other.moment,
            count: self.count + other.count,
        }
    }

    fn minus(self, other: Self) -> Self {
        Self {
            weight: self.weight - other.weight,
            moment: self.moment - other.moment,
            count: self.count - other.count,
        }
    }

    /// What a leaf of these rows takes off the squared error.
    fn gain(self, penalty: f64) -> f64 {
        self.moment * self.moment / (self.weight + penalty)
    }
}

struct Grower<'a> {
    binned: &'a Binned,
    weights: &'a [f64],
    residuals: &'a [f64],
    penalty: f64,
    nodes: Vec<Node>,
    /// Value of each row's leaf.
    fitted: Vec<f64>,
}

impl Grower<'_> {
    fn grow(&mut self, rows: &[usize], depth: usize) -> usize {
        let at = self.nodes.len();
        self.nodes.push(Node::Leaf { value: 0.0 });
        let split = if depth < DEPTH { self.best_split(rows) } else { None };
        match split {
            Some((column, bin)) => {
                let bins = &self.binned.bins[column];
                let (low, high): (Vec<usize>, Vec<usize>) =
                    rows.iter().partition(|&&row| usize::from(bins[row]) <= bin);
                let threshold = self.binned.thresholds[column][bin];
                let below = self.grow(&low, depth + 1);
                let above = self.grow(&high, depth + 1);
                self.nodes[at] = Node::Split { column, threshold, below, above };
            }
            None => {
                let sums = self.sums(rows);
                let value = LEARNING_RATE * sums.moment / (sums.weight + self.penalty);
                self.nodes[at] = Node::Leaf { value };
                for &row in rows {
                    self.fitted[row] = value;
                }
            }
        }
        at
    }

    fn sums(&self, rows: &[usize]) -> Sums {
        let mut sums = Sums::default();
        for &row in rows {
            sums.add(self.weights[row], self.residuals[row]);
        }
        sums
    }

    fn best_split(&self, rows: &[usize]) -> Option<(usize, usize)> {
        if rows.len() < 2 * MIN_LEAF {
            return None;
        }
        let whole = self.sums(rows);
        let (mut best, mut best_gain) = (None, whole.gain(self.penalty) * (1.0 + 1e-9) + 1e-12);
        for (column, bins) in self.binned.bins.iter().enumerate() {
            let edges = self.binned.thresholds[column].len();
            if edges < 2 {
                continue;
            }
            let mut histogram = [Sums::default(); BINS];
            for &row in rows {
                histogram[usize::from(bins[row])].add(self.weights[row], self.residuals[row]);
            }
            let mut low = Sums::default();
            for (bin, sums) in histogram.iter().enumerate().take(edges - 1) {
                low = low.plus(*sums);
                let high = whole.minus(low);
                if low.count < MIN_LEAF || high.count < MIN_LEAF {
                    continue;
                }
                let gain = low.gain(self.penalty) + high.gain(self.penalty);
                if gain > best_gain {
                    (best, best_gain) = (Some((column, bin)), gain);
                }
            }
        }
        best
    }
}

/// Grows trees that explain `residuals`, each on what those before it left over.
pub(super) fn boost(rows: &[Vec<f64>], residuals: &[f64], weights: &[f64]) -> Forest {
    let width = rows.first().map_or(0, Vec::len);
    let mut forest = Forest::default();
    if width == 0 || rows.len() < 2 * MIN_LEAF {
        return forest;
    }
    let binned = Binned::new(rows, width);
    let mean_weight = weights.iter().sum::<f64>() / weights.len() as f64;
    let mut left: Vec<f64> = residuals.to_vec();
    let all: Vec<usize> = (0..rows.len()).collect();
    for _ in 0..TREES {
        let mut grower = Grower {
            binned: &binned,
            weights,
            residuals: &left,
            penalty: LEAF_PENALTY * mean_weight,
            nodes: Vec::new(),
            fitted: vec![0.0; rows.len()],
        };
        grower.grow(&all, 0);
        let (nodes, fitted) = (grower.nodes, grower.fitted);
        if nodes.len() == 1 {
            break;
        }
        for (left, fitted) in left.iter_mut().zip(&fitted) {
            *left -= fitted;
        }
        forest.trees.push(Tree { nodes });
    }
    forest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::posterior::Stream;

    #[test]
    fn an_interaction_that_no_line_can_follow_is_found() {
        let mut random = Stream::new(5, "boost", 0);
        let rows: Vec<Vec<f64>> =
            (0..800).map(|_| vec![random.normal(), random.normal(), random.normal()]).collect();
        let truth = |row: &[f64]| if (row[0] > 0.0) == (row[1] > 0.0) { 1.0 } else { -1.0 };
        let outcomes: Vec<f64> =
            rows.iter().map(|row| truth(row) + 0.3 * random.normal()).collect();
        let forest = boost(&rows, &outcomes, &vec![1.0; 800]);
        assert!(forest.is_sound(3));
        let right = (0..500)
            .filter(|_| {
                let row = [random.normal(), random.normal(), random.normal()];
                forest.value(&row).signum() == truth(&row)
            })
            .count();
        assert!(right > 450, "{right} of 500");
    }

    #[test]
    fn equal_rows_grow_no_tree() {
        let rows = vec![vec![1.0]; 100];
        let forest = boost(&rows, &[1.0; 100], &[1.0; 100]);
        assert_eq!(forest, Forest::default());
    }

    #[test]
    fn a_damaged_forest_is_not_sound() {
        let nodes = vec![Node::Split { column: 0, threshold: 0.0, below: 0, above: 9 }];
        assert!(!Forest { trees: vec![Tree { nodes }] }.is_sound(1));
    }
}
