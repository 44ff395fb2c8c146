//! What a model may ask for, and what its inputs are held to when it is opened.

use super::{Port, describe};

/// What a model may ask for. A model's file is not trusted.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ModelLimits {
    /// Bytes of the file; 256 MiB by default.
    pub file_bytes: u64,
    /// Longest side of the input picture, in pixels; 2048 by default.
    pub input_side: usize,
    /// Width and height for a model that leaves them open; 640 x 640 by default.
    pub open_size: (usize, usize),
}

impl Default for ModelLimits {
    fn default() -> Self {
        Self { file_bytes: 256 << 20, input_side: 2048, open_size: (640, 640) }
    }
}

/// What an input of a model is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Input {
    /// A tensor of numbers of this shape, given with each run.
    Shape(Vec<usize>),
    /// One whole number, the same in all runs; it is no input of a run.
    Number(i64),
}

/// Gets names and shapes of a file's inputs, and gives for each what it is; or says why it takes no such file.
pub type ChooseInputs<'a> = &'a dyn Fn(&[Port]) -> Result<Vec<Input>, String>;

impl Port {
    /// Whether a tensor of `shape` fits: as many sizes, each of which is the port's where that is known.
    pub fn takes(&self, shape: &[usize]) -> bool {
        let fits = |(own, given): (&Option<usize>, &usize)| own.is_none_or(|own| own == *given);
        self.shape.len() == shape.len() && self.shape.iter().zip(shape).all(fits)
    }
}

impl ModelLimits {
    /// The shape of the one input that is a picture.
    pub(super) fn picture(&self, ports: &[Port]) -> Result<Vec<Input>, String> {
        let [port] = ports else {
            return Err(format!("the model has {} inputs, allowed is one picture", ports.len()));
        };
        let (width, height) = self.open_size;
        let shape = match port.shape.as_slice() {
            &[batch, channels, down, across] => {
                let sides = [down.unwrap_or(height), across.unwrap_or(width)];
                Some([batch.unwrap_or(1), channels.unwrap_or(3), sides[0], sides[1]])
            }
            _ => None,
        };
        let fits = |&[batch, channels, height, width]: &[usize; 4]| {
            let sides = [height, width].iter().all(|side| (1..=self.input_side).contains(side));
            batch == 1 && matches!(channels, 1 | 3) && sides
        };
        shape.filter(fits).map(|shape| vec![Input::Shape(shape.to_vec())]).ok_or_else(|| {
            let (given, most) = (describe(ports), self.input_side);
            format!(
                "the input is {given}, allowed is [1, 3 (or 1), height, width] up to {most} a side"
            )
        })
    }
}

/// The inputs of a file that is open.
#[cfg(feature = "onnx")]
#[derive(Debug)]
pub(super) struct Held {
    /// Those that are given with each run, every size known.
    pub(super) tensors: Vec<Port>,
    /// Those that are always the same number.
    pub(super) numbers: Vec<(String, i64)>,
}

/// Inputs as `choose` wants them.
#[cfg(feature = "onnx")]
pub(super) fn held(ports: Vec<Port>, choose: ChooseInputs<'_>) -> Result<Held, String> {
    let wanted = choose(&ports)?;
    if wanted.len() != ports.len() {
        return Err(format!(
            "{} shapes are given for the inputs {}",
            wanted.len(),
            describe(&ports)
        ));
    }
    let (mut tensors, mut numbers) = (Vec::new(), Vec::new());
    for (port, wanted) in ports.into_iter().zip(wanted) {
        match wanted {
            Input::Number(value) if port.shape.is_empty() => numbers.push((port.name, value)),
            Input::Number(_) => return Err(format!("{} is not one number", describe(&[port]))),
            Input::Shape(shape) if port.takes(&shape) => {
                let shape = shape.into_iter().map(Some).collect();
                tensors.push(Port { shape, ..port });
            }
            Input::Shape(shape) => {
                return Err(format!("{} does not take {shape:?}", describe(&[port])));
            }
        }
    }
    Ok(Held { tensors, numbers })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn port(name: &str, shape: &[usize]) -> Port {
        // 0 stands for a size that the file leaves open.
        let size = |&size: &usize| (size > 0).then_some(size);
        Port { name: name.to_owned(), shape: shape.iter().map(size).collect() }
    }

    #[test]
    fn the_one_input_must_be_a_picture() {
        let limits = ModelLimits::default();
        let shape = |sides: &[usize]| limits.picture(&[port("picture", sides)]);
        let taken = |shape: &[usize]| Ok(vec![Input::Shape(shape.to_vec())]);
        assert_eq!(shape(&[1, 3, 64, 48]), taken(&[1, 3, 64, 48]));
        assert_eq!(shape(&[0, 0, 0, 0]), taken(&[1, 3, 640, 640]));
        assert_eq!(shape(&[1, 1, 64, 64]), taken(&[1, 1, 64, 64]));
        let odd = [&[2, 3, 64, 64][..], &[1, 4, 64, 64], &[1, 3, 64], &[], &[1, 3, 9999, 64]];
        for sides in odd {
            let error = shape(sides).unwrap_err();
            assert!(error.contains("allowed is [1, 3 (or 1), height, width]"), "{error}");
        }
        let two = [port("picture", &[1, 3, 64, 64]), port("other", &[1])];
        assert!(limits.picture(&two).unwrap_err().contains("2 inputs"));
    }

    #[test]
    #[cfg(feature = "onnx")]
    fn an_input_is_held_to_a_shape_that_it_takes_or_to_a_number() {
        let ports = || vec![port("sound", &[0, 576]), port("rate", &[])];
        let hold =
            |sound: Input, rate: Input| held(ports(), &|_| Ok(vec![sound.clone(), rate.clone()]));
        let inputs = hold(Input::Shape(vec![1, 576]), Input::Number(16_000)).unwrap();
        assert_eq!(inputs.tensors, [port("sound", &[1, 576])]);
        assert_eq!(inputs.numbers, [("rate".to_owned(), 16_000)]);
        let error = hold(Input::Shape(vec![1, 512]), Input::Number(1)).unwrap_err();
        assert_eq!(error, "sound [?, 576] does not take [1, 512]");
        assert!(hold(Input::Number(1), Input::Number(1)).unwrap_err().contains("not one number"));
        let error = held(ports(), &|_| Ok(Vec::new())).unwrap_err();
        assert!(error.contains("0 shapes are given for the inputs sound [?, 576], rate []"));
    }
}
