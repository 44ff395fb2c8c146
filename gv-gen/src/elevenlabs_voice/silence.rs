//! Silence in the formats of which it can be made without an encoder.

use super::format::{Codec, OutputFormat};
use crate::Result;
use crate::error::invalid;

/// Silence of about this many seconds; MP3 comes in frames of 26 ms, mono at 128 kbit/s.
///
/// # Errors
///
/// [`Error::InvalidInput`](crate::Error::InvalidInput) for Opus and for MP3 at other rates than 44.1 kHz.
pub(crate) fn silence(format: OutputFormat, seconds: f64) -> Result<Vec<u8>> {
    let samples =
        (seconds.clamp(0.0, 36_000.0) * f64::from(format.sample_rate)).round().max(1.0) as usize;
    match format.codec {
        Codec::Pcm => Ok(vec![0; samples * 2]),
        Codec::Ulaw => Ok(vec![0xff; samples]),
        Codec::Alaw => Ok(vec![0xd5; samples]),
        Codec::Wav => Ok(wav(format.sample_rate, samples)),
        Codec::Mp3 if format.sample_rate == 44_100 => {
            let mut frame = vec![0xff, 0xfb, 0x90, 0xc0];
            frame.resize(417, 0);
            Ok(frame.repeat(samples.div_ceil(1152)))
        }
        Codec::Mp3 | Codec::Opus => Err(invalid(
            "output format",
            format.as_str(),
            "mp3_44100_…, pcm_…, wav_…, ulaw or alaw",
        )),
    }
}

fn wav(rate: u32, samples: usize) -> Vec<u8> {
    let bytes = u32::try_from(samples * 2).unwrap_or(u32::MAX - 36);
    let mut out = b"RIFF".to_vec();
    out.extend((36 + bytes).to_le_bytes());
    out.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    out.extend(rate.to_le_bytes());
    out.extend((rate * 2).to_le_bytes());
    out.extend(b"\x02\0\x10\0data");
    out.extend(bytes.to_le_bytes());
    out.resize(out.len() + samples * 2, 0);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elevenlabs_voice::audio::measure;

    #[test]
    fn it_is_as_long_as_it_should_be() {
        for name in ["mp3_44100_128", "pcm_24000", "wav_44100", "ulaw_8000", "alaw_8000"] {
            let format = OutputFormat::parse(name).unwrap();
            let audio = silence(format, 2.0).unwrap();
            let seconds = measure(&audio, format).unwrap().seconds;
            assert!((seconds - 2.0).abs() < 0.03, "{name}: {seconds}");
        }
        assert!(silence(OutputFormat::parse("mp3_22050_32").unwrap(), 1.0).is_err());
        let endless = silence(OutputFormat::parse("ulaw_8000").unwrap(), f64::INFINITY).unwrap();
        assert_eq!(endless.len(), 36_000 * 8000);
    }
}
