//! How a voice speaks.

use crate::Result;
use crate::error::invalid;
use serde::{Deserialize, Serialize};

/// How a voice speaks. The order of the fields is the order on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct VoiceSettings {
    /// 0 to 1; higher is more even.
    pub stability: f64,
    /// Whether the voice is held closer to its model; some models ignore it.
    pub use_speaker_boost: bool,
    /// 0 to 1; higher is closer to the original voice.
    pub similarity_boost: f64,
    /// 0 to 1; higher exaggerates. Only `eleven_multilingual_v2` heeds it.
    pub style: f64,
    /// 0.7 to 1.2 times the ordinary speed; `None` leaves it to the voice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed: Option<f64>,
}

impl Default for VoiceSettings {
    /// The specification's: stability 0.5, similarity 0.75, style 0.5, with boost.
    fn default() -> Self {
        Self {
            stability: 0.5,
            use_speaker_boost: true,
            similarity_boost: 0.75,
            style: 0.5,
            speed: None,
        }
    }
}

impl VoiceSettings {
    /// Checks the ranges.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidInput`](crate::Error::InvalidInput) naming the field and its range.
    pub fn check(&self) -> Result<()> {
        let unit = "0 to 1";
        for (name, value, range, rule) in [
            ("stability", Some(self.stability), 0.0..=1.0, unit),
            ("similarity_boost", Some(self.similarity_boost), 0.0..=1.0, unit),
            ("style", Some(self.style), 0.0..=1.0, unit),
            ("speed", self.speed, 0.7..=1.2, "0.7 to 1.2"),
        ] {
            if let Some(value) = value.filter(|value| !range.contains(value)) {
                return Err(invalid(name, value, rule));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_out_of_range_is_refused_by_name() {
        let good = VoiceSettings::default();
        assert!(good.check().is_ok());
        for (settings, name) in [
            (VoiceSettings { stability: 1.01, ..good }, "stability"),
            (VoiceSettings { similarity_boost: -0.1, ..good }, "similarity_boost"),
            (VoiceSettings { style: f64::NAN, ..good }, "style"),
            (VoiceSettings { speed: Some(2.0), ..good }, "speed"),
            (VoiceSettings { speed: Some(f64::INFINITY), ..good }, "speed"),
        ] {
            assert!(settings.check().unwrap_err().to_string().starts_with(name));
        }
    }

    #[test]
    fn the_wire_has_the_official_clients_order() {
        assert_eq!(
            serde_json::to_string(&VoiceSettings::default()).unwrap(),
            r#"{"stability":0.5,"use_speaker_boost":true,"similarity_boost":0.75,"style":0.5}"#
        );
    }
}
