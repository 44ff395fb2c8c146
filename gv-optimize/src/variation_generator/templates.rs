//! Texts with slots, and what the placements allow. Data of November 2026; all of it is this
//! library's prior and can be added to or replaced through the options.
//!
//! A slot in braces names a field of the concept; a template whose slot is empty is left out.

/// Opening lines.
pub(super) const HOOKS: &[&str] = &[
    "Still struggling with {pain_point}?",
    "Meet {product}: {key_benefit}.",
    "What if {pain_point} was a thing of the past?",
    "Want {key_benefit}?",
    "{target_audience}, this one is for you.",
    "Say goodbye to {pain_point}.",
    "{product}: trusted by {social_proof}.",
    "The truth about {pain_point}.",
    "POV: you just found {product}.",
    "Imagine {key_benefit}, starting today.",
    "Stop putting up with {pain_point}.",
    "This is what {key_benefit} looks like.",
    "Have you tried {product} yet?",
];

/// Headlines; the first is the original's.
pub(super) const HEADLINES: &[&str] = &[
    "{product}: {key_benefit}",
    "Meet {product}",
    "{key_benefit}, made simple",
    "No more {pain_point}",
    "{product} for {target_audience}",
    "Trusted by {social_proof}",
    "Made for {target_audience}",
    "Get {key_benefit}",
    "Why {product}?",
    "Discover {product}",
    "Goodbye, {pain_point}",
    "{product}, explained",
    "See {product} in action",
];

/// Calls to action for every objective.
pub(super) const CTAS: &[&str] = &[
    "Learn More",
    "Get Started",
    "See How It Works",
    "Try {product}",
    "Get {product} Today",
    "Discover {product}",
    "Start Today",
    "Find Out More",
    "See It in Action",
    "Get {key_benefit}",
];

/// Calls to action for one objective, ahead of the others.
pub(super) const CTAS_BY_OBJECTIVE: &[(&str, &[&str])] = &[
    ("conversions", &["Shop Now", "Order Now", "Buy {product}"]),
    ("sales", &["Shop Now", "Order Now", "Buy {product}"]),
    ("leads", &["Sign Up", "Get a Quote", "Book a Call"]),
    ("app_installs", &["Install Now", "Download {product}", "Get the App"]),
    ("awareness", &["Learn More", "Watch More", "Follow Us"]),
];

/// Pacing by tone, for the original.
pub(super) const PACING_BY_TONE: &[(&str, &str)] =
    &[("energetic", "fast"), ("urgent", "fast"), ("calm", "slow"), ("professional", "medium")];

/// The paces.
pub(super) const PACINGS: [&str; 3] = ["fast", "medium", "slow"];

/// The durations, in seconds.
pub(super) const DURATIONS: [u32; 3] = [15, 30, 60];

/// How long texts may be where an ad is shown, in characters.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TextLimits {
    /// The placement's name.
    pub placement: String,
    /// When the figures were looked up.
    pub as_of: String,
    /// Opening line, shown as primary text before it is cut.
    pub hook: usize,
    /// Headline.
    pub headline: usize,
    /// Call to action.
    pub cta: usize,
}

/// Limits of the placements that are known by name.
const LIMITS: &[(&str, usize, usize, usize)] = &[
    ("meta_feed", 125, 40, 30),
    ("meta_stories", 125, 40, 30),
    ("tiktok_feed", 100, 40, 30),
    ("youtube_in_stream", 100, 15, 10),
];

impl TextLimits {
    /// The limits of a placement; `None` for a name that is not known.
    pub fn of(placement: &str) -> Option<Self> {
        LIMITS.iter().find(|row| row.0 == placement).map(|row| Self {
            placement: row.0.to_owned(),
            as_of: "2026-11".to_owned(),
            hook: row.1,
            headline: row.2,
            cta: row.3,
        })
    }

    /// The placements known by name.
    pub fn placements() -> impl Iterator<Item = &'static str> {
        LIMITS.iter().map(|row| row.0)
    }
}
