//! The names of pixel formats by their raw video tags.

/// ffmpeg's name of the format that a raw video `tag` stands for; `None` where the tag is not known
/// or stands for several.
///
/// The tags are those of `libavcodec/raw.c`. Families carry subsampling and depth in the last two
/// bytes, big-endian ones in the first two. The full-range twins (`yuvj420p`) share a tag with the
/// plain formats and go by the plain name.
pub(super) fn name(tag: &[u8]) -> Option<String> {
    let plain = match tag {
        b"I420" | b"IYUV" => "yuv420p",
        b"Y42B" => "yuv422p",
        b"444P" => "yuv444p",
        b"440P" => "yuv440p",
        b"Y41B" => "yuv411p",
        b"YUV9" => "yuv410p",
        b"Y800" => "gray",
        b"B1W0" => "monow",
        b"B0W1" => "monob",
        b"PAL\x08" => "pal8",
        b"RGB\x18" => "rgb24",
        b"BGR\x18" => "bgr24",
        b"RGBA" => "rgba",
        b"BGRA" => "bgra",
        b"ARGB" => "argb",
        b"ABGR" => "abgr",
        b"RGB\0" => "rgb0",
        b"BGR\0" => "bgr0",
        b"\0RGB" => "0rgb",
        b"\0BGR" => "0bgr",
        b"RGB0" => "rgb48le",
        b"0RGB" => "rgb48be",
        b"RBA@" => "rgba64le",
        b"@RBA" => "rgba64be",
        b"YUY2" => "yuyv422",
        b"UYVY" => "uyvy422",
        b"NV12" => "nv12",
        b"NV21" => "nv21",
        b"XYZ$" => "xyz12le",
        b"$ZYX" => "xyz12be",
        b"Y2\0\x08" => "ya8",
        _ => return planar(tag),
    };
    Some(plain.into())
}

fn planar(tag: &[u8]) -> Option<String> {
    let &[a, b, c, d] = tag else { return None };
    let (little, family, subsampling, depth) = match (a, d) {
        (b'Y' | b'G', _) => (true, [a, b], c, d),
        (_, b'Y' | b'G') => (false, [d, c], b, a),
        _ => return None,
    };
    let base = match (&family, subsampling) {
        (b"Y1", 0) => "gray".to_owned(),
        (b"G3", 0) => "gbrp".to_owned(),
        (b"G4", 0) => "gbrap".to_owned(),
        (b"Y3", _) => format!("yuv{}p", sampling(subsampling)?),
        (b"Y4", _) => format!("yuva{}p", sampling(subsampling)?),
        _ => return None,
    };
    let ending = if little { "le" } else { "be" };
    match depth {
        8 => Some(base),
        9..=16 => Some(format!("{base}{depth}{ending}")),
        33 if family[0] == b'G' => Some(format!("{base}f32{ending}")),
        _ => None,
    }
}

const fn sampling(code: u8) -> Option<&'static str> {
    match code {
        0 => Some("444"),
        10 => Some("422"),
        11 => Some("420"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_named_by_subsampling_depth_and_byte_order() {
        assert_eq!(name(b"Y3\x0b\x0a").as_deref(), Some("yuv420p10le"));
        assert_eq!(name(b"\x0c\x0a3Y").as_deref(), Some("yuv422p12be"));
        assert_eq!(name(b"Y4\x0b\x08").as_deref(), Some("yuva420p"));
        assert_eq!(name(b"G3\0\x08").as_deref(), Some("gbrp"));
        assert_eq!(name(b"G4\0\x21").as_deref(), Some("gbrapf32le"));
        assert_eq!(name(b"I420").as_deref(), Some("yuv420p"));
    }

    #[test]
    fn a_tag_that_ffmpeg_gives_to_many_formats_names_none() {
        assert_eq!(name(b"RGB\x0f"), None);
        assert_eq!(name(b"Y3\x0c\x0a"), None);
        assert_eq!(name(b""), None);
    }
}
