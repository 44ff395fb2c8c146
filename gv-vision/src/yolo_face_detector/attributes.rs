//! What a face shows beside its place: the seam, and networks of the user's behind it.

use super::Face;
use crate::inference::{
    Fit, InferenceModel, Letterbox, Port, Runtime, describe, open_model, rgb_pixels,
};
use crate::{Error, Frame, Result};
use std::fmt::Debug;
use std::path::PathBuf;

/// Side of the square that is cut out around a face, in longer sides of the face; a prior.
const MARGIN: f32 = 1.1;

/// The labels of FER+ networks, in the order of their outputs.
pub const FER_PLUS: [&str; 8] =
    ["neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"];
/// The labels of FER2013 networks, in the order of their outputs.
pub const FER_2013: [&str; 7] = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"];
/// The middles of the age groups of Adience networks, in years.
const ADIENCE: [f32; 8] = [1.0, 5.0, 10.5, 17.5, 28.5, 40.5, 50.5, 80.0];

/// What a face shows. What was not looked at is `None`.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Attributes {
    /// The likeliest emotion.
    pub emotion: Option<Emotion>,
    /// The expected age in years.
    pub age: Option<f32>,
}

/// An emotion with how sure the network is.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Emotion {
    /// What it is called.
    pub label: String,
    /// Its part of all emotions, 0 to 1; not calibrated.
    pub share: f32,
}

/// Tells what faces show.
///
/// # For implementers
///
/// - The face is in pixels of the frame. The same face in the same frame gives the same answer. Calls come from several
///   threads at once.
/// - What is not looked at is `None`; what cannot be looked at is an error, never a neutral answer.
/// - An emotion has a label and a share of 0 to 1, an age is finite and 0 or more.
///
/// `testing::face_attributes_suite` (feature `testing`) checks this.
pub trait FaceAttributes: Debug + Send + Sync {
    /// Tells what `face` shows in `frame`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] for a face without a pixel inside of the frame, and whatever makes the network fail.
    fn attributes(&self, frame: &Frame, face: &Face) -> Result<Attributes>;
}

/// The networks that tell what faces show.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AttributeOptions {
    /// An ONNX file with one picture of a face as input, `[1, 1 or 3, height, width]`, and scores of emotions as output,
    /// `[1, n]`.
    pub emotion_model: Option<PathBuf>,
    /// What the scores are called. By default the labels of FER+ for eight, those of FER2013 for seven.
    pub emotion_labels: Option<Vec<String>>,
    /// An ONNX file with such an input, and as output the age in years, `[1, 1]`, or scores of the ages from 0 on,
    /// `[1, n]` for n of 90 or more, or scores of the eight groups of Adience, `[1, 8]`.
    pub age_model: Option<PathBuf>,
    /// What black and white are in the inputs. Default: 0 and 255.
    pub values: (f32, f32),
    /// What runs the networks. Default: tract.
    pub runtime: Runtime,
}

impl Default for AttributeOptions {
    fn default() -> Self {
        Self {
            emotion_model: None,
            emotion_labels: None,
            age_model: None,
            values: (0.0, 255.0),
            runtime: Runtime::default(),
        }
    }
}

/// Networks of the user's that tell emotion and age.
#[derive(Debug)]
pub struct ModelFaceAttributes {
    emotion: Option<(Box<dyn InferenceModel>, Vec<String>)>,
    age: Option<(Box<dyn InferenceModel>, Years)>,
    values: (f32, f32),
}

/// What the output of a network of ages means.
#[derive(Debug, Clone, Copy)]
enum Years {
    Number,
    Each,
    Groups,
}

impl ModelFaceAttributes {
    /// Opens the networks that the options name.
    ///
    /// # Errors
    ///
    /// [`Error::ModelFile`] and [`Error::Model`] for a file that cannot be used, [`Error::ModelOutputs`] for outputs that
    /// are not understood, [`Error::InvalidParameter`] for labels that are not as many as the scores and for values that
    /// are not finite, [`Error::Runtime`] where the runtime is not there.
    pub fn open(options: &AttributeOptions) -> Result<Self> {
        let open = |path: &Option<PathBuf>| {
            path.as_deref().map(|path| open_model(path, &options.runtime)).transpose()
        };
        let emotion = open(&options.emotion_model)?;
        let labels = options.emotion_labels.as_deref();
        Self::new(emotion, labels, open(&options.age_model)?, options.values)
    }

