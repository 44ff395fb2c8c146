//! A reader of NUT, the container in which a decoder process sends raw pictures and sound.
//!
//! NUT carries a time stamp in an exact time base with every frame, needs no seeking, and costs a few
//! bytes a frame. This reader takes all that ffmpeg writes, trusts none of it, and after damage goes
//! on at the next start code. Format: "NUT Open Container Format", version 3, as
//! `libavformat/nutenc.c` writes it.
//!
//! # Examples
//!
//! ```no_run
//! use gv_media::nut::Demuxer;
//!
//! let file = std::fs::File::open("decoded.nut").unwrap();
//! let mut demuxer = Demuxer::open(file)?;
//! let mut picture = Vec::new();
//! while let Some(frame) = demuxer.next_frame()? {
//!     demuxer.read_payload(frame, &mut picture)?;
//!     println!("{} bytes at tick {}", picture.len(), frame.pts);
//! }
//! # Ok::<(), gv_media::Error>(())
//! ```

mod bytes;
mod demuxer;
mod header;
mod input;

pub use demuxer::{Demuxer, FrameHeader};
pub use header::{Stream, StreamKind};
pub use input::Input;

/// What is wrong with a piece of a stream; reading goes on behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Damage {
    Short,
    Number,
    Version,
    Header,
    Checksum,
    FrameCode,
    Size,
}

type Parsed<T> = Result<T, Damage>;
