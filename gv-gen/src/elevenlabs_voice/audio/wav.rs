//! WAV: the header is read and written, the samples stay as they are.

use std::ops::Range;

/// What a WAV file's header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wav {
    fmt: Vec<u8>,
    data: Range<usize>,
    bytes_per_second: u32,
}

impl Wav {
    pub(crate) fn seconds(&self) -> f64 {
        self.data.len() as f64 / f64::from(self.bytes_per_second)
    }
}

/// Reads the header; a file that was streamed may leave its length open.
pub(crate) fn parse(bytes: &[u8]) -> Result<Wav, String> {
    if bytes.len() < 12 || &bytes[..4] != b"RIFF" || &bytes[8..12] != b"WAVE" {
        return Err("the audio is not a WAV file".to_owned());
    }
    let (mut at, mut fmt) = (12usize, None);
    while let Some(head) = bytes.get(at..at + 8) {
        let size = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
        let start = at + 8;
        let end = start.saturating_add(usize::try_from(size).unwrap_or(usize::MAX));
        if &head[..4] == b"data" {
            let fmt: Vec<u8> = fmt.ok_or("the WAV file has no format")?;
            let bytes_per_second = match fmt.get(8..12) {
                Some(&[a, b, c, d]) => u32::from_le_bytes([a, b, c, d]),
                _ => 0,
            };
            if bytes_per_second == 0 {
                return Err("the WAV file has no data rate".to_owned());
            }
            let open = size == 0 || size == u32::MAX;
            if end > bytes.len() && !open {
                return Err(format!("the audio ends {} bytes early", end - bytes.len()));
            }
            let data = start..if open { bytes.len() } else { end };
            return Ok(Wav { fmt, data, bytes_per_second });
        }
        if &head[..4] == b"fmt " {
            fmt = bytes.get(start..end).map(<[u8]>::to_vec);
        }
        at = end.saturating_add(usize::from(size % 2 == 1));
    }
    Err("the audio ends before its samples".to_owned())
}

/// Joins files of one format under one header.
pub(crate) fn join(pieces: &[Vec<u8>]) -> Result<Vec<u8>, String> {
    let (mut data, mut fmt): (Vec<u8>, Option<Vec<u8>>) = (Vec::new(), None);
    for piece in pieces {
        let wav = parse(piece)?;
        data.extend_from_slice(&piece[wav.data.clone()]);
        if *fmt.get_or_insert_with(|| wav.fmt.clone()) != wav.fmt {
            return Err("the pieces differ in their format".to_owned());
        }
    }
    let fmt = fmt.unwrap_or_default();
    let size = |n: usize| u32::try_from(n).map_err(|_| "the audio is larger than 4 GB".to_owned());
    let mut out = b"RIFF".to_vec();
    out.extend(size(20 + fmt.len() + data.len())?.to_le_bytes());
    out.extend(b"WAVEfmt ");
    out.extend(size(fmt.len())?.to_le_bytes());
    out.extend(&fmt);
    out.extend(b"data");
    out.extend(size(data.len())?.to_le_bytes());
    out.extend(&data);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wav(data: &[u8], announced: u32) -> Vec<u8> {
        let mut out = b"RIFF\0\0\0\0WAVELIST\x03\0\0\0abc\0fmt \x10\0\0\0\x01\0\x01\0".to_vec();
        out.extend(16_000u32.to_le_bytes());
        out.extend(32_000u32.to_le_bytes());
        out.extend([2, 0, 16, 0]);
        out.extend(b"data");
        out.extend(announced.to_le_bytes());
        out.extend(data);
        out
    }

    #[test]
    fn the_length_is_that_of_the_samples() {
        assert_eq!(parse(&wav(&[0; 3200], 3200)).unwrap().seconds(), 0.1);
        assert_eq!(parse(&wav(&[0; 3200], u32::MAX)).unwrap().seconds(), 0.1);
        assert!(parse(&wav(&[0; 3200], 3201)).unwrap_err().contains("1 bytes early"));
        let whole = wav(&[0; 10], 10);
        for cut in 0..whole.len() {
            assert!(parse(&whole[..cut]).is_err());
        }
    }

    #[test]
    fn joined_files_have_one_header() {
        let joined = join(&[wav(&[1; 100], 100), wav(&[2; 50], 50)]).unwrap();
        let parsed = parse(&joined).unwrap();
        assert_eq!(parsed.data.len(), 150);
        assert_eq!(joined.len(), 44 + 150);
        let mut other = wav(&[0; 2], 2);
        let at = other.windows(4).position(|w| w == b"fmt ").unwrap();
        other[at + 10] = 2;
        assert!(join(&[wav(&[0; 2], 2), other]).is_err());
    }
}