    /// Takes the networks.
    ///
    /// # Errors
    ///
    /// As for [`open`](Self::open).
    pub fn new(
        emotion: Option<Box<dyn InferenceModel>>,
        labels: Option<&[String]>,
        age: Option<Box<dyn InferenceModel>>,
        values: (f32, f32),
    ) -> Result<Self> {
        if !(values.0.is_finite() && values.1.is_finite() && values.0 != values.1) {
            let given = format!("{values:?}");
            let allowed = "two finite numbers that differ";
            return Err(Error::InvalidParameter { name: "values", given, allowed });
        }
        let emotion = emotion
            .map(|model| {
                let labels = emotions(model.as_ref(), labels)?;
                Ok::<_, Error>((model, labels))
            })
            .transpose()?;
        let age = age
            .map(|model| {
                let years = match scores(model.outputs()) {
                    Some(1) => Years::Number,
                    Some(8) => Years::Groups,
                    Some(90..=200) => Years::Each,
                    _ => {
                        return Err(unknown(
                            model.as_ref(),
                            "one age [1, 1], 8 groups or 90 to 200 ages [1, n]",
                        ));
                    }
                };
                Ok((model, years))
            })
            .transpose()?;
        Ok(Self { emotion, age, values })
    }

    /// The one output of a network for a face.
    fn look(&self, model: &dyn InferenceModel, face: &Square) -> Result<Vec<f32>> {
        let place = Letterbox::new((face.side, face.side), model.size(), Fit::Stretch)?;
        let (black, white) = self.values;
        let colours = place.tensor(&face.pixels, false, (white - black) / 255.0, black)?;
        let input = if model.channels() == 1 { colours.gray()? } else { colours };
        let outputs = model.run(&[input])?;
        let numbers = outputs.first().map(|output| output.data().to_vec()).unwrap_or_default();
        if numbers.is_empty() || numbers.iter().any(|number| !number.is_finite()) {
            let message = format!("{} gives numbers that are not finite", model.name());
            return Err(Error::ModelRun { message });
        }
        Ok(numbers)
    }
}

impl FaceAttributes for ModelFaceAttributes {
    fn attributes(&self, frame: &Frame, face: &Face) -> Result<Attributes> {
        let mut found = Attributes::default();
        if self.emotion.is_none() && self.age.is_none() {
            return Ok(found);
        }
        let square = Square::around(frame, face)?;
        if let Some((model, labels)) = &self.emotion {
            let shares = shares(&self.look(model.as_ref(), &square)?);
            let best = shares.iter().zip(labels).max_by(|a, b| a.0.total_cmp(b.0));
            found.emotion = best.map(|(&share, label)| Emotion { label: label.clone(), share });
        }
        if let Some((model, years)) = &self.age {
            let numbers = self.look(model.as_ref(), &square)?;
            let expected = |ages: &mut dyn Iterator<Item = f32>| {
                shares(&numbers).iter().zip(ages).map(|(share, age)| share * age).sum::<f32>()
            };
            let age = match years {
                Years::Number => numbers[0],
                Years::Each => expected(&mut (0..).map(|age| age as f32)),
                Years::Groups => expected(&mut ADIENCE.into_iter()),
            };
            found.age = Some(age.max(0.0));
        }
        Ok(found)
    }
}

/// Names for the scores of a network of emotions.
fn emotions(model: &dyn InferenceModel, labels: Option<&[String]>) -> Result<Vec<String>> {
    let count = scores(model.outputs())
        .filter(|&count| count >= 2)
        .ok_or_else(|| unknown(model, "one list of two or more scores [1, n]"))?;
    let owned = |labels: &[&str]| labels.iter().map(|&label| label.to_owned()).collect();
    match (labels, count) {
        (Some(labels), _) if labels.len() == count => Ok(labels.to_vec()),
        (None, 8) => Ok(owned(&FER_PLUS)),
        (None, 7) => Ok(owned(&FER_2013)),
        (given, _) => Err(Error::InvalidParameter {
            name: "emotion_labels",
            given: format!(
                "{} for the {count} scores of {}",
                given.map_or("none".to_owned(), |labels| labels.len().to_string()),
                model.name()
            ),
            allowed: "one a score, or none for 7 (FER2013) and 8 (FER+)",
        }),
    }
}

