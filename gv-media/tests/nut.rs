//! The NUT reader against ffmpeg's writer, and against bytes that nobody wrote.

#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod common;

use gv_media::nut::{Demuxer, StreamKind};
use proptest::prelude::*;
use std::sync::OnceLock;

const LIMIT: u64 = 1 << 16;

/// Two streams as ffmpeg writes them: pictures of 32x24, sound in small pieces.
fn written() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| {
        let file = common::folder("nut").join("two.nut");
        common::ffmpeg(
            "-f lavfi -i testsrc2=s=32x24:r=30000/1001:d=1 -f lavfi -i sine=440:r=8000:d=1 \
             -c:v rawvideo -pix_fmt yuv420p -c:a pcm_s16le",
            &file,
        );
        std::fs::read(file).unwrap()
    })
}

/// Stream, time stamp and size of each frame.
type Frames = Vec<(usize, i64, usize)>;

/// Reads all; the frames and the damage.
fn walk(bytes: &[u8]) -> gv_media::Result<(Frames, u64)> {
    let mut demuxer = Demuxer::open_within(bytes, LIMIT)?;
    let (mut frames, mut payload) = (Vec::new(), Vec::new());
    while let Some(frame) = demuxer.next_frame()? {
        if demuxer.read_payload(frame, &mut payload)? {
            assert!(payload.len() <= LIMIT as usize);
            frames.push((frame.stream, frame.pts, payload.len()));
        }
    }
    assert!(payload.capacity() <= 2 * LIMIT as usize);
    Ok((frames, demuxer.damage()))
}

#[test]
fn what_ffmpeg_writes_is_read_to_the_last_byte() {
    let demuxer = Demuxer::open(written()).unwrap();
    let [video, audio] = demuxer.streams() else { panic!("two streams") };
    assert!(matches!(video.kind, StreamKind::Video { width: 32, height: 24, .. }));
    assert_eq!(video.tag, b"I420");
    assert_eq!(audio.kind, StreamKind::Audio { sample_rate: 8000, channels: 1 });
    let (frames, damage) = walk(written()).unwrap();
    assert_eq!(damage, 0);
    let pictures: Vec<_> = frames.iter().filter(|frame| frame.0 == 0).collect();
    assert_eq!(pictures.len(), 30);
    assert!(pictures.iter().all(|frame| frame.2 == 32 * 24 * 3 / 2));
    let step = pictures[1].1 - pictures[0].1;
    assert!((0..).zip(&pictures).all(|(index, frame)| frame.1 == index * step));
    let sound: usize = frames.iter().filter(|frame| frame.0 == 1).map(|frame| frame.2).sum();
    assert_eq!(sound, 16000);
}

#[test]
fn frames_may_be_passed_over_unread() {
    let mut demuxer = Demuxer::open(written()).unwrap();
    let mut count = 0;
    while demuxer.next_frame().unwrap().is_some() {
        count += 1;
    }
    assert_eq!((count, demuxer.damage()), (walk(written()).unwrap().0.len(), 0));
}

#[test]
fn damage_costs_the_frames_it_hits_and_no_more() {
    let intact = walk(written()).unwrap().0.len();
    let mut bytes = written().to_vec();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 64].fill(0xFF);
    let (frames, _) = walk(&bytes).unwrap();
    assert!(frames.len() >= intact - 6, "{} of {intact}", frames.len());
    let mut inserted = written().to_vec();
    inserted.splice(middle..middle, [0xA5; 40_000]);
    let (frames, damage) = walk(&inserted).unwrap();
    assert!(damage > 0 && frames.len() >= intact - 20, "{} of {intact}, {damage}", frames.len());
}

#[test]
fn what_precedes_the_headers_is_passed_over_within_reason() {
    let late = [&[b'N'; 1000], written()].concat();
    assert_eq!(walk(&late).unwrap().0, walk(written()).unwrap().0);
    let never = vec![0; 3 << 20];
    assert!(matches!(walk(&never), Err(gv_media::Error::BadStream { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..4096)) {
        drop(walk(&bytes));
    }

    #[test]
    fn any_bytes_behind_whole_headers_are_answered(
        bytes in proptest::collection::vec(any::<u8>(), 0..4096),
        kept in 0usize..1500,
    ) {
        let written = written();
        let head = &written[..kept.min(written.len())];
        drop(walk(&[head, &bytes].concat()));
    }

    #[test]
    fn any_change_to_what_was_written_is_answered(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = written().to_vec();
        for (place, value) in changes {
            let place = place.index(bytes.len().min(2000));
            bytes[place] = value;
        }
        bytes.truncate(cut.index(bytes.len()));
        drop(walk(&bytes));
    }
}
