//! Facts that only the first decoded picture carries: native pixel format and rotation.

use super::pixel_format;
use crate::nut::{Demuxer, Input, StreamKind};
use crate::{Rational, Result, Rotation};

const MAX_MOOV_BYTES: usize = 1 << 20;

/// The picture as it was decoded, before rotation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NativePicture {
    /// Width and height in pixels.
    pub(crate) size: (u64, u64),
    /// Width of a pixel divided by its height; `None` where the file does not say.
    pub(crate) pixel_aspect: Option<Rational>,
    /// Name of the pixel format; `None` where that stays unknown.
    pub(crate) pixel_format: Option<String>,
}

/// What the NUT header of the first picture says of it as it was decoded; `None` where there is none.
///
/// # Errors
///
/// What the input reports.
pub(crate) fn native_picture(input: impl Input) -> Result<Option<NativePicture>> {
    let demuxer = match Demuxer::open(input) {
        Ok(demuxer) => demuxer,
        Err(crate::Error::BadStream { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(demuxer.streams().iter().find_map(|stream| match stream.kind {
        StreamKind::Video { width, height, pixel_aspect } => Some(NativePicture {
            size: (width, height),
            pixel_aspect,
            pixel_format: pixel_format::name(&stream.tag),
        }),
        _ => None,
    }))
}

/// The rotation that a player applies, from the track header of a QuickTime file in which ffmpeg
/// repeats the first picture without applying it; `None` where it is no quarter turn or stays unknown.
///
/// Format: ISO/IEC 14496-12, 8.3.2, whose matrix maps the coded picture to the shown one.
///
/// # Errors
///
/// What the input reports.
pub(crate) fn rotation(mut input: impl Input) -> Result<Option<Rotation>> {
    let (mut bytes, mut chunk) = (Vec::new(), [0; 4096]);
    while bytes.len() < MAX_MOOV_BYTES {
        if let Some(moov) = child(&bytes, b"moov") {
            return Ok(matrix(moov).and_then(quarter_turns));
        }
        match input.read(&mut chunk)? {
            0 => break,
            count => bytes.extend(chunk.iter().take(count)),
        }
    }
    Ok(None)
}

/// The content of the first box of a kind that is there as a whole.
fn child<'a>(mut bytes: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    loop {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let (found, rest) = rest.split_first_chunk::<4>()?;
        let content = usize::try_from(u32::from_be_bytes(*length)).ok()?.checked_sub(8)?;
        let (content, after) = rest.split_at_checked(content)?;
        if found == kind {
            return Some(content);
        }
        bytes = after;
    }
}

fn matrix(moov: &[u8]) -> Option<[i32; 9]> {
    let header = child(child(moov, b"trak")?, b"tkhd")?;
    let offset = if *header.first()? == 1 { 52 } else { 40 };
    let fields = header.get(offset..offset + 36)?;
    let mut matrix = [0; 9];
    for (field, value) in fields.as_chunks::<4>().0.iter().zip(&mut matrix) {
        *value = i32::from_be_bytes(*field);
    }
    Some(matrix)
}

fn quarter_turns(matrix: [i32; 9]) -> Option<Rotation> {
    let [a, b, _, c, d, ..] = matrix;
    match (a.signum(), b.signum(), c.signum(), d.signum()) {
        (1, 0, 0, 1) => Some(Rotation::None),
        (0, 1, -1, 0) => Some(Rotation::Quarter),
        (-1, 0, 0, -1) => Some(Rotation::Half),
        (0, -1, 1, 0) => Some(Rotation::ThreeQuarters),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(content.len() + 8).unwrap();
        [&length.to_be_bytes(), kind.as_slice(), content].concat()
    }

    fn movie(matrix: [i32; 9]) -> Vec<u8> {
        let fields: Vec<u8> = matrix.iter().flat_map(|value| value.to_be_bytes()).collect();
        let header = [vec![0; 40], fields, vec![0; 8]].concat();
        let moov = boxed(b"moov", &boxed(b"trak", &boxed(b"tkhd", &header)));
        [boxed(b"ftyp", b"qt  "), moov].concat()
    }

    #[test]
    fn quarter_turns_are_told_by_the_signs_of_the_matrix() {
        const ONE: i32 = 1 << 16;
        let turn = |a, b, c, d| rotation(&movie([a, b, 0, c, d, 0, 0, 0, 1 << 30])[..]).unwrap();
        assert_eq!(turn(ONE, 0, 0, ONE), Some(Rotation::None));
        assert_eq!(turn(0, ONE, -ONE, 0), Some(Rotation::Quarter));
        assert_eq!(turn(-ONE, 0, 0, -ONE), Some(Rotation::Half));
        assert_eq!(turn(0, -ONE, ONE, 0), Some(Rotation::ThreeQuarters));
    }

    #[test]
    fn mirrored_and_slanted_pictures_have_no_rotation_by_quarter_turns() {
        assert_eq!(quarter_turns([-1, 0, 0, 0, 1, 0, 0, 0, 1]), None);
        assert_eq!(quarter_turns([1, 1, 0, -1, 1, 0, 0, 0, 1]), None);
    }

    #[test]
    fn what_is_no_movie_has_no_rotation() {
        assert_eq!(rotation(&b"\0\0\0\x04moov"[..]).unwrap(), None);
        assert_eq!(rotation(&[0xff; 100][..]).unwrap(), None);
        assert_eq!(rotation(&movie([0; 9])[..40]).unwrap(), None);
    }
}
