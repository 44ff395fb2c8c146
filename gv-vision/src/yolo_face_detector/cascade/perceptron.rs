//! The closer look at a window: a multilayer perceptron that judges it and says where its face is.

use super::gradients::{Gradients, PATCH};

/// A layer: each row of weights makes one output.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) inputs: usize,
    pub(super) weights: Vec<f32>,
    pub(super) biases: Vec<f32>,
}

/// A perceptron on some patches of a window.
#[derive(Debug)]
pub(super) struct Perceptron {
    patches: Vec<usize>,
    threshold: f32,
    layers: Vec<Layer>,
}

/// What a perceptron says of a window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Judgement {
    /// 0 to 1.
    pub(super) score: f32,
    /// How far the face lies to the right and below, and how much larger it is, in sides of the window.
    pub(super) shift: (f32, f32),
    pub(super) growth: f32,
}

impl Perceptron {
    /// Takes the numbers of a model; `None` where they do not fit together.
    pub(super) fn new(patches: Vec<usize>, threshold: f32, layers: Vec<Layer>) -> Option<Self> {
        let known = Gradients::patches();
        let first = layers.first()?.inputs == patches.len() * PATCH;
        let chained = layers.windows(2).all(|pair| pair[1].inputs == pair[0].biases.len());
        let last = layers.last()?.biases.len() == 4;
        let filled =
            layers.iter().all(|l| l.weights.len() == l.inputs * l.biases.len() && l.inputs > 0);
        let sound =
            patches.iter().all(|&patch| patch < known) && first && chained && last && filled;
        sound.then_some(Self { patches, threshold, layers })
    }

    /// Judges the window whose gradients are given; `None` where it is no face. `buffers` are reused.
    pub(super) fn judge(
        &self,
        gradients: &Gradients,
        buffers: &mut [Vec<f32>; 2],
    ) -> Option<Judgement> {
        let [input, output] = buffers;
        input.resize(self.patches.len() * PATCH, 0.0);
        for (&patch, out) in self.patches.iter().zip(input.chunks_exact_mut(PATCH)) {
            gradients.patch(patch, out);
        }
        for (number, layer) in self.layers.iter().enumerate() {
            let last = number + 1 == self.layers.len();
            output.clear();
            output.extend(layer.weights.chunks_exact(layer.inputs).zip(&layer.biases).map(
                |(weights, bias)| {
                    let sum = dot(input, weights) + bias;
                    if last { 1.0 / (1.0 + (-sum).exp()) } else { sum.max(0.0) }
                },
            ));
            std::mem::swap(input, output);
        }
        let &[score, right, down, growth] = input.as_slice() else { return None };
        (score > self.threshold).then_some(Judgement {
            score,
            shift: (2.0 * right - 1.0, 2.0 * down - 1.0),
            growth: 2.0 * growth - 1.0,
        })
    }
}

/// The sum of products, eight running sums side by side.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 8];
    let (a, b) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f32 = a.remainder().iter().zip(b.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a.zip(b) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_perceptron_gives_what_its_weights_say() {
        let mut weights = vec![0.0; PATCH * 4];
        weights[0] = 1.0;
        let layer = Layer { inputs: PATCH, weights, biases: vec![2.0, 0.0, 1.0, -1.0] };
        let perceptron = Perceptron::new(vec![0], 0.5, vec![layer]).unwrap();
        let gradients = Gradients::default();
        let found = perceptron.judge(&gradients, &mut Default::default()).unwrap();
        let sigmoid = |x: f32| 1.0 / (1.0 + (-x).exp());
        assert!((found.score - sigmoid(2.0)).abs() < 1e-6);
        assert_eq!(found.shift.0, 0.0);
        assert!((found.growth - (2.0 * sigmoid(-1.0) - 1.0)).abs() < 1e-6);
    }

    #[test]
    fn numbers_that_do_not_fit_are_no_perceptron() {
        let layer = |inputs: usize, outputs: usize| Layer {
            inputs,
            weights: vec![0.0; inputs * outputs],
            biases: vec![0.0; outputs],
        };
        assert!(Perceptron::new(vec![0], 0.5, vec![layer(PATCH, 8), layer(8, 4)]).is_some());
        assert!(Perceptron::new(vec![0], 0.5, vec![layer(PATCH, 8), layer(7, 4)]).is_none());
        assert!(Perceptron::new(vec![9999], 0.5, vec![layer(PATCH, 4)]).is_none());
        assert!(Perceptron::new(vec![], 0.5, vec![]).is_none());
    }
}
