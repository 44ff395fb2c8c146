//! Motion energy (component 7): how much moves, where to, where in the picture, and when.
//!
//! A flow field is summed up by [`PairMotion`], split into the camera's and the subject's part by
//! [`CameraMotion`], and followed through a video by [`MotionAnalyzer`], whose [`MotionAnalysis`] holds
//! statistics, segments, a timeline, recommendations and cut points.
//!
//! Energies are in **source pixels per nominal frame interval**, the unit of the specification's
//! thresholds; [`PairMotion::diagonals_per_second`] is the same for every size and rate.

mod analysis;
mod analyzer;
mod camera;
mod cut_points;
mod kinds;
mod pair;
mod picture;
mod recommendations;
mod segments;
mod smoothing;

pub use analysis::{
    Cut, EnergyStats, ExcludedPair, Exclusion, MotionAnalysis, MotionDistribution, MotionFrame,
    TimelinePoint,
};
pub use analyzer::{MotionAnalyzer, MotionOptions, ShotJoin};
pub use camera::CameraMotion;
pub use cut_points::{CutPoint, CutPointKind};
pub(crate) use kinds::named;
pub use kinds::{
    Direction, EnergyDistribution, FAST_THRESHOLD, MotionMethod, MotionType, SMOOTH_THRESHOLD,
    STATIC_THRESHOLD, classify_motion,
};
pub use pair::{DirectionShares, PairMotion, PairScale};
pub use recommendations::{Recommendation, RecommendationKind, RecommendationTime};
pub use segments::MotionSegment;
pub(crate) use smoothing::{smooth_in_shots, weighted_quantile};
