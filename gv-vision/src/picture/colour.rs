//! Luminance and contrast as the Web Content Accessibility Guidelines (WCAG 2.2) define them.

/// The linear light of an sRGB value, 0 to 1 each.
pub(super) fn linear(value: f32) -> f32 {
    let value = value.clamp(0.0, 1.0);
    if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

/// Relative luminance of an sRGB colour whose parts are 0 to 1: 0 for black, 1 for white.
///
/// # Examples
///
/// ```
/// use gv_vision::picture::relative_luminance;
///
/// assert!((relative_luminance([1.0, 0.0, 0.0]) - 0.2126).abs() < 1e-6);
/// ```
pub fn relative_luminance([red, green, blue]: [f32; 3]) -> f32 {
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}

/// Contrast of two sRGB colours, 1 (none) to 21 (black on white).
///
/// # Examples
///
/// ```
/// use gv_vision::picture::contrast_ratio;
///
/// assert!((contrast_ratio([0.0; 3], [1.0; 3]) - 21.0).abs() < 1e-4);
/// ```
pub fn contrast_ratio(a: [f32; 3], b: [f32; 3]) -> f32 {
    let (a, b) = (relative_luminance(a), relative_luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// The sRGB colour, 0 to 1 each, of full-range luma and chroma from 0 to 255 (ITU-R BT.601 as JFIF uses it).
pub(super) fn rgb(y: f32, cb: f32, cr: f32) -> [f32; 3] {
    let (cb, cr) = (cb - 128.0, cr - 128.0);
    [y + 1.402 * cr, y - 0.344_136 * cb - 0.714_136 * cr, y + 1.772 * cb]
        .map(|value| (value / 255.0).clamp(0.0, 1.0))
}
