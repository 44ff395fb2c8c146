//! Numbered things that turn out to belong together.

/// Groups of numbers; each group goes by the least of its numbers.
#[derive(Debug, Default)]
pub(super) struct Groups(Vec<u32>);

impl Groups {
    /// So many numbers, each alone in its group.
    pub(super) fn of(count: usize) -> Self {
        Self((0..count as u32).collect())
    }

    /// The next number, alone in its group.
    pub(super) fn add(&mut self) -> u32 {
        let number = self.0.len() as u32;
        self.0.push(number);
        number
    }

    /// The least number of the group of `of`; the way there is made shorter.
    pub(super) fn root(&mut self, mut of: u32) -> u32 {
        while self.0[of as usize] != of {
            self.0[of as usize] = self.0[self.0[of as usize] as usize];
            of = self.0[of as usize];
        }
        of
    }

    /// Makes one group of two: its least number.
    pub(super) fn join(&mut self, a: u32, b: u32) -> u32 {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b) as usize] = a.min(b);
        a.min(b)
    }

    /// Whether each number, from the first on, is the least of its group.
    pub(super) fn are_roots(&self) -> impl Iterator<Item = bool> {
        (0..).zip(&self.0).map(|(number, parent)| number == *parent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_goes_by_its_least_number() {
        let mut groups = Groups::of(5);
        assert_eq!(groups.add(), 5);
        assert_eq!(groups.join(4, 5), 4);
        assert_eq!(groups.join(5, 1), 1);
        assert_eq!(groups.join(3, 3), 3);
        assert_eq!([0, 1, 2, 3, 4, 5].map(|number| groups.root(number)), [0, 1, 2, 3, 1, 1]);
        assert!(groups.are_roots().eq([true, true, true, true, false, false]));
    }
}
