//! Whether what is seen falls on what is heard (component 3).
//!
//! Cuts, motion and faces that appear are matched with beats, onsets, voices and drops, one with one. Dense music has
//! a peak near every cut, so that each figure comes with what chance gives: as many cuts placed at random.
//!
//! # Examples
//!
//! ```
//! use gv_audio::{AudioPeak, PeakType};
//! use gv_timing::precision_av_sync::{VisualPeak, VisualPeakType, find_sync_points};
//!
//! let beat = |timestamp| AudioPeak { timestamp, energy: 1.0, peak_type: PeakType::Beat };
//! let cut = |timestamp| VisualPeak { timestamp, motion_energy: 2.0, peak_type: VisualPeakType::Cut };
//! let points = find_sync_points(&[beat(1.0), beat(1.5)], &[cut(1.04), cut(1.44)], 0.1)?;
//! assert!(points.iter().all(|point| point.is_synced));
//! assert!((points[1].offset + 0.06).abs() < 1e-9);
//! # Ok::<(), gv_timing::Error>(())
//! ```

mod chance;
mod matching;
mod offset;
mod peaks;
mod quality;
mod recut;
#[cfg(test)]
mod tests;

pub use chance::{ChanceSync, against_chance};
pub use matching::{SYNC_TOLERANCE, SyncPoint, find_sync_points};
pub use offset::{SyncOffset, measure_offset};
pub use peaks::{VisualPeak, VisualPeakType, visual_peaks};
pub use quality::{SyncEvidence, SyncQuality, analyze_sync_quality};
pub use recut::{
    CutAdjustment, Direction, Priority, RecutOptions, RecutPlan, suggest_cut_adjustments,
};
