//! Voices found by Silero's network, from a file of the user's.

use crate::Result;
use gv_audio::VoiceDetector;
use gv_vision::inference::{
    InferenceModel, Input, Port, Runtime, Tensor, describe, open_model_with,
};
use std::path::Path;

/// Rate in Hz, samples of a window, and samples before it that the network sees as well.
const RATE: u32 = 16_000;
const WINDOW: usize = 512;
const CONTEXT: usize = 64;
/// What the network remembers from window to window: as one tensor, or as two.
const STATE: [usize; 3] = [2, 1, 128];
const HALF_STATE: [usize; 3] = [1, 1, 128];
/// Windows of a run, for files that take more than one.
const WINDOWS: usize = 32;
/// How far below the probability at which a voice begins it ends, as in Silero's own package.
const HYSTERESIS: f32 = 0.15;

const UNDERSTOOD: &str = "input [1, 576], state [2, 1, 128] and sr [], or input [?, 576], h [1, 1, 128] and c [1, 1, 128]";

/// Silero's network (version 5 or later), which tells speech from all else in windows of 32 ms.
///
/// The files `silero_vad.onnx`, `silero_vad_16k_op15.onnx`, `silero_vad_op18_ifless.onnx`, `silero_vad_half.onnx`,
/// `silero_vad_openvino_16k.onnx` and `silero_vad_16k_sequence.onnx` of the Python package `silero-vad` are understood.
///
/// # Examples
///
/// ```no_run
/// use geminivideo::audio::AudioOptions;
/// use geminivideo::{SileroVoice, vision::inference::Runtime};
/// use std::sync::Arc;
///
/// let silero = SileroVoice::open("silero_vad.onnx", &Runtime::default())?;
/// let options = AudioOptions::default().voice_detector(Some(Arc::new(silero)));
/// let heard = geminivideo::audio::analyze_file("ad.mp4", &Default::default(), &options)?;
/// println!("{:?}", heard.voice);
/// # Ok::<(), geminivideo::Error>(())
/// ```
#[derive(Debug)]
pub struct SileroVoice {
    model: Box<dyn InferenceModel>,
    /// Place of the sound among the inputs, and how many windows of it a run takes.
    sound: usize,
    windows: usize,
    threshold: f32,
}

impl SileroVoice {
    /// Opens a file in a runtime.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Model`](crate::ErrorKind) where the file is no network of Silero's that is understood,
    /// [`ErrorKind::NotFound`](crate::ErrorKind) or `Storage` where it cannot be read, `Unavailable` where the runtime
    /// is not there.
    pub fn open(path: impl AsRef<Path>, runtime: &Runtime) -> Result<Self> {
        let path = path.as_ref();
        let model = open_model_with(path, runtime, &inputs)?;
        let sound = model.inputs().iter().position(|port| port.name == "input").unwrap_or(0);
        let windows = model.inputs()[sound].shape[0].unwrap_or(1);
        let given = model.inputs().iter().enumerate().filter(|(at, _)| *at != sound);
        let states = given.map(|(_, port)| count(port));
        let expected: Vec<usize> = std::iter::once(windows).chain(states).collect();
        if !expected.iter().copied().eq(model.outputs().iter().map(count)) {
            let message = format!(
                "the outputs are {}, allowed is a probability for each window, then what is remembered",
                describe(model.outputs())
            );
            return Err(gv_vision::Error::Model { path: path.to_owned(), message }.into());
        }
        Ok(Self { model, sound, windows, threshold: 0.5 })
    }

    /// Sets the probability at which a voice begins; it ends 0.15 below. Default: 0.5. Held to 0 to 1.
    #[must_use]
    pub const fn threshold(mut self, probability: f32) -> Self {
        self.threshold = if probability.is_nan() { 0.5 } else { probability.clamp(0.0, 1.0) };
        self
    }

    /// What is remembered before the first window.
    fn silence(&self) -> gv_vision::Result<Vec<Tensor>> {
        let ports = self.model.inputs().iter().enumerate().filter(|(at, _)| *at != self.sound);
        ports.map(|(_, port)| Tensor::new(sizes(port), vec![0.0; count(port)])).collect()
    }

