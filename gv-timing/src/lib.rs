//! When a viewer can take which message in, whether the opening holds and where the call to action belongs.
//!
//! Everything here draws conclusions from [`Evidence`]; nothing looks at a picture or listens to a sound itself.

pub mod checks;
pub mod cta_optimizer;
mod error;
mod evidence;
pub mod hook_optimizer;
mod ledger;
pub mod placements;
pub mod precision_av_sync;
pub mod psychological_timing;
pub mod timelines;

pub use error::{Error, Result};
pub use evidence::{
    Area, AttentionPoint, ButtonSpan, Evidence, FaceSpan, LightPoint, LoudnessPoint, MotionPoint,
    SoundEvidence, SoundPeak, Span, TextSpan,
};
pub use ledger::{Part, total};
