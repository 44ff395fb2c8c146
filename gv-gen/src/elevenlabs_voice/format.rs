//! Audio formats.

use crate::Result;
use crate::error::invalid;

/// How audio is coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Codec {
    /// MPEG layer III.
    Mp3,
    /// Signed 16-bit little-endian samples without a header.
    Pcm,
    /// The same samples in a WAV file.
    Wav,
    /// Opus in Ogg.
    Opus,
    /// µ-law, 8 bits a sample, without a header.
    Ulaw,
    /// A-law, 8 bits a sample, without a header.
    Alaw,
}

/// An output format: codec, sample rate in Hz, bit rate in kbit/s where the codec has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OutputFormat {
    name: &'static str,
    /// How audio is coded.
    pub codec: Codec,
    /// Samples a second.
    pub sample_rate: u32,
}

/// The formats of ElevenLabs' text-to-speech, as of 2026-11-22.
const FORMATS: [(&str, Codec, u32); 28] = [
    ("alaw_8000", Codec::Alaw, 8000),
    ("ulaw_8000", Codec::Ulaw, 8000),
    ("mp3_22050_32", Codec::Mp3, 22050),
    ("mp3_24000_48", Codec::Mp3, 24000),
    ("mp3_44100_32", Codec::Mp3, 44100),
    ("mp3_44100_64", Codec::Mp3, 44100),
    ("mp3_44100_96", Codec::Mp3, 44100),
    ("mp3_44100_128", Codec::Mp3, 44100),
    ("mp3_44100_192", Codec::Mp3, 44100),
    ("opus_48000_32", Codec::Opus, 48000),
    ("opus_48000_64", Codec::Opus, 48000),
    ("opus_48000_96", Codec::Opus, 48000),
    ("opus_48000_128", Codec::Opus, 48000),
    ("opus_48000_192", Codec::Opus, 48000),
    ("pcm_8000", Codec::Pcm, 8000),
    ("pcm_16000", Codec::Pcm, 16000),
    ("pcm_22050", Codec::Pcm, 22050),
    ("pcm_24000", Codec::Pcm, 24000),
    ("pcm_32000", Codec::Pcm, 32000),
    ("pcm_44100", Codec::Pcm, 44100),
    ("pcm_48000", Codec::Pcm, 48000),
    ("wav_8000", Codec::Wav, 8000),
    ("wav_16000", Codec::Wav, 16000),
    ("wav_22050", Codec::Wav, 22050),
    ("wav_24000", Codec::Wav, 24000),
    ("wav_32000", Codec::Wav, 32000),
    ("wav_44100", Codec::Wav, 44100),
    ("wav_48000", Codec::Wav, 48000),
];

impl OutputFormat {
    /// The format of a name such as `mp3_44100_128`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidInput`](crate::Error::InvalidInput) where there is none; the message lists all.
    pub fn parse(name: &str) -> Result<Self> {
        let found = FORMATS.iter().find(|(known, _, _)| *known == name);
        found.map(|&(name, codec, sample_rate)| Self { name, codec, sample_rate }).ok_or_else(
            || {
                let all = FORMATS.map(|(name, _, _)| name).join(", ");
                invalid("output format", name, format!("one of {all}"))
            },
        )
    }

    /// The format's name on the wire.
    pub const fn as_str(self) -> &'static str {
        self.name
    }

    /// The ending of a file of this format.
    pub const fn extension(self) -> &'static str {
        match self.codec {
            Codec::Mp3 => "mp3",
            Codec::Pcm => "pcm",
            Codec::Wav => "wav",
            Codec::Opus => "ogg",
            Codec::Ulaw => "ulaw",
            Codec::Alaw => "alaw",
        }
    }

    /// Whether the streaming endpoints have it.
    pub const fn streams(self) -> bool {
        !matches!(self.codec, Codec::Wav)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_read_back_and_others_are_refused() {
        for (name, codec, rate) in FORMATS {
            let format = OutputFormat::parse(name).unwrap();
            assert_eq!((format.as_str(), format.codec, format.sample_rate), (name, codec, rate));
            assert!(name.contains(&rate.to_string()));
        }
        assert!(!OutputFormat::parse("wav_8000").unwrap().streams());
        let error = OutputFormat::parse("mp3").unwrap_err().to_string();
        assert!(error.contains("mp3_44100_128"), "{error}");
    }
}
