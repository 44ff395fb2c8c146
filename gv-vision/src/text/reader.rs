//! The seam for reading what a line says.

use crate::{GrayImage, Result};
use std::fmt::Debug;

/// Reads what a line of writing says, for example with a user's model.
///
/// # For implementers
///
/// [`read`](Self::read) gets one line, cut out of a frame with a small margin, at the size at which writing is looked
/// for: each line once, where it was seen best, after it has gone. It answers the same for the same picture, and
/// `None`, not an empty text, where nothing can be read. An error ends the pass.
/// `gv_vision::testing::text_reader_suite` checks this.
pub trait TextReader: Debug + Send + Sync {
    /// What results call the reader.
    fn name(&self) -> &str;

    /// The text of the line in `line`; `None` where it cannot be read.
    ///
    /// # Errors
    ///
    /// Those of the reader's model.
    fn read(&self, line: &GrayImage) -> Result<Option<String>>;
}
