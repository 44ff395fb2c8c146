//! The contract of `TextReader`.

use super::synthetic_text::{draw_text, text_box};
use crate::GrayImage;
use crate::text::TextReader;

/// Checks the contract of [`TextReader`] on drawn lines, an empty line and a picture without pixels.
///
/// # Panics
///
/// Where the contract is broken; the message says how.
#[expect(clippy::panic, reason = "a test suite reports by panicking")]
pub fn text_reader_suite(reader: &dyn TextReader) {
    let (_, _, width, height) = text_box("SAVE 40", (4, 4), 4);
    let mut line = GrayImage::filled(width + 8, height + 8, 20);
    draw_text(&mut line, "SAVE 40", (4, 4), 4, 235);
    let pictures = [line, GrayImage::filled(80, 20, 90), GrayImage::default()];
    for (number, picture) in pictures.iter().enumerate() {
        let read = || match reader.read(picture) {
            Ok(text) => text,
            Err(error) => panic!("picture {number} cannot be looked at: {error}"),
        };
        let (first, second) = (read(), read());
        assert!(first == second, "picture {number} is read as {first:?} and as {second:?}");
        let empty = first.as_deref().is_some_and(|text| text.trim().is_empty());
        assert!(!empty, "picture {number} gives an empty text in place of none");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Result;
    use crate::doubles::ScriptedReader;

    #[derive(Debug)]
    struct Blank;

    impl TextReader for Blank {
        fn name(&self) -> &str {
            "blank"
        }

        fn read(&self, _: &GrayImage) -> Result<Option<String>> {
            Ok(Some(String::new()))
        }
    }

    #[test]
    fn the_double_passes() {
        text_reader_suite(&ScriptedReader::new("SAVE 40"));
    }

    #[test]
    #[should_panic(expected = "empty text")]
    fn an_empty_text_is_refused() {
        text_reader_suite(&Blank);
    }
}
