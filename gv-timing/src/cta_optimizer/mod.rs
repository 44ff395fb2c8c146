//! Where a call to action belongs, what it should say, and whether the one that is there can be seen (component 9).
//!
//! The figures of the tables are priors; `data/cta.json` holds them.
//!
//! # Examples
//!
//! ```
//! use gv_timing::cta_optimizer::{best_for_goal, generate_variations};
//!
//! assert_eq!(best_for_goal("sales")?.text, "Shop Now");
//! assert!(best_for_goal("fame").is_err());
//! assert_eq!(generate_variations("Shop Now", 5)?.len(), 5);
//! # Ok::<(), gv_timing::Error>(())
//! ```

mod config;
mod existing;
mod placement;
mod sequence;
#[cfg(test)]
mod tests;
mod variations;

pub use config::{CtaConfig, CtaPosition, CtaType, best_for_goal, best_for_industry, industries};
pub use existing::{CtaCandidate, CtaKind, ExistingCta, ZoneOverlap, score_existing_cta};
pub use placement::{CtaPlacement, analyze_cta_timing};
pub use sequence::{CtaSequence, SequenceElement, generate_sequence};
pub use variations::generate_variations;
