//! The headers of a NUT file: time bases, frame codes, streams.

use super::bytes::Bytes;
use super::{Damage, Parsed};
use crate::Rational;

pub(super) const MAX_STREAMS: u64 = 16;
const MAX_TIME_BASES: u64 = 64;

pub(super) const FLAG_KEY: u64 = 1;
pub(super) const FLAG_CODED_PTS: u64 = 8;
pub(super) const FLAG_STREAM_ID: u64 = 16;
pub(super) const FLAG_SIZE_MSB: u64 = 32;
pub(super) const FLAG_CHECKSUM: u64 = 64;
pub(super) const FLAG_RESERVED: u64 = 128;
pub(super) const FLAG_SIDE_DATA: u64 = 256;
pub(super) const FLAG_HEADER_INDEX: u64 = 1024;
pub(super) const FLAG_MATCH_TIME: u64 = 2048;
pub(super) const FLAG_CODED_FLAGS: u64 = 4096;
pub(super) const FLAG_INVALID: u64 = 8192;

/// What one of the 256 frame codes stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FrameCode {
    pub(super) flags: u64,
    pub(super) stream: u64,
    pub(super) size_mul: u64,
    pub(super) size_lsb: u64,
    pub(super) pts_delta: i64,
    pub(super) reserved: u64,
    pub(super) header: u64,
}

/// The main header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MainHeader {
    pub(super) stream_count: u64,
    pub(super) time_bases: Vec<Rational>,
    pub(super) codes: Vec<FrameCode>,
    pub(super) elided: Vec<Vec<u8>>,
}

impl MainHeader {
    pub(super) fn parse(mut bytes: Bytes<'_>) -> Parsed<Self> {
        let version = bytes.number()?;
        if !(2..=3).contains(&version) {
            return Err(Damage::Version);
        }
        let stream_count = bytes.number()?;
        let _max_distance = bytes.number()?;
        let time_base_count = bytes.number()?;
        if stream_count > MAX_STREAMS || !(1..=MAX_TIME_BASES).contains(&time_base_count) {
            return Err(Damage::Header);
        }
        let time_bases =
            (0..time_base_count).map(|_| time_base(&mut bytes)).collect::<Parsed<_>>()?;
        let codes = frame_codes(&mut bytes)?;
        let elided_count = bytes.number()?;
        if elided_count >= 128 {
            return Err(Damage::Header);
        }
        let mut elided = vec![Vec::new()];
        for _ in 0..elided_count {
            elided.push(bytes.block()?.to_vec());
        }
        Ok(Self { stream_count, time_bases, codes, elided })
    }
}

fn time_base(bytes: &mut Bytes<'_>) -> Parsed<Rational> {
    let (num, den) = (bytes.number()?, bytes.number()?);
    let valid = 1..=u64::from(u32::MAX);
    if !valid.contains(&num) || !valid.contains(&den) {
        return Err(Damage::Header);
    }
    Rational::new(num as i64, den as i64).ok_or(Damage::Header)
}

fn frame_codes(bytes: &mut Bytes<'_>) -> Parsed<Vec<FrameCode>> {
    let mut codes = Vec::with_capacity(256);
    let mut code = FrameCode {
        flags: 0,
        stream: 0,
        size_mul: 1,
        size_lsb: 0,
        pts_delta: 0,
        reserved: 0,
        header: 0,
    };
    while codes.len() < 256 {
        code.flags = bytes.number()?;
        let fields = bytes.number()?;
        if fields > 1000 {
            return Err(Damage::Header);
        }
        if fields > 0 {
            code.pts_delta = bytes.signed()?;
        }
        if fields > 1 {
            code.size_mul = bytes.number()?;
        }
        if fields > 2 {
            code.stream = bytes.number()?;
        }
        let size = if fields > 3 { bytes.number()? } else { 0 };
        code.reserved = if fields > 4 { bytes.number()? } else { 0 };
        let count = if fields > 5 {
            bytes.number()?
        } else {
            code.size_mul.checked_sub(size).ok_or(Damage::Header)?
        };
        if fields > 6 {
            bytes.signed()?;
        }
        if fields > 7 {
            code.header = bytes.number()?;
        }
        for _ in 8..fields {
            bytes.number()?;
        }
        if count == 0 || count > 256 {
            return Err(Damage::Header);
        }
        push_codes(&mut codes, code, size, count)?;
    }
    Ok(codes)
}

