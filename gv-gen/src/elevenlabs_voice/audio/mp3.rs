//! MP3: frames are counted, not decoded (ISO 11172-3 and 13818-3, layer III).

use super::Measured;
use std::ops::Range;

/// The frames of a file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scan {
    /// Where the frames that carry sound are.
    pub(crate) audio: Range<usize>,
    samples: u64,
    rate: u32,
    delay: u64,
    padding: u64,
}

impl Scan {
    pub(crate) fn measured(&self) -> Measured {
        let rate = f64::from(self.rate);
        let played = self.samples.saturating_sub(self.delay).saturating_sub(self.padding);
        Measured {
            seconds: played as f64 / rate,
            coded: self.samples as f64 / rate,
            lead: self.delay as f64 / rate,
        }
    }
}

struct Frame {
    bytes: usize,
    samples: u64,
    rate: u32,
    side: usize,
}

const KBITS_1: [u32; 15] = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const KBITS_2: [u32; 15] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];

fn frame(bytes: &[u8]) -> Option<Frame> {
    let &[sync, a, b, c, ..] = bytes else { return None };
    if sync != 0xff || a & 0xe6 != 0xe2 {
        return None;
    }
    let version = (a >> 3) & 3;
    let divisor = match version {
        3 => 1,
        2 => 2,
        0 => 4,
        _ => return None,
    };
    let base = *[44_100u32, 48_000, 32_000].get(usize::from((b >> 2) & 3))?;
    let rate = base / divisor;
    let kbits = if divisor == 1 { KBITS_1 } else { KBITS_2 };
    let kbits = *kbits.get(usize::from(b >> 4))?;
    if kbits == 0 {
        return None;
    }
    let padding = u32::from((b >> 1) & 1);
    let samples: u32 = if divisor == 1 { 1152 } else { 576 };
    let size = samples / 8 * kbits * 1000 / rate + padding;
    let mono = c >> 6 == 3;
    let side = match (divisor == 1, mono) {
        (true, false) => 32,
        (true, true) | (false, false) => 17,
        (false, true) => 9,
    };
    let crc = if a & 1 == 0 { 2 } else { 0 };
    Some(Frame {
        bytes: usize::try_from(size).ok()?,
        samples: u64::from(samples),
        rate,
        side: 4 + crc + side,
    })
}

/// Finds the frames; an error says where the file is damaged.
pub(crate) fn scan(bytes: &[u8]) -> Result<Scan, String> {
    let mut at = tag_length(bytes);
    let end = match bytes.len().checked_sub(128) {
        Some(start) if start >= at && bytes[start..].starts_with(b"TAG") => start,
        _ => bytes.len(),
    };
    let first =
        bytes.get(at..end).and_then(frame).ok_or("the audio does not begin with an MP3 frame")?;
    let mut scan = Scan { audio: at..end, samples: 0, rate: first.rate, delay: 0, padding: 0 };
    if let Some((delay, padding)) = info(bytes.get(at..end.min(at + first.bytes)), first.side) {
        (scan.delay, scan.padding) = (delay, padding);
        at += first.bytes;
        scan.audio.start = at;
    }
    while at < end {
        let frame = frame(&bytes[at..end]).ok_or_else(|| {
            if end - at < 4 {
                "the audio ends in the middle of a frame".to_owned()
            } else {
                format!("the audio is damaged at byte {at}")
            }
        })?;
        if frame.bytes > end - at {
            return Err("the audio ends in the middle of a frame".to_owned());
        }
        at += frame.bytes;
        scan.samples += frame.samples;
    }
    if scan.samples == 0 {
        return Err("the audio has no frame with sound".to_owned());
    }
    Ok(scan)
}

fn tag_length(bytes: &[u8]) -> usize {
    match bytes {
        [b'I', b'D', b'3', _, _, flags, a, b, c, d, ..] => {
            let size = [a, b, c, d]
                .iter()
                .fold(0usize, |sum, byte| (sum << 7) | usize::from(**byte & 0x7f));
            10 + size + if flags & 0x10 != 0 { 10 } else { 0 }
        }
        _ => 0,
    }
}

