//! What the first bytes of a file say about it.

/// Where the time stamps of a container count from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Timeline {
    /// From the start of the movie: 0 is where a player's clock starts.
    Movie,
    /// From some moment of a clock that ran before: MPEG transport and program streams. A player's
    /// clock starts with the first packet.
    Clock,
}

/// The kind of playlist that `head`, the first bytes of a file, begins; else its timeline.
pub(crate) fn sniff(head: &[u8]) -> Result<Timeline, &'static str> {
    match playlist(head) {
        Some(kind) => Err(kind),
        None if is_program_stream(head) || is_transport_stream(head) => Ok(Timeline::Clock),
        None => Ok(Timeline::Movie),
    }
}

fn playlist(head: &[u8]) -> Option<&'static str> {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let begins = |mark: &str| {
        text.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark.as_bytes()))
    };
    let holds = |mark: &[u8]| {
        let is_markup = text.first() == Some(&b'<');
        is_markup && text.windows(mark.len()).any(|part| part.eq_ignore_ascii_case(mark))
    };
    let marks = [
        ("#EXTM3U", "m3u8"),
        ("ffconcat version", "ffconcat"),
        ("v=0", "sdp"),
        ("RTSPtext", "rtsp"),
        ("[playlist]", "pls"),
        ("[Reference]", "asx"),
        ("#EXT-X-", "m3u8"),
    ];
    let tags: [(&[u8], &str); 4] =
        [(b"<MPD", "dash"), (b"<ASX", "asx"), (b"<smil", "smil"), (b"<AssetMap", "imf")];
    let by_mark = marks.iter().find(|(mark, _)| begins(mark));
    by_mark
        .map(|(_, kind)| *kind)
        .or_else(|| tags.iter().find(|(tag, _)| holds(tag)).map(|(_, kind)| *kind))
}

fn is_program_stream(head: &[u8]) -> bool {
    head.starts_with(&[0, 0, 1, 0xBA])
}

/// Whether packets of 188, 192 or 204 bytes begin with the sync byte, four of them at least.
fn is_transport_stream(head: &[u8]) -> bool {
    [(188, 0), (192, 4), (204, 0)].iter().any(|&(packet, offset)| {
        let starts = head.get(offset..).unwrap_or_default().iter().step_by(packet);
        let mut starts = starts.take(8).peekable();
        head.len() > 3 * packet + offset && starts.all(|&byte| byte == 0x47)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_other_files_are_told_by_their_first_line() {
        assert_eq!(sniff(b"#EXTM3U\n#EXTINF:1,\nx.ts\n"), Err("m3u8"));
        assert_eq!(sniff(b"\xef\xbb\xbf\n#extm3u\n"), Err("m3u8"));
        assert_eq!(sniff(b"ffconcat version 1.0\nfile x.mp4\n"), Err("ffconcat"));
        assert_eq!(sniff(b"<?xml version=\"1.0\"?>\n<MPD xmlns=\"urn\">"), Err("dash"));
        assert_eq!(sniff(b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n"), Err("sdp"));
    }

    #[test]
    fn only_streams_with_a_free_running_clock_are_counted_from_their_start() {
        assert_eq!(sniff(b"\0\0\0\x20ftypisom"), Ok(Timeline::Movie));
        assert_eq!(sniff(b""), Ok(Timeline::Movie));
        assert_eq!(sniff(&[0, 0, 1, 0xBA, 0x44]), Ok(Timeline::Clock));
        let packet: Vec<u8> = std::iter::once(0x47).chain([0; 187]).collect();
        assert_eq!(sniff(&packet.repeat(8)), Ok(Timeline::Clock));
        assert_eq!(sniff(&packet.repeat(3)), Ok(Timeline::Movie));
        let blu_ray: Vec<u8> = [0, 0, 0, 0, 0x47].into_iter().chain([0; 187]).collect();
        assert_eq!(sniff(&blu_ray.repeat(8)), Ok(Timeline::Clock));
    }
}
