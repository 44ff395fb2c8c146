//! Writing whose boxes are known.

use crate::GrayImage;

/// Columns and rows of a letter.
const CELL: (usize, usize) = (5, 7);

/// Draws capital letters, digits and spaces in a font of 5 x 7 blocks of `scale` pixels, from the upper left corner `at`.
///
/// Other characters leave a space. What lies outside of the picture is cut off.
pub fn draw_text(image: &mut GrayImage, text: &str, at: (usize, usize), scale: usize, ink: u8) {
    let (width, height) = (image.width(), image.height());
    for (number, letter) in text.chars().enumerate() {
        for (row, bits) in shape(letter).into_iter().enumerate() {
            for column in (0..CELL.0).filter(|column| bits >> (CELL.0 - 1 - column) & 1 == 1) {
                let left = at.0 + (number * (CELL.0 + 1) + column) * scale;
                let top = at.1 + row * scale;
                for y in top..(top + scale).min(height) {
                    for x in left..(left + scale).min(width) {
                        image.data_mut()[y * width + x] = ink;
                    }
                }
            }
        }
    }
}

/// Left, upper edge, width and height in pixels of what [`draw_text`] draws of a text without outer spaces.
pub fn text_box(text: &str, at: (usize, usize), scale: usize) -> (usize, usize, usize, usize) {
    let letters = text.chars().count();
    (at.0, at.1, (letters * (CELL.0 + 1)).saturating_sub(1) * scale, CELL.1 * scale)
}

/// Rows of a letter, the leftmost column in bit 4.
const fn shape(letter: char) -> [u8; 7] {
    match letter {
        'A' => [14, 17, 17, 31, 17, 17, 17],
        'B' => [30, 17, 17, 30, 17, 17, 30],
        'C' => [14, 17, 16, 16, 16, 17, 14],
        'D' => [30, 17, 17, 17, 17, 17, 30],
        'E' => [31, 16, 16, 30, 16, 16, 31],
        'F' => [31, 16, 16, 30, 16, 16, 16],
        'G' => [14, 17, 16, 23, 17, 17, 15],
        'H' => [17, 17, 17, 31, 17, 17, 17],
        'I' => [14, 4, 4, 4, 4, 4, 14],
        'J' => [7, 2, 2, 2, 2, 18, 12],
        'K' => [17, 18, 20, 24, 20, 18, 17],
        'L' => [16, 16, 16, 16, 16, 16, 31],
        'M' => [17, 27, 21, 21, 17, 17, 17],
        'N' => [17, 17, 25, 21, 19, 17, 17],
        'O' | '0' => [14, 17, 17, 17, 17, 17, 14],
        'P' => [30, 17, 17, 30, 16, 16, 16],
        'Q' => [14, 17, 17, 17, 21, 18, 13],
        'R' => [30, 17, 17, 30, 20, 18, 17],
        'S' | '5' => [15, 16, 16, 14, 1, 1, 30],
        'T' => [31, 4, 4, 4, 4, 4, 4],
        'U' => [17, 17, 17, 17, 17, 17, 14],
        'V' => [17, 17, 17, 17, 17, 10, 4],
        'W' => [17, 17, 17, 21, 21, 27, 17],
        'X' => [17, 17, 10, 4, 10, 17, 17],
        'Y' => [17, 17, 10, 4, 4, 4, 4],
        'Z' | '2' => [31, 1, 2, 4, 8, 16, 31],
        '1' => [4, 12, 4, 4, 4, 4, 14],
        '3' => [30, 1, 1, 14, 1, 1, 30],
        '4' => [2, 6, 10, 18, 31, 2, 2],
        '6' => [14, 16, 16, 30, 17, 17, 14],
        '7' => [31, 1, 2, 4, 8, 8, 8],
        '8' => [14, 17, 17, 14, 17, 17, 14],
        '9' => [14, 17, 17, 15, 1, 1, 14],
        _ => [0; 7],
    }
}
