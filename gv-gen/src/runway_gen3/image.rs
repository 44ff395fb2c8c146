//! Input pictures: what Runway takes, checked here as far as it can be.

use crate::content_hash::{content_hash, stream_hash};
use crate::error::invalid;
use crate::{Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Where an input picture is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageInput {
    /// An `https` address that Runway fetches.
    Url(String),
    /// A `data:` URI.
    DataUri(String),
    /// A file on this machine; a small one is sent along, a large one is uploaded first.
    File(PathBuf),
    /// The bytes of a file.
    Bytes(Vec<u8>),
    /// What an earlier upload is called (`runway://…`); it lives for 24 hours.
    Upload(String),
}

impl ImageInput {
    /// Tells from a text what it is: an address, a data URI, an upload, else a file's path.
    pub fn parse(text: &str) -> Self {
        let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
        if lower.starts_with("http://") || lower.starts_with("https://") {
            Self::Url(text.to_owned())
        } else if lower.starts_with("data:") {
            Self::DataUri(text.to_owned())
        } else if lower.starts_with("runway:") {
            Self::Upload(text.to_owned())
        } else {
            Self::File(PathBuf::from(text))
        }
    }
}

/// Bytes of a file that is sent along as a data URI; a larger one is uploaded. Runway takes 5 MB of encoded text.
const INLINE_BYTES: u64 = 3 << 20;
/// Characters of a data URI that Runway takes.
const DATA_URI_LIMIT: usize = 5_000_000;
/// Bytes of an upload that Runway takes.
const UPLOAD_LIMIT: u64 = 200_000_000;
/// Characters of an address that Runway takes.
const URL_LIMIT: usize = 2048;

/// A picture that passed the checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    /// What identifies it: the address, or the hash of its bytes.
    pub(crate) identity: String,
    /// How it reaches Runway.
    pub(crate) way: Way,
    /// Width and height, where they could be read.
    pub(crate) size: Option<(u32, u32)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Way {
    /// As this URI.
    Uri(String),
    /// By an upload of this file.
    Upload { path: PathBuf, file_name: String, media_type: &'static str },
}

impl Picture {
    pub(crate) fn check(input: &ImageInput) -> Result<Self> {
        match input {
            ImageInput::Url(url) => {
                check_url(url)?;
                Ok(Self { identity: url.clone(), way: Way::Uri(url.clone()), size: None })
            }
            ImageInput::Upload(uri) => {
                if !uri.starts_with("runway://") || uri.len() > URL_LIMIT {
                    return Err(invalid("image", uri, "runway://… as an upload returned it"));
                }
                Ok(Self { identity: uri.clone(), way: Way::Uri(uri.clone()), size: None })
            }
            ImageInput::DataUri(uri) => from_data_uri(uri),
            ImageInput::Bytes(bytes) => {
                let (media_type, size) = kind("image", "bytes", bytes)?;
                let uri = data_uri(media_type, bytes)?;
                Ok(Self { identity: content_hash([&bytes[..]]), way: Way::Uri(uri), size })
            }
            ImageInput::File(path) => from_file(path),
        }
    }
}

fn check_url(url: &str) -> Result<()> {
    let shown = gv_http::redacted_url(url);
    let fail = |rule: &str| Err(invalid("image URL", &shown, rule));
    if url.chars().count() > URL_LIMIT {
        return fail("at most 2048 characters");
    }
    let Some(rest) = url.strip_prefix("https://").or_else(|| url.strip_prefix("HTTPS://")) else {
        return fail("https:// only: Runway fetches it and does not take http://");
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or("");
    if host.contains('@') {
        return fail("an address without user and password");
    }
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if host.starts_with('[') || name.parse::<std::net::Ipv4Addr>().is_ok() {
        return fail("a domain name, not an IP address");
    }
    if name.is_empty() || !name.contains('.') || url.chars().any(|c| c.is_control() || c == ' ') {
        return fail("an absolute address with a domain name");
    }
    Ok(())
}

fn from_data_uri(uri: &str) -> Result<Picture> {
    if uri.len() > DATA_URI_LIMIT {
        return Err(invalid(
            "image data URI",
            format!("{} characters", uri.len()),
            "at most 5000000 characters; pass the file instead and it is uploaded",
        ));
    }
    let rule = "data:image/jpeg;base64,… (or png, webp)";
    let (head, data) = uri.split_once(',').ok_or_else(|| invalid("image data URI", uri, rule))?;
    if !head.to_ascii_lowercase().ends_with(";base64") {
        return Err(invalid("image data URI", head, rule));
    }
    let bytes = STANDARD.decode(data).map_err(|_| invalid("image data URI", head, rule))?;
    let (_, size) = kind("image data URI", head, &bytes)?;
    Ok(Picture { identity: content_hash([&bytes[..]]), way: Way::Uri(uri.to_owned()), size })
}

fn from_file(path: &Path) -> Result<Picture> {
    let fail = |reason: String| Error::File { path: path.to_owned(), reason };
    let io = |error: std::io::Error| fail(error.to_string());
    let mut file = File::open(path).map_err(io)?;
    let meta = file.metadata().map_err(io)?;
    if !meta.is_file() {
        return Err(fail("it is not a regular file".to_owned()));
    }
    let shown = path.display().to_string();
    if meta.len() > UPLOAD_LIMIT {
        let given = format!("{shown} of {} MB", meta.len() / 1_000_000);
        return Err(invalid("image", given, "a file of at most 200 MB"));
    }
    let mut start = Vec::new();
    (&mut file).take(INLINE_BYTES + 1).read_to_end(&mut start).map_err(io)?;
    let (media_type, size) = kind("image", &shown, &start)?;
    if start.len() as u64 <= INLINE_BYTES {
        let uri = data_uri(media_type, &start)?;
        return Ok(Picture { identity: content_hash([&start[..]]), way: Way::Uri(uri), size });
    }
    let identity = stream_hash(start.as_slice().chain(file)).map_err(io)?;
    let extension = media_type.trim_start_matches("image/");
    Ok(Picture {
        way: Way::Upload {
            path: path.to_owned(),
            file_name: format!("{}.{extension}", &identity[..16]),
            media_type,
        },
        identity,
        size,
    })
}

fn data_uri(media_type: &str, bytes: &[u8]) -> Result<String> {
    let uri = format!("data:{media_type};base64,{}", STANDARD.encode(bytes));
    if uri.len() > DATA_URI_LIMIT {
        let given = format!("{} bytes", bytes.len());
        return Err(invalid("image bytes", given, "at most 3.7 MB; pass the file's path instead"));
    }
    Ok(uri)
}

fn kind(
    what: &'static str,
    shown: &str,
    bytes: &[u8],
) -> Result<(&'static str, Option<(u32, u32)>)> {
    let rule = "a JPEG, PNG or WebP picture";
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Ok(("image/jpeg", jpeg_size(bytes))),
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Ok(("image/png", png_size(bytes))),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => {
            Ok(("image/webp", webp_size(bytes)))
        }
        [b'G', b'I', b'F', b'8', ..] => {
            Err(invalid(what, format!("{shown}, a GIF"), format!("{rule}; Runway takes no GIF")))
        }
        [] => Err(invalid(what, format!("{shown}, which is empty"), rule)),
        _ => Err(invalid(what, format!("{shown}, which is none of these"), rule)),
    }
}

fn be16(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?)))
}

