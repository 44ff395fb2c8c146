//! The stream that a decoder process sends: whatever comes, the reader ends, and holds no more than its limit.

#![no_main]

use gv_media::nut::Demuxer;
use libfuzzer_sys::fuzz_target;

const LIMIT: u64 = 1 << 16;

fuzz_target!(|bytes: &[u8]| {
    let Ok(mut demuxer) = Demuxer::open_within(bytes, LIMIT) else { return };
    let mut payload = Vec::new();
    while let Ok(Some(frame)) = demuxer.next_frame() {
        match demuxer.read_payload(frame, &mut payload) {
            Ok(_) => assert!(payload.len() as u64 <= LIMIT),
            Err(_) => return,
        }
    }
});