/// How many numbers the one output `[1, n]` holds.
fn scores(outputs: &[Port]) -> Option<usize> {
    let [one] = outputs else { return None };
    match *one.shape.as_slice() {
        [Some(1), Some(count)] | [Some(count)] => Some(count),
        _ => None,
    }
}

fn unknown(model: &dyn InferenceModel, understood: &'static str) -> Error {
    let (name, given) = (model.name().to_owned(), describe(model.outputs()));
    Error::ModelOutputs { name, given, understood }
}

/// Scores as parts of one: as they are where they are so already, else through a softmax.
fn shares(scores: &[f32]) -> Vec<f32> {
    let sum: f32 = scores.iter().sum();
    if scores.iter().all(|score| (0.0..=1.0).contains(score)) && (sum - 1.0).abs() < 1e-3 {
        return scores.to_vec();
    }
    let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f32> = scores.iter().map(|score| (score - most).exp()).collect();
    let sum: f32 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

/// A square around a face, as interleaved RGB; what lies outside of the picture repeats its edge.
struct Square {
    side: usize,
    pixels: Vec<u8>,
}

impl Square {
    fn around(frame: &Frame, face: &Face) -> Result<Self> {
        let (width, height) = (frame.width(), frame.height());
        if face.place().inside((width, height)).is_none() {
            return Err(Error::InvalidParameter {
                name: "face",
                given: format!("{}x{} at {}, {}", face.width, face.height, face.x, face.y),
                allowed: "a box with a part inside of the picture",
            });
        }
        let most = width.max(height).saturating_mul(2) as f32;
        let side = (face.width.max(face.height) * MARGIN).clamp(1.0, most).round();
        let (x, y) = face.middle();
        let (left, top) = ((x - side / 2.0).round() as i64, (y - side / 2.0).round() as i64);
        let rgb = rgb_pixels(frame);
        let side = side as usize;
        let inside = |at: i64, most: usize| at.clamp(0, most as i64 - 1) as usize;
        let mut pixels = Vec::with_capacity(side * side * 3);
        for row in 0..side {
            let row = inside(top + row as i64, height) * width;
            for column in 0..side {
                let at = (row + inside(left + column as i64, width)) * 3;
                pixels.extend_from_slice(&rgb[at..at + 3]);
            }
        }
        Ok(Self { side, pixels })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Layout;
    use crate::inference::Tensor;
    use gv_media::Timestamp;

    /// Gives scores that depend on how bright the middle of its input is.
    #[derive(Debug)]
    struct Brightness {
        inputs: Vec<Port>,
        ports: Vec<Port>,
        answer: fn(f32) -> Vec<f32>,
    }

    impl Brightness {
        fn boxed(channels: usize, answer: fn(f32) -> Vec<f32>) -> Box<dyn InferenceModel> {
            let shape = vec![Some(1), Some(answer(0.0).len())];
            let ports = vec![Port { name: "scores".to_owned(), shape }];
            let sizes = [1, channels, 8, 8].map(Some).to_vec();
            let inputs = vec![Port { name: "picture".to_owned(), shape: sizes }];
            Box::new(Self { inputs, ports, answer })
        }
    }

    impl InferenceModel for Brightness {
        fn name(&self) -> &str {
            "brightness"
        }

        fn inputs(&self) -> &[Port] {
            &self.inputs
        }

        fn outputs(&self) -> &[Port] {
            &self.ports
        }

        fn run(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
            assert_eq!(inputs[0].shape(), [1, self.channels(), 8, 8]);
            let answer = (self.answer)(inputs[0].data()[36]);
            Ok(vec![Tensor::new(vec![1, answer.len()], answer)?])
        }
    }

    /// A picture that is white in its right half.
    fn picture() -> Frame {
        let pixel = |i: usize| if i % 40 < 20 { [0; 3] } else { [255; 3] };
        let data = (0..800).flat_map(pixel).collect();
        Frame::new(0, Timestamp::ZERO, 40, 20, Layout::Rgb24, data).unwrap()
    }

    fn face(x: f32) -> Face {
        Face { x, y: 5.0, width: 10.0, height: 10.0, confidence: 0.9, landmarks: None }
    }

    fn happy_when_white(value: f32) -> Vec<f32> {
        let mut scores = vec![0.0; 7];
        scores[if value > 200.0 { 3 } else { 4 }] = 5.0;
        scores
    }

    #[test]
    fn each_face_is_looked_at_at_its_own_place() {
        let emotion = Brightness::boxed(1, happy_when_white);
        let age = Brightness::boxed(3, |value| vec![20.0 + value / 10.0]);
        let seam = ModelFaceAttributes::new(Some(emotion), None, Some(age), (0.0, 255.0)).unwrap();
        let at = |x: f32| seam.attributes(&picture(), &face(x)).unwrap();
        let (dark, light) = (at(5.0), at(25.0));
        assert_eq!(dark.emotion.unwrap().label, "sad");
        let emotion = light.emotion.unwrap();
        assert_eq!(emotion.label, "happy");
        assert!((emotion.share - 0.961).abs() < 1e-3, "{emotion:?}");
        assert_eq!((dark.age, light.age), (Some(20.0), Some(45.5)));
    }

    #[test]
    fn networks_keep_the_contract_of_the_seam() {
        let emotion = Brightness::boxed(1, happy_when_white);
        let age = Brightness::boxed(3, |value| vec![value - 100.0]);
        let seam = ModelFaceAttributes::new(Some(emotion), None, Some(age), (0.0, 255.0)).unwrap();
        crate::testing::face_attributes_suite(&seam);
    }

    #[test]
    fn what_no_network_looks_at_is_unknown() {
        let seam = ModelFaceAttributes::open(&AttributeOptions::default()).unwrap();
        assert_eq!(seam.attributes(&picture(), &face(5.0)).unwrap(), Attributes::default());
    }

    #[test]
    fn ages_are_expected_from_their_shares() {
        let each = Brightness::boxed(3, |_| {
            let mut ages = vec![0.0; 101];
            (ages[30], ages[40]) = (0.5, 0.5);
            ages
        });
        let groups = Brightness::boxed(3, |_| vec![0.0, 0.0, 0.0, 0.5, 0.5, 0.0, 0.0, 0.0]);
        for (model, years) in [(each, 35.0), (groups, 23.0)] {
            let seam = ModelFaceAttributes::new(None, None, Some(model), (0.0, 1.0)).unwrap();
            let age = seam.attributes(&picture(), &face(5.0)).unwrap().age.unwrap();
            assert!((age - years).abs() < 1e-3, "{age}");
        }
    }

    #[test]
    fn labels_must_fit_the_scores_and_outputs_must_be_understood() {
        let three = || Some(Brightness::boxed(3, |_| vec![1.0, 0.0, 0.0]));
        let new = |labels: Option<&[String]>| {
            ModelFaceAttributes::new(three(), labels, None, (0.0, 1.0)).map(|_| ())
        };
        let labels = ["calm", "glad", "sad"].map(str::to_owned);
        assert!(new(Some(&labels)).is_ok());
        let error = new(None).unwrap_err().to_string();
        assert!(error.contains("emotion_labels is none for the 3 scores"), "{error}");
        assert!(new(Some(&labels[..2])).is_err());
        let error = ModelFaceAttributes::new(None, None, three(), (0.0, 1.0)).unwrap_err();
        assert!(matches!(error, Error::ModelOutputs { .. }), "{error}");
        assert!(ModelFaceAttributes::new(None, None, None, (0.0, f32::NAN)).is_err());
    }

    #[test]
    fn numbers_that_are_not_finite_and_faces_outside_are_errors() {
        let odd = Brightness::boxed(3, |_| vec![f32::NAN; 7]);
        let seam = ModelFaceAttributes::new(Some(odd), None, None, (0.0, 255.0)).unwrap();
        let error = seam.attributes(&picture(), &face(5.0)).unwrap_err();
        assert!(matches!(error, Error::ModelRun { .. }), "{error}");
        for x in [-50.0, 99.0, f32::NAN] {
            let error = seam.attributes(&picture(), &face(x)).unwrap_err();
            assert!(matches!(error, Error::InvalidParameter { .. }), "{error}");
        }
        assert!(seam.attributes(&Frame::default(), &face(5.0)).is_err());
    }
}
