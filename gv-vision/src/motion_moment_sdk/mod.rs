//! Motion moments (component 1): when does a video ask for attention, and what for.
//!
//! [`AttentionCurve`] is attention over real seconds, every point of it split into the parts that make
//! it up. [`detect_motion_moments`] names the moments that stand out of it by where in the video they
//! are and by what is measured there, and [`find_optimal_cut_points`] says where they let one cut.
//!
//! Faces come from outside: until a detector is asked, they are unknown, and nothing is weighted by them.

mod curve;
mod cut_points;
mod faces;
mod moment;
mod moments;
mod points;
mod spans;
mod track;
mod window;

pub use curve::{AttentionCurve, AttentionOptions};
pub use cut_points::find_optimal_cut_points;
pub use faces::FaceSample;
pub use moment::{MomentType, MotionMoment, ScorePart};
pub use moments::{MomentOptions, detect_motion_moments};
pub use window::{TemporalWindow, analyze_temporal_window, calculate_motion_energy};

/// Frames of a window at 30 frames per second; a window is a second long at every rate.
pub const WINDOW_SIZE: usize = 30;
/// Length of a window in seconds: [`WINDOW_SIZE`] frames at 30 frames per second.
pub const WINDOW_SECONDS: f64 = 1.0;
/// What a face multiplies motion by.
///
/// A prior that the specification states, not a measurement of this project. It is used only where a
/// detector said whether there are faces.
pub const FACE_WEIGHT: f64 = 3.2;