fn info(frame: Option<&[u8]>, side: usize) -> Option<(u64, u64)> {
    let tag = frame?.get(side..)?;
    if frame?.get(36..40) == Some(b"VBRI") {
        return Some((0, 0));
    }
    if !(tag.starts_with(b"Xing") || tag.starts_with(b"Info")) {
        return None;
    }
    let flags = *tag.get(7)?;
    let sizes = [4, 4, 100, 4];
    let skip: usize = sizes
        .iter()
        .enumerate()
        .map(|(n, size)| if flags & (1 << n) != 0 { *size } else { 0 })
        .sum();
    match tag.get(8 + skip + 21..8 + skip + 24) {
        Some(&[a, b, c]) => {
            let delay = (u64::from(a) << 4) | (u64::from(b) >> 4);
            let padding = (u64::from(b & 0x0f) << 8) | u64::from(c);
            Some((delay, padding))
        }
        _ => Some((0, 0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elevenlabs_voice::{format::OutputFormat, silence::silence};
    use proptest::prelude::*;

    fn silent(seconds: f64) -> Vec<u8> {
        silence(OutputFormat::parse("mp3_44100_128").unwrap(), seconds).unwrap()
    }

    #[test]
    fn frames_are_counted_and_tags_are_not() {
        let plain = silent(1.0);
        let scan = scan(&plain).unwrap();
        assert!((scan.measured().seconds - 1.0).abs() < 1152.0 / 44_100.0);
        let mut tagged = b"ID3\x04\0\0\0\0\0\x05abcde".to_vec();
        tagged.extend(&plain);
        tagged.extend(b"TAG");
        tagged.extend([0; 125]);
        let with = super::scan(&tagged).unwrap();
        assert_eq!(with.measured(), scan.measured());
        assert_eq!(&tagged[with.audio], &plain[..]);
    }

    #[test]
    fn an_encoders_delay_and_padding_are_not_played() {
        let plain = silent(1.0);
        let mut header = vec![0xff, 0xfb, 0x90, 0xc0];
        header.resize(417, 0);
        header[21..25].copy_from_slice(b"Info");
        header[28] = 0x0f;
        let lame = 21 + 8 + 112;
        header[lame..lame + 4].copy_from_slice(b"LAME");
        header[lame + 21..lame + 24].copy_from_slice(&[0x45, 0x06, 0x00]);
        let mut file = header;
        file.extend(&plain);
        let (with, without) = (scan(&file).unwrap(), scan(&plain).unwrap());
        assert_eq!((with.delay, with.padding), (0x450, 0x600));
        let lost = (0x450 + 0x600) as f64 / 44_100.0;
        assert!((without.measured().seconds - with.measured().seconds - lost).abs() < 1e-9);
        assert_eq!(with.measured().coded, without.measured().coded);
    }

    #[test]
    fn an_end_in_the_middle_is_seen_wherever_it_is() {
        let file = silent(0.2);
        let whole = scan(&file).unwrap();
        for cut in 1..file.len() {
            match scan(&file[..cut]) {
                Ok(_) => assert_eq!(cut % 417, 0, "a cut between frames alone passes"),
                Err(text) => assert!(text.contains("middle") || text.contains("begin"), "{text}"),
            }
        }
        let ends = (1..file.len()).filter(|cut| scan(&file[..*cut]).is_ok()).count() as u64;
        assert_eq!(ends, whole.samples / 1152 - 1);
        let mut damaged = file.clone();
        damaged[417] = 0;
        assert!(scan(&damaged).unwrap_err().contains("damaged at byte 417"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = scan(&bytes);
            let _ = scan(&[&b"\xff\xfb\x90\xc0"[..], &bytes].concat());
        }
    }
}
