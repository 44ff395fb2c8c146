//! Triggers: messages that work at some moments and not at others.

use serde::{Deserialize, Serialize};

/// A kind of message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TriggerType {
    /// Stops whoever scrolls.
    Hook,
    /// Names a problem.
    PainPoint,
    /// Makes it felt.
    Agitation,
    /// Shows the way out.
    Solution,
    /// Shows before and after.
    Transformation,
    /// Shows that others are content.
    SocialProof,
    /// Says that time runs out.
    Urgency,
    /// Says that few are left.
    Scarcity,
    /// Asks for something.
    Cta,
}

impl TriggerType {
    /// Every trigger, in the order in which an ad brings them.
    pub const ALL: [Self; 9] = [
        Self::Hook,
        Self::PainPoint,
        Self::Agitation,
        Self::Solution,
        Self::Transformation,
        Self::SocialProof,
        Self::Urgency,
        Self::Scarcity,
        Self::Cta,
    ];

    /// The name used in files and in Python.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hook => "hook",
            Self::PainPoint => "pain_point",
            Self::Agitation => "agitation",
            Self::Solution => "solution",
            Self::Transformation => "transformation",
            Self::SocialProof => "social_proof",
            Self::Urgency => "urgency",
            Self::Scarcity => "scarcity",
            Self::Cta => "cta",
        }
    }

    /// When it works; priors of the specification, scarcity and transformation our own.
    pub const fn config(self) -> PsychologicalTrigger {
        use {MotionLevel as M, Position as P};
        let (level, face, min_duration, max_duration, position) = match self {
            Self::Hook => (M::High, true, 1.0, 3.0, P::Early),
            Self::PainPoint => (M::Low, true, 2.0, 5.0, P::Early),
            Self::Agitation => (M::Medium, true, 3.0, 8.0, P::Early),
            Self::Solution => (M::High, false, 5.0, 15.0, P::Middle),
            Self::Transformation => (M::High, false, 3.0, 8.0, P::Middle),
            Self::SocialProof => (M::Low, true, 3.0, 10.0, P::Middle),
            Self::Urgency => (M::High, false, 2.0, 5.0, P::Late),
            Self::Scarcity => (M::Medium, false, 2.0, 4.0, P::Late),
            Self::Cta => (M::Low, false, 2.0, 4.0, P::Late),
        };
        PsychologicalTrigger {
            trigger_type: self,
            ideal_motion_level: level,
            ideal_face_present: face,
            min_duration,
            max_duration,
            position_preference: position,
        }
    }
}

/// How much moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MotionLevel {
    /// Little: a viewer can take a message in.
    Low,
    /// Some.
    Medium,
    /// Much: it draws the eye and leaves no room to read.
    High,
}

impl MotionLevel {
    /// The name used in files and in Python.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    pub(super) const fn rank(self) -> f64 {
        match self {
            Self::Low => 0.0,
            Self::Medium => 1.0,
            Self::High => 2.0,
        }
    }
}

/// A third of an ad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Position {
    /// The first.
    Early,
    /// The second.
    Middle,
    /// The last.
    Late,
}

impl Position {
    /// The third in which a share of the length lies.
    pub fn of(share: f64) -> Self {
        if share < 1.0 / 3.0 {
            Self::Early
        } else if share < 2.0 / 3.0 {
            Self::Middle
        } else {
            Self::Late
        }
    }

    /// The name used in files and in Python.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Early => "early",
            Self::Middle => "middle",
            Self::Late => "late",
        }
    }

    const fn rank(self) -> f64 {
        match self {
            Self::Early => 0.0,
            Self::Middle => 1.0,
            Self::Late => 2.0,
        }
    }
}

/// When a trigger works.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PsychologicalTrigger {
    /// The trigger.
    pub trigger_type: TriggerType,
    /// How much should move meanwhile.
    pub ideal_motion_level: MotionLevel,
    /// Whether a face should show.
    pub ideal_face_present: bool,
    /// Seconds that it takes at least.
    pub min_duration: f64,
    /// Seconds after which it tires.
    pub max_duration: f64,
    /// Where in the ad it belongs.
    pub position_preference: Position,
}

/// How well a stretch of an ad suits a trigger, in parts that add up.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TriggerFit {
    /// For how much moves, up to 0.4.
    pub motion: f64,
    /// For the face, up to 0.2; half of it where nobody looked.
    pub face: f64,
    /// For the time there is, up to 0.2.
    pub duration: f64,
    /// For the place in the ad, up to 0.2.
    pub position: f64,
}

impl TriggerFit {
    /// The sum of the parts, 0 to 1.
    pub fn total(&self) -> f64 {
        self.motion + self.face + self.duration + self.position
    }
}

impl PsychologicalTrigger {
    /// Scores a stretch: level, face (`None`: nobody looked), seconds, place as a share of the ad's length.
    ///
    /// The weights 0.4, 0.2, 0.2, 0.2 are priors of ours.
    pub fn fit(
        &self,
        level: MotionLevel,
        has_face: Option<bool>,
        duration: f64,
        share: f64,
    ) -> TriggerFit {
        let apart = |a: f64, b: f64| 1.0 - (a - b).abs() / 2.0;
        let face = match (self.ideal_face_present, has_face) {
            (false, _) | (true, Some(true)) => 1.0,
            (true, None) => 0.5,
            (true, Some(false)) => 0.0,
        };
        let place = Position::of(share);
        TriggerFit {
            motion: 0.4 * apart(self.ideal_motion_level.rank(), level.rank()),
            face: 0.2 * face,
            duration: 0.2 * (duration / self.min_duration).clamp(0.0, 1.0),
            position: 0.2 * apart(self.position_preference.rank(), place.rank()),
        }
    }
}
