//! Conformance suites for the seams of this crate, which any implementation may run, and doubles.

use crate::{Error, Result, VoiceDetector, voice_scores};

/// Checks the contract of [`VoiceDetector`] on silence and on noise that comes and goes, of whole frames and of parts of them.
///
/// # Panics
///
/// Where the contract is broken; the message says how.
#[expect(clippy::panic, reason = "a test suite reports by panicking")]
pub fn voice_detector_suite(detector: &dyn VoiceDetector) {
    assert!(!detector.name().is_empty(), "the detector has no name");
    let (frame, (begin, end)) = (detector.frame(), detector.thresholds());
    assert!(frame > 0, "a frame has no samples");
    let ordered = 0.0 <= end && end <= begin && begin <= 1.0;
    assert!(
        ordered,
        "a voice begins at {begin} and ends at {end}, allowed is 0 <= end <= begin <= 1"
    );
    let seconds = detector.rate() as usize * 2;
    for length in [0, frame - 1, frame, 7 * frame + frame / 2, seconds] {
        for (what, sound) in [("silence", vec![0.0; length]), ("noise", noise(length))] {
            let ask = || match voice_scores(detector, &sound) {
                Ok(scores) => scores,
                Err(error) => panic!("{length} samples of {what} cannot be listened to: {error}"),
            };
            let again = format!("{length} samples of {what} give other scores the second time");
            assert!(ask() == ask(), "{again}");
        }
    }
}

/// Noise in bursts that grow, within full scale.
fn noise(length: usize) -> Vec<f32> {
    let mut state = 1_u32;
    let sample = |at: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let burst = (at / 1600 % 4) as f32 / 4.0;
        burst * ((state >> 8) as f32 / (1 << 23) as f32 - 1.0)
    };
    (0..length).map(sample).collect()
}

/// A detector of voices called `lost`, whose pipe to what it asks is broken.
#[derive(Debug, Clone, Copy)]
pub struct LostVoiceDetector;

impl VoiceDetector for LostVoiceDetector {
    fn name(&self) -> &'static str {
        "lost"
    }

    fn rate(&self) -> u32 {
        16_000
    }

    fn frame(&self) -> usize {
        512
    }

    fn scores(&self, _: &[f32]) -> Result<Vec<f32>> {
        let source = std::io::Error::from(std::io::ErrorKind::BrokenPipe).into();
        Err(Error::VoiceDetector { name: self.name().to_owned(), source })
    }
}
