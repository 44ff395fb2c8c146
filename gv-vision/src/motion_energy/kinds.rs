//! The names that motion goes by.

use serde::{Deserialize, Serialize};

/// Mean energy below which a picture counts as static, in source pixels per nominal frame interval.
pub const STATIC_THRESHOLD: f64 = 1.0;
/// Mean energy below which motion counts as smooth, in source pixels per nominal frame interval.
pub const SMOOTH_THRESHOLD: f64 = 5.0;
/// Mean energy below which motion counts as fast and from which on it counts as chaotic, in source
/// pixels per nominal frame interval.
pub const FAST_THRESHOLD: f64 = 15.0;

macro_rules! named {
    ($name:ident { $($variant:ident => $text:literal),+ $(,)? }) => {
        impl $name {
            /// All values, in the order in which they are declared.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name as the specification spells it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The value that goes by `name`; `None` where none does.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == name)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}
pub(crate) use named;

/// How motion is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MotionMethod {
    /// Dense optical flow: the displacement of every pixel.
    #[default]
    OpticalFlow,
    /// The difference of the two pictures over their gradient: quick, and right for slow motion only.
    FrameDiff,
    /// Blocks searched for in the next picture: whole-pixel displacements, large ones included.
    BlockMatching,
    /// Block matching for the coarse displacement, optical flow for the rest.
    Hybrid,
}

named!(MotionMethod {
    OpticalFlow => "optical_flow",
    FrameDiff => "frame_diff",
    BlockMatching => "block_matching",
    Hybrid => "hybrid",
});

/// How much moves.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum MotionType {
    /// Mean energy below [`STATIC_THRESHOLD`].
    #[default]
    Static,
    /// Mean energy below [`SMOOTH_THRESHOLD`].
    Smooth,
    /// Mean energy below [`FAST_THRESHOLD`].
    Fast,
    /// Mean energy of [`FAST_THRESHOLD`] or more.
    Chaotic,
}

named!(MotionType {
    Static => "static",
    Smooth => "smooth",
    Fast => "fast",
    Chaotic => "chaotic",
});

/// Names the amount of motion.
///
/// `mean_energy` is the mean displacement in source pixels per nominal frame interval. NaN is no
/// evidence of motion and counts as static, as does anything below zero; infinity is chaotic.
///
/// # Examples
///
/// ```
/// use gv_vision::motion_energy::{MotionType, classify_motion};
///
/// assert_eq!(classify_motion(4.9), MotionType::Smooth);
/// assert_eq!(classify_motion(f64::NAN), MotionType::Static);
/// ```
pub fn classify_motion(mean_energy: f64) -> MotionType {
    if mean_energy >= FAST_THRESHOLD {
        MotionType::Chaotic
    } else if mean_energy >= SMOOTH_THRESHOLD {
        MotionType::Fast
    } else if mean_energy >= STATIC_THRESHOLD {
        MotionType::Smooth
    } else {
        MotionType::Static
    }
}

/// Where what is seen moves to. A camera that pans to the right moves the picture to the left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// More than half of all motion goes to the left.
    Left,
    /// More than half of all motion goes to the right.
    Right,
    /// More than half of all motion goes up.
    Up,
    /// More than half of all motion goes down.
    Down,
    /// No direction has more than half, as in a zoom, on a diagonal, or where nothing moves.
    #[default]
    Mixed,
}

named!(Direction {
    Left => "left",
    Right => "right",
    Up => "up",
    Down => "down",
    Mixed => "mixed",
});

/// Where in the picture the motion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnergyDistribution {
    /// The middle moves at least 1.5 times as much as the border.
    Centered,
    /// The border moves at least 1.5 times as much as the middle.
    Peripheral,
    /// Neither, as in a pan, or where nothing moves.
    #[default]
    Uniform,
}

named!(EnergyDistribution {
    Centered => "centered",
    Peripheral => "peripheral",
    Uniform => "uniform",
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thresholds_divide_static_smooth_fast_and_chaotic() {
        let named = [0.0, 0.999, 1.0, 4.999, 5.0, 14.999, 15.0, f64::INFINITY];
        let names = named.map(|energy| classify_motion(energy).as_str());
        let expected =
            ["static", "static", "smooth", "smooth", "fast", "fast", "chaotic", "chaotic"];
        assert_eq!(names, expected);
        assert_eq!(classify_motion(-3.0), MotionType::Static);
        assert_eq!(classify_motion(f64::NEG_INFINITY), MotionType::Static);
    }

    #[test]
    fn every_name_leads_back_to_its_value() {
        for &method in MotionMethod::ALL {
            assert_eq!(MotionMethod::from_name(method.as_str()), Some(method));
        }
        for &direction in Direction::ALL {
            assert_eq!(Direction::from_name(&direction.to_string()), Some(direction));
        }
        assert_eq!(MotionType::from_name("Static"), None);
    }

    #[test]
    fn serde_spells_names_as_the_specification_does() {
        for &method in MotionMethod::ALL {
            let json = serde_json::to_string(&method).unwrap();
            assert_eq!(json, format!("\"{method}\""));
        }
    }
}
