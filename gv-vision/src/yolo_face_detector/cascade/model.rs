//! The numbers of the cascade, as its file holds them: little endian, 32 bits each.

use super::boosted::Boosted;
use super::perceptron::{Layer, Perceptron};

/// Numbers that a list may hold at most.
const MOST: usize = 1 << 20;

/// A cascade: classifiers that sweep the picture, and units that refine what these propose.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) sweepers: Vec<Boosted>,
    pub(super) levels: Vec<Vec<Unit>>,
}

/// Perceptrons that judge proposals one after the other.
#[derive(Debug)]
pub(super) struct Unit {
    pub(super) stages: Vec<Perceptron>,
    /// The numbers of the lists of the level before whose proposals are judged.
    pub(super) sources: Vec<usize>,
}

impl Model {
    /// Reads a model; `None` where the bytes are none.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let levels = reader.count()?;
        let mut sweepers = Vec::new();
        for _ in 0..reader.count()? {
            for _ in 0..reader.count()? {
                sweepers.push(reader.boosted()?);
            }
            reader.numbers()?;
        }
        let mut units = Vec::new();
        for _ in 1..levels {
            let level = (0..reader.count()?).map(|_| reader.unit()).collect::<Option<Vec<_>>>()?;
            units.push(level);
        }
        let sound = !sweepers.is_empty() && !units.is_empty() && reader.0.is_empty();
        sound.then_some(Self { sweepers, levels: units })
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn word(&mut self) -> Option<[u8; 4]> {
        let (word, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        Some(*word)
    }

    fn count(&mut self) -> Option<usize> {
        let count = usize::try_from(i32::from_le_bytes(self.word()?)).ok()?;
        (count <= MOST).then_some(count)
    }

    fn float(&mut self) -> Option<f32> {
        Some(f32::from_le_bytes(self.word()?)).filter(|number| number.is_finite())
    }

    fn floats(&mut self, count: usize) -> Option<Vec<f32>> {
        (0..count).map(|_| self.float()).collect()
    }

    /// A list whose length is negative where there is none.
    fn numbers(&mut self) -> Option<Vec<usize>> {
        let count = i32::from_le_bytes(self.word()?);
        (0..count).map(|_| self.count()).collect()
    }

    fn boosted(&mut self) -> Option<Boosted> {
        if self.count()? != 0 {
            return None;
        }
        let count = self.count()?;
        let bins = self.count()? + 1;
        let places: Vec<(usize, usize)> =
            (0..count).map(|_| Some((self.count()?, self.count()?))).collect::<Option<_>>()?;
        let thresholds = self.floats(count)?;
        let weights = self.floats(count * bins)?;
        Boosted::new(places, thresholds, weights, bins)
    }

    fn unit(&mut self) -> Option<Unit> {
        let stages = (0..self.count()?).map(|_| self.perceptron()).collect::<Option<_>>()?;
        Some(Unit { stages, sources: self.numbers()? })
    }

    fn perceptron(&mut self) -> Option<Perceptron> {
        if self.count()? != 1 {
            return None;
        }
        let layers = self.count()?;
        let features = (0..self.count()?)
            .map(|_| self.count()?.checked_sub(1))
            .collect::<Option<Vec<usize>>>()?;
        let threshold = self.float()?;
        let mut inputs = self.count()?;
        let mut stack = Vec::new();
        for _ in 1..layers {
            let outputs = self.count()?;
            let weights = self.floats(inputs.checked_mul(outputs).filter(|&n| n <= MOST)?)?;
            stack.push(Layer { inputs, weights, biases: self.floats(outputs)? });
            inputs = outputs;
        }
        Perceptron::new(features, threshold, stack)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_that_is_built_in_is_read_to_its_end() {
        let bytes = super::super::MODEL;
        let model = Model::read(bytes).unwrap();
        assert_eq!((model.sweepers.len(), model.levels.len()), (3, 2));
        assert_eq!(model.levels[0][0].sources, [0, 1, 2]);
        assert!(Model::read(&bytes[..bytes.len() - 4]).is_none());
        assert!(Model::read(&bytes[4..]).is_none());
        assert!(Model::read(&[]).is_none());
    }
}