    fn probabilities(&self, samples: &[f32]) -> gv_vision::Result<Vec<f32>> {
        let windows = samples.as_chunks::<WINDOW>().0;
        let mut found = Vec::with_capacity(windows.len() + self.windows);
        let mut states = self.silence()?;
        let mut before = [0.0; CONTEXT];
        for group in windows.chunks(self.windows) {
            let mut sound = Vec::with_capacity(self.windows * (CONTEXT + WINDOW));
            for window in group {
                sound.extend(before);
                sound.extend(window);
                before.copy_from_slice(&window[WINDOW - CONTEXT..]);
            }
            sound.resize(self.windows * (CONTEXT + WINDOW), 0.0);
            states.insert(self.sound, Tensor::new(vec![self.windows, CONTEXT + WINDOW], sound)?);
            let mut outputs = self.model.run(&states)?.into_iter();
            let probabilities = outputs.next().unwrap_or_default();
            found.extend(&probabilities.data()[..group.len().min(probabilities.data().len())]);
            let inputs = self.model.inputs().iter().enumerate().filter(|(at, _)| *at != self.sound);
            states = inputs
                .zip(outputs)
                .map(|((_, port), state)| Tensor::new(sizes(port), state.data().to_vec()))
                .collect::<gv_vision::Result<_>>()?;
        }
        Ok(found)
    }
}

impl VoiceDetector for SileroVoice {
    fn name(&self) -> &str {
        self.model.name()
    }

    fn rate(&self) -> u32 {
        RATE
    }

    fn frame(&self) -> usize {
        WINDOW
    }

    fn thresholds(&self) -> (f32, f32) {
        (self.threshold, (self.threshold - HYSTERESIS).max(0.01))
    }

    fn scores(&self, samples: &[f32]) -> gv_audio::Result<Vec<f32>> {
        self.probabilities(samples).map_err(|error| gv_audio::Error::VoiceDetector {
            name: self.name().to_owned(),
            source: error.into(),
        })
    }
}

/// What the inputs of one of Silero's files are; others are told what is understood.
fn inputs(ports: &[Port]) -> std::result::Result<Vec<Input>, String> {
    let has = |name: &str| ports.iter().any(|port| port.name == name);
    let windows = if has("h") && has("c") { WINDOWS } else { 1 };
    let input = |port: &Port| {
        let input = match port.name.as_str() {
            "input" => Input::Shape(vec![windows, CONTEXT + WINDOW]),
            "state" => Input::Shape(STATE.to_vec()),
            "h" | "c" => Input::Shape(HALF_STATE.to_vec()),
            "sr" => Input::Number(i64::from(RATE)),
            _ => return None,
        };
        let fits = match &input {
            Input::Shape(shape) => port.takes(shape),
            _ => port.takes(&[]),
        };
        fits.then_some(input)
    };
    let known: Option<Vec<Input>> = ports.iter().map(input).collect();
    let is_whole = has("input") && (has("state") != (has("h") && has("c")));
    known.filter(|_| is_whole).ok_or_else(|| {
        format!(
            "it is no voice model that is understood: its inputs are {}, allowed are {UNDERSTOOD}",
            describe(ports)
        )
    })
}

fn sizes(port: &Port) -> Vec<usize> {
    port.shape.iter().map(|size| size.unwrap_or(1)).collect()
}

