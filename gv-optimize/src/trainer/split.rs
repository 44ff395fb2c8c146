//! Parts of the data that a model is fitted on and judged by: later is judged by earlier, and a
//! campaign is never on both sides.

use super::Dataset;
use std::collections::BTreeMap;

/// Positions of examples to fit on and to judge by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Split {
    /// What is fitted on.
    pub train: Vec<usize>,
    /// What it is judged by.
    pub validation: Vec<usize>,
}

/// A group's positions, ordered by the moment its last outcome was known.
fn groups(data: &Dataset) -> Vec<Vec<usize>> {
    let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, example) in data.examples().iter().enumerate() {
        by_name.entry(&example.group).or_default().push(at);
    }
    let mut groups: Vec<Vec<usize>> = by_name.into_values().collect();
    groups.sort_by_key(|group| group.last().copied());
    groups
}

/// Puts the newest groups that together make up `share` of the examples into the validation part.
///
/// A group is as new as its newest outcome. At least one group stays on each side where there are two.
pub fn newest_groups(data: &Dataset, share: f64) -> Split {
    let groups = groups(data);
    let wanted = (share.clamp(0.0, 1.0) * data.len() as f64).round() as usize;
    let mut split = Split::default();
    let mut left = groups.len();
    for group in groups.into_iter().rev() {
        left -= 1;
        if split.validation.len() < wanted && left > 0 {
            split.validation.extend(group);
        } else {
            split.train.extend(group);
        }
    }
    split.train.sort_unstable();
    split.validation.sort_unstable();
    split
}

/// Splits into `count` windows of groups in time order; window `k` is judged by all before it, and
/// the first is only fitted on. Fewer windows where there are fewer groups.
///
/// This uses small data better than one split: almost every example is judged once.
pub fn expanding_windows(data: &Dataset, count: usize) -> Vec<Split> {
    let groups = groups(data);
    let windows = count.max(2).min(groups.len());
    let mut parts: Vec<Vec<usize>> = vec![Vec::new(); windows];
    let mut seen = 0;
    let last = windows.saturating_sub(1);
    for group in groups {
        let at = (seen * windows / data.len().max(1)).min(last);
        seen += group.len();
        if let Some(part) = parts.get_mut(at) {
            part.extend(group);
        }
    }
    let mut splits = Vec::new();
    let mut train: Vec<usize> = Vec::new();
    for part in parts.into_iter().filter(|part| !part.is_empty()) {
        if !train.is_empty() {
            let mut split = Split { train: train.clone(), validation: part.clone() };
            split.train.sort_unstable();
            split.validation.sort_unstable();
            splits.push(split);
        }
        train.extend(part);
    }
    splits
}

/// Fold of each example such that a group stays together and folds are about equally large.
pub(super) fn grouped_folds(data: &Dataset, count: usize) -> Vec<usize> {
    let mut groups = groups(data);
    // A single group would leave a fold without examples to fit on: its rows are then dealt out.
    if groups.len() < 2 {
        return (0..data.len()).map(|at| at % count.min(data.len()).max(1)).collect();
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
    let count = count.min(groups.len());
    let mut sizes = vec![0; count];
    let mut folds = vec![0; data.len()];
    for group in groups {
        let fold = (0..count).min_by_key(|&fold| sizes[fold]).unwrap_or(0);
        sizes[fold] += group.len();
        for at in group {
            folds[at] = fold;
        }
    }
    folds
}

#[cfg(test)]
mod tests {
    use super::super::{Example, Features, Target};
    use super::*;
    use crate::Timestamp;
    use std::collections::BTreeSet;

    fn data(groups: &[usize]) -> Dataset {
        let mut examples = Vec::new();
        for (group, &size) in groups.iter().enumerate() {
            for i in 0..size {
                let moment = Timestamp((group * 1000 + i) as i64);
                let id = format!("{group}/{i}");
                examples.push(
                    Example::new(id, format!("g{group}"), Features::new(), 1.0).known_at(moment),
                );
            }
        }
        Dataset::new(Target::Positive, examples).unwrap()
    }

    fn names(data: &Dataset, positions: &[usize]) -> BTreeSet<String> {
        positions.iter().map(|&at| data.examples()[at].group.clone()).collect()
    }

    #[test]
    fn no_campaign_is_on_both_sides_and_validation_is_newer() {
        let data = data(&[10, 10, 10, 10, 10]);
        let split = newest_groups(&data, 0.2);
        assert_eq!(split.validation.len(), 10);
        assert_eq!(names(&data, &split.validation), BTreeSet::from(["g4".to_owned()]));
        assert!(names(&data, &split.train).is_disjoint(&names(&data, &split.validation)));
    }

    #[test]
    fn windows_judge_every_group_but_the_first_once() {
        let data = data(&[7, 3, 9, 4, 8, 6]);
        let splits = expanding_windows(&data, 5);
        let judged: Vec<usize> = splits.iter().flat_map(|s| s.validation.clone()).collect();
        let first = splits[0].train.len();
        assert_eq!(judged.len() + first, data.len());
        for split in &splits {
            let newest = split.train.iter().max().unwrap();
            assert!(split.validation.iter().all(|at| at > newest));
        }
    }

    #[test]
    fn folds_keep_groups_together() {
        let data = data(&[5, 5, 5, 5, 5, 5]);
        let folds = grouped_folds(&data, 3);
        for (at, example) in data.examples().iter().enumerate() {
            let same = data.examples().iter().position(|other| other.group == example.group);
            assert_eq!(folds[at], folds[same.unwrap()]);
        }
        assert_eq!(folds.iter().collect::<BTreeSet<_>>().len(), 3);
    }

    #[test]
    fn one_group_or_none_leaves_nothing_to_judge_by() {
        assert!(newest_groups(&data(&[20]), 0.2).validation.is_empty());
        assert!(expanding_windows(&data(&[20]), 5).is_empty());
        assert_eq!(newest_groups(&data(&[]), 0.2), Split::default());
    }
}