fn push_codes(codes: &mut Vec<FrameCode>, code: FrameCode, size: u64, count: u64) -> Parsed<()> {
    let mut offset = 0;
    while offset < count && codes.len() < 256 {
        if codes.len() == usize::from(b'N') {
            codes.push(FrameCode { flags: FLAG_INVALID, ..code });
            continue;
        }
        let size_lsb = size.checked_add(offset).ok_or(Damage::Number)?;
        codes.push(FrameCode { size_lsb, ..code });
        offset += 1;
    }
    Ok(())
}

/// One stream, as its header describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    /// What the stream carries.
    pub kind: StreamKind,
    /// The codec's tag, for example `I420`.
    pub tag: Vec<u8>,
    /// Length of a time stamp's unit in seconds.
    pub time_base: Rational,
    pub(super) msb_pts_shift: u32,
}

/// What a stream carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamKind {
    /// Pictures.
    Video {
        /// Width in pixels.
        width: u64,
        /// Height in pixels.
        height: u64,
        /// Width of a pixel divided by its height; `None` where the file does not say.
        pixel_aspect: Option<Rational>,
    },
    /// Sound.
    Audio {
        /// Samples per second, in Hz.
        sample_rate: u64,
        /// Number of channels.
        channels: u64,
    },
    /// Anything else.
    Other,
}

impl Stream {
    /// The stream and its number.
    pub(super) fn parse(mut bytes: Bytes<'_>, main: &MainHeader) -> Parsed<(u64, Self)> {
        let number = bytes.number()?;
        let class = bytes.number()?;
        let tag = bytes.block()?.to_vec();
        let time_base_id = bytes.number()?;
        let shift = bytes.number()?;
        let _max_pts_distance = bytes.number()?;
        let _decode_delay = bytes.number()?;
        let _flags = bytes.number()?;
        let _codec_data = bytes.block()?;
        let time_base = usize::try_from(time_base_id).ok().and_then(|id| main.time_bases.get(id));
        let time_base = *time_base.ok_or(Damage::Header)?;
        if shift >= 16 || number >= main.stream_count || tag.len() > 4 {
            return Err(Damage::Header);
        }
        let kind = match class {
            0 => video(&mut bytes)?,
            1 => audio(&mut bytes)?,
            _ => StreamKind::Other,
        };
        Ok((number, Self { kind, tag, time_base, msb_pts_shift: shift as u32 }))
    }
}

fn video(bytes: &mut Bytes<'_>) -> Parsed<StreamKind> {
    let (width, height) = (bytes.number()?, bytes.number()?);
    let (aspect_width, aspect_height) = (bytes.number()?, bytes.number()?);
    if width == 0 || height == 0 {
        return Err(Damage::Header);
    }
    let aspect = i64::try_from(aspect_width).ok().zip(i64::try_from(aspect_height).ok());
    let pixel_aspect =
        aspect.and_then(|(w, h)| Rational::new(w, h)).filter(|aspect| aspect.is_positive());
    Ok(StreamKind::Video { width, height, pixel_aspect })
}

fn audio(bytes: &mut Bytes<'_>) -> Parsed<StreamKind> {
    let (num, den, channels) = (bytes.number()?, bytes.number()?, bytes.number()?);
    if num == 0 || den == 0 || channels == 0 || num % den != 0 {
        return Err(Damage::Header);
    }
    Ok(StreamKind::Audio { sample_rate: num / den, channels })
}
