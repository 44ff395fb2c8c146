//! Small drawings for a terminal: a curve, marks on a time axis, the axis itself.

use crate::clock::{clock, round_step};

const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Draws `values` (0..1, evenly spaced in time) as `width` bars; a bar is the mean of the values under it.
pub(super) fn curve(values: &[f64], width: usize) -> String {
    let bar = |column: usize| {
        let start = column * values.len() / width;
        let end = ((column + 1) * values.len()).div_ceil(width).max(start + 1).min(values.len());
        let part = values.get(start..end).unwrap_or_default();
        let mean = part.iter().sum::<f64>() / part.len().max(1) as f64;
        LEVELS[((mean.clamp(0.0, 1.0) * 8.0) as usize).min(7)]
    };
    if values.is_empty() { String::new() } else { (0..width).map(bar).collect() }
}

/// Puts one mark for each time in seconds on a line of `width` columns that stands for `duration` seconds.
/// Where two fall on one column the later one is drawn.
pub(super) fn marks(
    times: impl IntoIterator<Item = (f64, char)>,
    duration: f64,
    width: usize,
) -> String {
    let mut line = vec![' '; width];
    for (time, mark) in times {
        if let Some(cell) = column(time, duration, width).and_then(|index| line.get_mut(index)) {
            *cell = mark;
        }
    }
    line.into_iter().collect::<String>().trim_end().to_owned()
}

/// Draws spans of time in seconds as bars on a line of `width` columns that stands for `duration` seconds; a span that
/// is shorter than a column has one.
pub(super) fn spans(
    spans: impl IntoIterator<Item = (f64, f64)>,
    duration: f64,
    width: usize,
) -> String {
    let mut line = vec![' '; width];
    for (start, end) in spans {
        let Some(first) = column(start, duration, width) else { continue };
        let last = (end / duration * width as f64).ceil() as usize;
        line[first..last.clamp(first + 1, width)].fill('▬');
    }
    line.into_iter().collect::<String>().trim_end().to_owned()
}

/// Draws a time axis of `width` columns for `duration` seconds, with labels at round times.
pub(super) fn axis(duration: f64, width: usize) -> String {
    if duration.is_nan() || duration <= 0.0 {
        return String::new();
    }
    let step = round_step(duration, (width / 10).max(1) as f64);
    let mut line = String::new();
    for number in 0.. {
        let time = f64::from(number) * step;
        let Some(column) = column(time, duration, width) else { break };
        let label = if step < 1.0 { format!("{time:.1}s") } else { clock(time) };
        let length = line.chars().count();
        if column + label.len() > width || (length > 0 && column <= length) {
            break;
        }
        line.extend(std::iter::repeat_n(' ', column - length));
        line.push_str(&label);
    }
    line
}

fn column(time: f64, duration: f64, width: usize) -> Option<usize> {
    let place = time / duration * width as f64;
    (place.is_finite() && place >= 0.0).then_some(place as usize).filter(|&index| index < width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_bars_and_short_ones_have_a_column() {
        assert_eq!(
            spans([(0.0, 2.0), (5.0, 5.01), (9.0, 99.0), (f64::NAN, 1.0)], 10.0, 10),
            "▬▬   ▬   ▬"
        );
        assert_eq!(spans([], 10.0, 10), "");
    }

    #[test]
    fn a_rising_curve_uses_all_levels() {
        let values: Vec<f64> = (0..80).map(|i| f64::from(i) / 79.0).collect();
        assert_eq!(curve(&values, 8), "▁▂▃▄▅▆▇█");
        assert_eq!(curve(&[0.0, 1.0], 4), "▁▁██");
        assert_eq!(curve(&[], 8), "");
    }

    #[test]
    fn marks_stand_where_their_time_is() {
        assert_eq!(marks([(0.0, '|'), (5.0, '|'), (10.0, 'x')], 10.0, 10), "|    |");
        assert_eq!(marks([(f64::NAN, '|'), (1.0, '|')], 0.0, 10), "");
    }

    #[test]
    fn an_axis_has_round_labels_that_fit() {
        assert_eq!(axis(30.0, 60), "0:00      0:05      0:10      0:15      0:20      0:25");
        assert_eq!(axis(0.4, 40), "0.0s      0.1s      0.2s      0.3s");
        assert_eq!(axis(f64::NAN, 40), "");
    }
}
