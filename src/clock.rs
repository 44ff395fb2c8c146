//! Times and numbers as a person reads them.

/// Minutes and whole seconds, `1:05`.
pub(crate) fn clock(seconds: f64) -> String {
    let whole = seconds.max(0.0).round() as u64;
    format!("{}:{:02}", whole / 60, whole % 60)
}

/// Minutes, seconds and tenths, `1:05.3`.
pub(crate) fn clock_tenths(seconds: f64) -> String {
    let tenths = (seconds.max(0.0) * 10.0).round() as u64;
    format!("{}:{:02}.{}", tenths / 600, tenths / 10 % 60, tenths % 10)
}

/// A number of things, `1 line`, `2 lines`.
pub(crate) fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// A step of time, in seconds, that divides `duration` into at most `most` parts at round times.
pub(crate) fn round_step(duration: f64, most: f64) -> f64 {
    let steps = [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0];
    steps.into_iter().find(|step| duration / step <= most).unwrap_or(3600.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_round_and_carry() {
        assert_eq!((clock(59.6), clock_tenths(59.96)), ("1:00".into(), "1:00.0".into()));
    }

    #[test]
    fn steps_are_round() {
        assert_eq!(
            [0.35, 9.0, 31.0, 9e5].map(|length| round_step(length, 10.0)),
            [0.1, 1.0, 5.0, 3600.0]
        );
    }
}
