//! Looks at a video ad and at the numbers of running campaigns, offline, on a plain CPU.

mod error;

pub use error::{Error, ErrorKind, Result};
pub use gv_gen as generation;
pub use gv_media as media;
pub use gv_vision as vision;
