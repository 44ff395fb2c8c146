//! How long audio is, and how pieces of it are joined, without decoding it.

mod mp3;
mod ogg;
mod wav;

use super::format::{Codec, OutputFormat};

/// What is known about a piece of audio. Times in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Measured {
    /// Length as a player plays it.
    pub(crate) seconds: f64,
    /// Length of all that is coded, the encoder's lead-in and padding included.
    pub(crate) coded: f64,
    /// The encoder's lead-in, which a player skips where the file says so.
    pub(crate) lead: f64,
}

impl Measured {
    fn plain(seconds: f64) -> Self {
        Self { seconds, coded: seconds, lead: 0.0 }
    }
}

/// Measures audio; an error says what is wrong with it, for example that it ends in the middle of a frame.
pub(crate) fn measure(bytes: &[u8], format: OutputFormat) -> Result<Measured, String> {
    if bytes.is_empty() {
        return Err("the audio is empty".to_owned());
    }
    let rate = f64::from(format.sample_rate);
    match format.codec {
        Codec::Mp3 => mp3::scan(bytes).map(|scan| scan.measured()),
        Codec::Opus => ogg::seconds(bytes).map(Measured::plain),
        Codec::Wav => wav::parse(bytes).map(|wav| Measured::plain(wav.seconds())),
        Codec::Pcm if bytes.len() % 2 == 1 => {
            Err("the audio ends in the middle of a sample".to_owned())
        }
        Codec::Pcm => Ok(Measured::plain((bytes.len() / 2) as f64 / rate)),
        Codec::Ulaw | Codec::Alaw => Ok(Measured::plain(bytes.len() as f64 / rate)),
    }
}

/// Joins pieces of one format into one; each also with the time at which its speech begins, and the length of all.
///
/// A single piece stays as it is. Frames of MP3 are put in a row without their headers, WAV gets one header, Ogg becomes
/// a chained stream.
pub(crate) fn join(
    pieces: &[Vec<u8>],
    format: OutputFormat,
) -> Result<(Vec<u8>, Vec<f64>, f64), String> {
    let measured: Vec<Measured> =
        pieces.iter().map(|piece| measure(piece, format)).collect::<Result<_, _>>()?;
    if let ([piece], [one]) = (pieces, measured.as_slice()) {
        return Ok((piece.clone(), vec![0.0], one.seconds));
    }
    let (mut starts, mut seconds) = (Vec::new(), 0.0);
    for piece in &measured {
        starts.push(seconds + piece.lead);
        seconds += piece.coded;
    }
    let bytes = match format.codec {
        Codec::Mp3 => {
            let mut all = Vec::new();
            for piece in pieces {
                let scan = mp3::scan(piece)?;
                all.extend_from_slice(&piece[scan.audio.clone()]);
            }
            all
        }
        Codec::Wav => wav::join(pieces)?,
        Codec::Pcm | Codec::Opus | Codec::Ulaw | Codec::Alaw => pieces.concat(),
    };
    Ok((bytes, starts, seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(name: &str) -> OutputFormat {
        OutputFormat::parse(name).unwrap()
    }

    #[test]
    fn raw_samples_are_as_long_as_there_are_bytes() {
        assert_eq!(measure(&[0; 32_000], format("pcm_16000")).unwrap().seconds, 1.0);
        assert_eq!(measure(&[0; 8000], format("ulaw_8000")).unwrap().seconds, 1.0);
        assert!(measure(&[0; 3], format("pcm_16000")).unwrap_err().contains("middle of a sample"));
        assert!(measure(&[], format("alaw_8000")).unwrap_err().contains("empty"));
    }

    #[test]
    fn pieces_follow_each_other() {
        let pieces = vec![vec![0; 3200], vec![1; 6400], vec![2; 1600]];
        let (bytes, starts, seconds) = join(&pieces, format("pcm_16000")).unwrap();
        assert_eq!(
            (bytes.len(), starts, seconds),
            (11_200, vec![0.0, 0.1, 0.30000000000000004], 0.35000000000000003)
        );
        let (one, starts, seconds) = join(&pieces[..1], format("pcm_16000")).unwrap();
        assert_eq!((one, starts, seconds), (pieces[0].clone(), vec![0.0], 0.1));
    }
}
