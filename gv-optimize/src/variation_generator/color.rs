//! Palettes of the brand's colours whose text can be read.

use crate::Result;
use crate::error::parameter;

/// An sRGB colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rgb([u8; 3]);

const WHITE: Rgb = Rgb([255; 3]);
const BLACK: Rgb = Rgb([0; 3]);
const INK: Rgb = Rgb([0x14, 0x16, 0x1A]);
const PAPER: Rgb = Rgb([0xFA, 0xFA, 0xF8]);

/// Contrast that text needs against its background (WCAG 2.2, level AA).
pub const TEXT_CONTRAST: f64 = 4.5;

/// Contrast that the accent needs against the background (WCAG 2.2, non-text contrast).
pub const ACCENT_CONTRAST: f64 = 3.0;

impl Rgb {
    /// Reads `#RRGGBB` or `#RGB`, with or without `#`.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let wrong = || parameter("brand colour", text, "#RRGGBB or #RGB");
        let digits = text.trim().trim_start_matches('#');
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(wrong());
        }
        let value = u32::from_str_radix(digits, 16).map_err(|_| wrong())?;
        match digits.len() {
            6 => Ok(Self([(value >> 16) as u8, (value >> 8) as u8, value as u8])),
            3 => Ok(Self([8, 4, 0].map(|shift| ((value >> shift) & 15) as u8 * 17))),
            _ => Err(wrong()),
        }
    }

    pub(crate) fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0[0], self.0[1], self.0[2])
    }

    /// Relative luminance (WCAG 2.2).
    fn luminance(self) -> f64 {
        let linear = self.0.map(|value| {
            let c = f64::from(value) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// Black or white, whichever reads better; at least 4.58 on any colour.
    fn text_on(self) -> Self {
        if self.contrast(WHITE) >= self.contrast(BLACK) { WHITE } else { BLACK }
    }

    /// The same hue, darker or lighter, until it stands out from the background.
    fn standing_out_from(self, background: Self) -> Self {
        let towards = if background.luminance() > 0.18 { BLACK } else { WHITE };
        for step in 0..=20_u32 {
            let mixed = Self([0, 1, 2].map(|i| {
                let (from, to) = (u32::from(self.0[i]), u32::from(towards.0[i]));
                ((from * (20 - step) + to * step) / 20) as u8
            }));
            if mixed.contrast(background) >= ACCENT_CONTRAST {
                return mixed;
            }
        }
        towards
    }
}

/// Returns the contrast ratio of two colours, 1 to 21.
///
/// # Errors
///
/// [`InvalidParameter`](crate::Error::InvalidParameter) where a colour is not `#RRGGBB` or `#RGB`.
pub fn contrast_ratio(a: &str, b: &str) -> Result<f64> {
    Ok(Rgb::parse(a)?.contrast(Rgb::parse(b)?))
}

/// Five palettes of background, accent and text; the first is the brand's own order.
pub(crate) fn palettes(brand: &[String]) -> Result<Vec<Vec<String>>> {
    let colors = brand.iter().map(|text| Rgb::parse(text)).collect::<Result<Vec<_>>>()?;
    let first = colors.first().copied().unwrap_or(INK);
    let second = colors.get(1).copied().unwrap_or_else(|| first.text_on());
    let pairs = [
        (first, second),
        (second, first),
        (INK, first),
        (PAPER, first),
        (PAPER, second),
        (INK, second),
        (WHITE, BLACK),
        (BLACK, WHITE),
    ];
    let mut palettes: Vec<Vec<String>> = Vec::new();
    for (background, accent) in pairs {
        let accent = accent.standing_out_from(background);
        let palette = vec![background.hex(), accent.hex(), background.text_on().hex()];
        if !palettes.contains(&palette) && palettes.len() < 5 {
            palettes.push(palette);
        }
    }
    Ok(palettes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_agrees_with_the_standards_ends() {
        assert!((contrast_ratio("#000", "#ffffff").unwrap() - 21.0).abs() < 1e-9);
        assert!((contrast_ratio("#777777", "#fff").unwrap() - 4.478).abs() < 0.001);
    }

    #[test]
    fn every_palette_can_be_read_whatever_the_brand() {
        let brands: [&[&str]; 5] =
            [&["#FF6B6B", "#4ECDC4"], &[], &["#808080"], &["#fff", "#fefefe"], &["#00f", "#00e"]];
        for brand in brands {
            let brand: Vec<String> = brand.iter().map(|c| (*c).to_owned()).collect();
            let palettes = palettes(&brand).unwrap();
            assert_eq!(palettes.len(), 5, "{brand:?} {palettes:?}");
            for palette in palettes {
                assert!(contrast_ratio(&palette[0], &palette[2]).unwrap() >= TEXT_CONTRAST);
                assert!(contrast_ratio(&palette[0], &palette[1]).unwrap() >= ACCENT_CONTRAST);
            }
        }
    }

    #[test]
    fn texts_that_are_no_colours_are_errors() {
        for text in ["red", "#12345", "#ggg", "", "#é1"] {
            assert!(Rgb::parse(text).is_err(), "{text}");
        }
    }
}
