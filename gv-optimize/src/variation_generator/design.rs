//! Which levels go together: balanced columns, swapped until pairs of levels are spread evenly.

use crate::posterior::Stream;

/// Chooses `rows` combinations of levels; the first is all zeros.
///
/// Every column shows each of its levels equally often, up to one. Swaps within columns then
/// minimise the sum over column pairs of squared pair counts (J₂-optimality: H. Xu, *An Algorithm
/// for Constructing Orthogonal and Nearly-Orthogonal Arrays*, Technometrics 44, 2002), which covers
/// as many pairs as it can and keeps main effects apart. Combinations may repeat where there are
/// few; the caller removes those.
pub(crate) fn balanced(levels: &[usize], rows: usize, seed: u64) -> Vec<Vec<usize>> {
    let mut stream = Stream::new(seed, "balanced design", rows as u64);
    let mut columns: Vec<Vec<usize>> = levels
        .iter()
        .map(|count| {
            let mut column: Vec<usize> = (0..rows).map(|row| row % (*count).max(1)).collect();
            for i in (2..rows).rev() {
                column.swap(i, 1 + stream.below(i));
            }
            column
        })
        .collect();
    let mut pairs = PairCounts::new(levels, &columns);
    let varied: Vec<usize> = (0..levels.len()).filter(|c| levels[*c] > 1).collect();
    if rows > 2 && varied.len() > 1 {
        let tries = (rows * 400).min(400_000 / levels.len());
        let mut since_better = 0;
        for _ in 0..tries {
            let column = varied[stream.below(varied.len())];
            let (a, b) = (1 + stream.below(rows - 1), 1 + stream.below(rows - 1));
            if columns[column][a] == columns[column][b] {
                continue;
            }
            let change = pairs.swap(&mut columns, column, a, b);
            if change > 0 {
                pairs.swap(&mut columns, column, a, b);
            }
            since_better = if change < 0 { 0 } else { since_better + 1 };
            if since_better > rows * 60 {
                break;
            }
        }
    }
    (0..rows).map(|row| columns.iter().map(|column| column[row]).collect()).collect()
}

/// How often each pair of levels occurs.
struct PairCounts {
    counts: Vec<i64>,
    offsets: Vec<usize>,
    levels: Vec<usize>,
}

impl PairCounts {
    fn new(levels: &[usize], columns: &[Vec<usize>]) -> Self {
        let mut offsets = Vec::new();
        let mut size = 0;
        for a in 0..levels.len() {
            for b in 0..levels.len() {
                offsets.push(size);
                if a < b {
                    size += levels[a] * levels[b];
                }
            }
        }
        let mut counts = Self { counts: vec![0; size], offsets, levels: levels.to_vec() };
        for a in 0..levels.len() {
            for b in a + 1..levels.len() {
                for (x, y) in columns[a].iter().zip(&columns[b]) {
                    let cell = counts.cell(a, *x, b, *y);
                    counts.counts[cell] += 1;
                }
            }
        }
        counts
    }

    fn cell(&self, a: usize, x: usize, b: usize, y: usize) -> usize {
        let (a, x, b, y) = if a < b { (a, x, b, y) } else { (b, y, a, x) };
        self.offsets[a * self.levels.len() + b] + x * self.levels[b] + y
    }

    /// Swaps two rows of a column; returns the change of the sum of squares.
    fn swap(&mut self, columns: &mut [Vec<usize>], column: usize, a: usize, b: usize) -> i64 {
        let (x, y) = (columns[column][a], columns[column][b]);
        let mut change = 0;
        for (other, rows) in columns.iter().enumerate() {
            if other == column {
                continue;
            }
            let (p, q) = (rows[a], rows[b]);
            for (level, partner, by) in [(x, p, -1), (y, q, -1), (y, p, 1), (x, q, 1)] {
                let cell = self.cell(column, level, other, partner);
                let before = self.counts[cell];
                self.counts[cell] = before + by;
                change += (before + by) * (before + by) - before * before;
            }
        }
        columns[column].swap(a, b);
        change
    }
}

/// The share of level pairs that rows cover, of those that so many rows could cover at most and of
/// all.
pub(crate) fn pair_coverage(levels: &[usize], rows: &[Vec<usize>]) -> (f64, f64) {
    let (mut covered, mut possible, mut all) = (0_usize, 0_usize, 0_usize);
    for a in 0..levels.len() {
        for b in a + 1..levels.len() {
            let cells = levels[a] * levels[b];
            let mut seen = vec![false; cells];
            for row in rows {
                if let Some(cell) = seen.get_mut(row[a] * levels[b] + row[b]) {
                    *cell = true;
                }
            }
            covered += seen.iter().filter(|cell| **cell).count();
            possible += cells.min(rows.len());
            all += cells;
        }
    }
    let share = |of: usize| if of == 0 { 1.0 } else { covered as f64 / of as f64 };
    (share(possible), share(all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifty_rows_cover_three_quarters_of_all_pairs_whatever_the_seed() {
        let levels = [10, 10, 10, 5, 3, 3];
        for seed in 0..10 {
            let rows = balanced(&levels, 50, seed);
            let (possible, all) = pair_coverage(&levels, &rows);
            assert!(all >= 0.75 && possible > 0.96, "{seed} {possible} {all}");
            assert_eq!(rows[0], [0; 6]);
        }
    }

    #[test]
    fn levels_occur_equally_often() {
        let rows = balanced(&[10, 5, 3], 50, 1);
        for (column, count) in [10, 5, 3].into_iter().enumerate() {
            for level in 0..count {
                let n = rows.iter().filter(|row| row[column] == level).count();
                assert!(n == 50 / count || n == 50 / count + 1, "{column} {level} {n}");
            }
        }
    }

    #[test]
    fn small_designs_are_ordinary() {
        assert!(balanced(&[3, 3], 0, 0).is_empty());
        assert_eq!(balanced(&[3, 3], 1, 0), [[0, 0]]);
        assert_eq!(balanced(&[1, 1], 3, 0).len(), 3);
        assert!(balanced(&[], 2, 0).iter().all(Vec::is_empty));
        assert_eq!(pair_coverage(&[1], &[]), (1.0, 1.0));
    }
}
