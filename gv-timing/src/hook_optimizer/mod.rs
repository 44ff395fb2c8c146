//! Whether the first three seconds hold a viewer (component 8).
//!
//! Evidence in, an answer with its reasons out: which of seven types of hook the opening is, a score whose parts add up,
//! and what to do about it. Weights are priors. What nobody looked at is unknown, and adds nothing.
//!
//! # Examples
//!
//! ```
//! use gv_timing::hook_optimizer::{HookType, analyze_hook};
//! use gv_timing::{Evidence, FaceSpan, Span};
//!
//! let face = FaceSpan { span: Span { start_time: 0.2, end_time: 2.0 }, size: 0.4 };
//! let evidence = Evidence { end_time: 15.0, faces: Some(vec![face]), ..Evidence::default() };
//! let hook = analyze_hook(&evidence)?;
//! assert_eq!(hook.hook_type, Some(HookType::FaceHook));
//! assert!(hook.unknown.contains(&"sound".to_owned()));
//! # Ok::<(), gv_timing::Error>(())
//! ```

mod analysis;
mod improvements;
mod strengths;
mod templates;
#[cfg(test)]
mod tests;
mod types;

pub use analysis::analyze_hook;
pub use templates::{
    HookElement, HookScript, HookTemplate, best_template, hook_script, hook_templates,
};
pub use types::{HookAnalysis, HookStrength, HookType, Improvement};

/// Seconds of an opening.
pub const HOOK_DURATION: f64 = strengths::HOOK_DURATION;
