//! Has something changed? Detectors on streams of numbers, and a comparison of two samples.
//!
//! The stream detectors raise the alarms of the Python library River (0.26) on the same stream, keep
//! their state in a few numbers that can be saved, and start afresh after an alarm.
//!
//! # Examples
//!
//! ```
//! use gv_optimize::drift::HddmA;
//!
//! let mut detector = HddmA::default();
//! let alarm_at = (0..400).position(|i| {
//!     let missed = if i < 200 { i % 10 == 0 } else { i % 2 == 0 };
//!     detector.update(f64::from(u8::from(missed)))
//! });
//! assert!(alarm_at.is_some_and(|at| (200..300).contains(&at)));
//! ```

mod adwin;
mod hddm_a;
mod page_hinkley;
mod psi;

pub use adwin::Adwin;
pub use hddm_a::HddmA;
pub use page_hinkley::PageHinkley;
pub use psi::{Psi, psi};