/// Numbers in a tensor; 0 where a size is not known.
fn count(port: &Port) -> usize {
    port.shape.iter().map(|size| size.unwrap_or(0)).product()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    fn port(name: &str, shape: &[usize]) -> Port {
        // 0 stands for a size that the file leaves open.
        let size = |&size: &usize| (size > 0).then_some(size);
        Port { name: name.to_owned(), shape: shape.iter().map(size).collect() }
    }

    /// Gives the mean of each window with what is before it, plus what it remembers, and remembers one more.
    #[derive(Debug)]
    struct Counting {
        inputs: Vec<Port>,
        runs: Mutex<usize>,
    }

    impl InferenceModel for Counting {
        fn name(&self) -> &str {
            "counting"
        }

        fn inputs(&self) -> &[Port] {
            &self.inputs
        }

        fn outputs(&self) -> &[Port] {
            &[]
        }

        fn run(&self, inputs: &[Tensor]) -> gv_vision::Result<Vec<Tensor>> {
            *self.runs.lock().unwrap() += 1;
            let (state, sound) = (inputs[0].data()[0], inputs[1].data());
            let rows = sound.chunks_exact(CONTEXT + WINDOW);
            let first = rows.map(|row| row[0] + state).collect::<Vec<_>>();
            Ok(vec![
                Tensor::new(vec![first.len(), 1], first)?,
                Tensor::new(vec![2, 1, 128], vec![state + 0.25; 256])?,
            ])
        }
    }

    #[test]
    fn each_run_sees_the_end_of_the_window_before_and_what_was_remembered() {
        for windows in [1, 2] {
            let inputs = vec![port("state", &STATE), port("input", &[windows, 576])];
            let model = Box::new(Counting { inputs, runs: Mutex::new(0) });
            let silero = SileroVoice { model, sound: 1, windows, threshold: 0.5 };
            let samples: Vec<f32> = (0..3 * WINDOW + 100).map(|at| at as f32 / 1e4).collect();
            let scores = silero.scores(&samples).unwrap();
            let states = if windows == 1 { [0.0, 0.25, 0.5] } else { [0.0, 0.0, 0.25] };
            let expected = [0.0, 0.0448 + states[1], 0.096 + states[2]];
            assert_eq!(scores.len(), 3);
            for (score, expected) in scores.iter().zip(expected) {
                assert!((score - expected).abs() < 1e-6, "{scores:?}");
            }
            assert_eq!(silero.scores(&samples).unwrap(), scores);
            assert!(silero.scores(&samples[..WINDOW - 1]).unwrap().is_empty());
        }
    }

    #[test]
    fn files_are_told_by_their_inputs() {
        let state = port("state", &[2, 0, 128]);
        let step = [port("input", &[0, 0]), state.clone(), port("sr", &[])];
        let held = inputs(&step).unwrap();
        assert_eq!(held[0], Input::Shape(vec![1, 576]));
        assert_eq!(held[2], Input::Number(16_000));
        assert_eq!(inputs(&[port("input", &[1, 576]), state.clone()]).unwrap().len(), 2);
        let halves = [port("h", &[1, 1, 128]), port("c", &[1, 1, 128])];
        let sequence = [vec![port("input", &[0, 576])], halves.to_vec()].concat();
        assert_eq!(inputs(&sequence).unwrap()[0], Input::Shape(vec![WINDOWS, 576]));
        let old = [port("input", &[0, 0]), port("h", &[2, 0, 64]), port("c", &[2, 0, 64])];
        let picture = [port("images", &[1, 3, 640, 640])];
        for other in [&old[..], &picture, &[], &step[..1], std::slice::from_ref(&state), &halves] {
            let error = inputs(other).unwrap_err();
            assert!(error.contains("allowed are input [1, 576]"), "{error}");
        }
    }

    #[test]
    fn a_threshold_is_a_probability() {
        let model = || Box::new(Counting { inputs: Vec::new(), runs: Mutex::new(0) });
        let silero = |threshold| {
            SileroVoice { model: model(), sound: 0, windows: 1, threshold: 0.5 }
                .threshold(threshold)
        };
        assert_eq!(silero(0.7).thresholds().0, 0.7);
        assert!((silero(0.7).thresholds().1 - 0.55).abs() < 1e-6);
        assert_eq!(silero(f32::NAN).thresholds(), (0.5, 0.35));
        assert_eq!(silero(7.0).thresholds().0, 1.0);
        assert_eq!(silero(0.0).thresholds(), (0.0, 0.01));
    }
}
