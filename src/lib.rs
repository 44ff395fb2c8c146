//! Looks at a video ad and at the numbers of running campaigns, offline, on a plain CPU.

pub use gv_media as media;
pub use gv_vision as vision;
