//! Black bars around the picture.

use crate::GrayImage;
use serde::{Deserialize, Serialize};

/// Mean luma of a line of a bar at most.
const MEAN: u32 = 20;
/// Luma of a pixel of a bar at most; lossy coding leaves some above black.
const MOST: u8 = 44;
/// Share of the light frames in which a bar must be as wide as is told.
const ALWAYS: f64 = 0.9;

/// Black bars, each as a share of the picture's height (top, bottom) or width (left, right).
///
/// A bar is told as wide as it is in nine of ten frames that are light enough to see one.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Bars {
    /// Above.
    pub top: f64,
    /// Below.
    pub bottom: f64,
    /// On the left.
    pub left: f64,
    /// On the right.
    pub right: f64,
}

impl Bars {
    /// Share of the picture that bars cover.
    pub fn area(&self) -> f64 {
        let inside =
            (1.0 - self.top - self.bottom).max(0.0) * (1.0 - self.left - self.right).max(0.0);
        1.0 - inside
    }
}

/// Widths of the four bars (top, bottom, left, right) in light frames, as shares.
#[derive(Debug, Default)]
pub(super) struct BarMeter {
    widths: [Vec<f32>; 4],
}

impl BarMeter {
    pub(super) fn push(&mut self, luma: &GrayImage) {
        let (width, height) = (luma.width(), luma.height());
        let is_bar_row = |y: usize| {
            let row = luma.row(y);
            let sum: u32 = row.iter().map(|&value| u32::from(value)).sum();
            sum <= MEAN * row.len() as u32 && row.iter().all(|&value| value <= MOST)
        };
        let is_bar_column = |x: usize| {
            let column = || luma.data().iter().skip(x).step_by(width);
            let sum: u32 = column().map(|&value| u32::from(value)).sum();
            sum <= MEAN * height as u32 && column().all(|&value| value <= MOST)
        };
        let top = (0..height).take_while(|&y| is_bar_row(y)).count();
        if top == height {
            return;
        }
        let bottom = (0..height).rev().take_while(|&y| is_bar_row(y)).count();
        let left = (0..width).take_while(|&x| is_bar_column(x)).count();
        let right = (0..width).rev().take_while(|&x| is_bar_column(x)).count();
        let shares = [(top, height), (bottom, height), (left, width), (right, width)];
        for (widths, (bar, side)) in self.widths.iter_mut().zip(shares) {
            widths.push(bar as f32 / side as f32);
        }
    }

    pub(super) fn finish(mut self) -> Option<Bars> {
        let mut told = [0.0; 4];
        for (told, widths) in told.iter_mut().zip(&mut self.widths) {
            let place = ((1.0 - ALWAYS) * widths.len() as f64) as usize;
            if widths.is_empty() {
                return None;
            }
            *told = f64::from(*widths.select_nth_unstable_by(place, f32::total_cmp).1);
        }
        let [top, bottom, left, right] = told;
        Some(Bars { top, bottom, left, right })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_wide_as_they_are_and_a_dark_scene_makes_none() {
        let mut meter = BarMeter::default();
        for number in 0..40 {
            let dark = (10..12).contains(&number);
            meter.push(&GrayImage::from_fn(80, 60, |x, y| {
                let bar = !(9..51).contains(&y);
                if bar {
                    2
                } else if dark && y < 40 {
                    3
                } else {
                    90 + (x % 50) as u8
                }
            }));
        }
        let bars = meter.finish().unwrap();
        assert_eq!((bars.left, bars.right), (0.0, 0.0));
        assert!((bars.top - 0.15).abs() < 1e-6 && (bars.bottom - 0.15).abs() < 1e-6);
        assert!((bars.area() - 0.3).abs() < 1e-6);
    }

    #[test]
    fn a_full_picture_has_bars_of_no_width() {
        let mut meter = BarMeter::default();
        meter.push(&GrayImage::filled(16, 9, 120));
        assert_eq!(meter.finish(), Some(Bars::default()));
        assert_eq!(BarMeter::default().finish(), None);
    }
}
