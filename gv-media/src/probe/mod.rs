//! The facts of a file, each read from a format that a program is meant to read.

mod first_picture;
mod pixel_format;
mod rate;
mod sniff;
mod table;

pub(crate) use first_picture::{NativePicture, native_picture, rotation};
pub(crate) use sniff::{Timeline, sniff};
pub(crate) use table::{PacketTable, StreamTable};
