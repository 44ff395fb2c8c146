//! Prints the rows of marks that are judged in grey pictures, for `scripts/fit_text.py`.
//!
//! `text_rows WIDTH HEIGHT < FRAMES` prints a line for each row: number of the picture, left and upper edge, width and
//! height as shares of the picture, probability of writing, and the measures that it follows from.

use gv_vision::GrayImage;
use gv_vision::text::TextDetector;
use std::io::{Read, Write};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [width, height] = &arguments[..] else {
        return Err("give the pictures' width and height".into());
    };
    let (width, height) = (width.parse()?, height.parse()?);
    let mut pixels = vec![0; width * height];
    let (mut input, mut out) = (std::io::stdin().lock(), std::io::stdout().lock());
    for number in 0.. {
        if input.read_exact(&mut pixels).is_err() {
            break;
        }
        let picture = GrayImage::new(width, height, pixels.clone())?;
        for (place, measures) in TextDetector::default().judged(&picture) {
            let (x, y, confidence) = (place.x, place.y, place.confidence);
            write!(out, "{number} {x} {y} {} {} {confidence}", place.width, place.height)?;
            measures.iter().try_for_each(|measure| write!(out, " {measure}"))?;
            writeln!(out)?;
        }
    }
    Ok(())
}