fn png_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let number = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    Some((number(16)?, number(20)?))
}

fn jpeg_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2;
    loop {
        if *bytes.get(at)? != 0xff {
            return None;
        }
        let marker = *bytes.get(at + 1)?;
        match marker {
            0xff => at += 1,
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                return Some((be16(bytes, at + 7)?, be16(bytes, at + 5)?));
            }
            0xd9 | 0xda => return None,
            _ => at += 2 + usize::try_from(be16(bytes, at + 2)?).ok()?,
        }
    }
}

fn webp_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let le = |at: usize, n: usize| {
        let part = bytes.get(at..at + n)?;
        Some(part.iter().rev().fold(0u32, |sum, byte| (sum << 8) | u32::from(*byte)))
    };
    match bytes.get(12..16)? {
        b"VP8X" => Some((le(24, 3)? + 1, le(27, 3)? + 1)),
        b"VP8 " => Some((le(26, 2)? & 0x3fff, le(28, 2)? & 0x3fff)),
        b"VP8L" => {
            let bits = le(21, 4)?;
            Some(((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes
    }

    #[test]
    fn a_text_is_told_to_be_an_address_a_data_uri_an_upload_or_a_path() {
        assert!(matches!(ImageInput::parse("HTTPS://a.b/c"), ImageInput::Url(_)));
        assert!(matches!(ImageInput::parse("http://a.b"), ImageInput::Url(_)));
        assert!(matches!(ImageInput::parse("data:image/png;base64,"), ImageInput::DataUri(_)));
        assert!(matches!(ImageInput::parse("runway://x"), ImageInput::Upload(_)));
        assert!(matches!(ImageInput::parse("/tmp/ä.png"), ImageInput::File(_)));
        assert!(matches!(ImageInput::parse(""), ImageInput::File(_)));
    }

    #[test]
    fn an_address_that_runway_would_refuse_is_refused_here() {
        let long = format!("https://a.example/{}", "x".repeat(2048));
        for (url, rule) in [
            ("http://example.com/a.jpg", "https"),
            ("https://127.0.0.1/a.jpg", "IP"),
            ("https://[::1]/a.jpg", "IP"),
            ("https://10.0.0.1:8080/a.jpg", "IP"),
            ("https://u:p@example.com/a.jpg", "password"),
            ("https:///a.jpg", "domain"),
            ("https://localhost/a.jpg", "domain"),
            ("https://example.com/a b.jpg", "absolute"),
            (&long, "2048"),
        ] {
            let error = Picture::check(&ImageInput::parse(url)).unwrap_err().to_string();
            assert!(error.contains(rule), "{url}: {error}");
        }
        assert!(Picture::check(&ImageInput::parse("https://example.com/bottle.jpg?k=1")).is_ok());
    }

    #[test]
    fn pictures_are_known_by_their_bytes_and_gifs_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            ImageInput::File(path)
        };
        let picture = Picture::check(&write("a.txt", &png(640, 480))).unwrap();
        assert_eq!(picture.size, Some((640, 480)));
        assert!(matches!(&picture.way, Way::Uri(uri) if uri.starts_with("data:image/png;base64,")));
        for (bytes, rule) in
            [(&b"GIF89a"[..], "no GIF"), (b"", "empty"), (b"<svg>", "JPEG, PNG or WebP")]
        {
            let error = Picture::check(&write("b.png", bytes)).unwrap_err().to_string();
            assert!(error.contains(rule), "{error}");
        }
        assert!(Picture::check(&ImageInput::File(folder.path().to_owned())).is_err());
        assert!(Picture::check(&ImageInput::File(folder.path().join("none.png"))).is_err());
    }

    #[test]
    fn a_large_file_is_uploaded_and_a_huge_one_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("big.png");
        let mut bytes = png(1000, 1000);
        bytes.resize(4 << 20, 0);
        std::fs::write(&path, &bytes).unwrap();
        let picture = Picture::check(&ImageInput::File(path.clone())).unwrap();
        assert!(matches!(picture.way, Way::Upload { media_type: "image/png", .. }));
        assert_eq!(picture.identity, stream_hash(&bytes[..]).unwrap());
        File::options().write(true).open(&path).unwrap().set_len(300_000_000).unwrap();
        let error = Picture::check(&ImageInput::File(path)).unwrap_err().to_string();
        assert!(error.contains("300 MB") && error.contains("200 MB"), "{error}");
    }

    #[test]
    fn data_uris_are_decoded_and_checked() {
        let good = format!("data:image/jpg;base64,{}", STANDARD.encode(png(2, 1)));
        let picture = Picture::check(&ImageInput::parse(&good)).unwrap();
        assert_eq!(picture.size, Some((2, 1)));
        for bad in ["data:", "data:image/png,abc", "data:image/png;base64,%%%", "data:;base64,"] {
            assert!(Picture::check(&ImageInput::parse(bad)).is_err(), "{bad}");
        }
        let long = format!("data:image/png;base64,{}", "A".repeat(5_000_000));
        assert!(Picture::check(&ImageInput::parse(&long)).is_err());
    }

    #[test]
    fn sizes_are_read_from_jpeg_and_webp_and_damage_is_no_size() {
        let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xc0\0\x11\x08\x01\xe0\x02\x80\x03";
        assert_eq!(jpeg_size(jpeg), Some((640, 480)));
        for cut in 0..jpeg.len() - 1 {
            let _ = jpeg_size(&jpeg[..cut]);
        }
        let mut webp = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0".to_vec();
        webp.extend([0x7f, 0x02, 0, 0xdf, 0x01, 0]);
        assert_eq!(webp_size(&webp), Some((640, 480)));
        assert_eq!(webp_size(&webp[..20]), None);
        assert_eq!(png_size(b"\x89PNG"), None);
    }
}
