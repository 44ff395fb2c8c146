//! How long a service asks to wait.

use crate::{Headers, Moment};
use std::time::{Duration, SystemTime};

/// The wait a reply asks for: `retry-after-ms`, else `Retry-After` in seconds (with decimals) or as a date.
///
/// A date is read against the reply's own `Date` where it has one, so that a wrong clock here does no harm,
/// else against `now`. A date in the past is no wait; what cannot be read is `None`.
pub fn retry_after(headers: &Headers, now: Moment) -> Option<Duration> {
    if let Some(ms) = headers.get("retry-after-ms").and_then(number) {
        return Duration::try_from_secs_f64(ms / 1000.0).ok();
    }
    let value = headers.get("retry-after")?.trim();
    if let Some(seconds) = number(value) {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let until = unix(httpdate::parse_http_date(value).ok()?)?;
    let from = headers
        .get("date")
        .and_then(|date| httpdate::parse_http_date(date.trim()).ok())
        .and_then(unix)
        .unwrap_or(now.unix);
    Some(until.saturating_sub(from))
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|n| n.is_finite() && *n >= 0.0)
}

fn unix(time: SystemTime) -> Option<Duration> {
    time.duration_since(SystemTime::UNIX_EPOCH).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    type Case = (&'static [(&'static str, &'static str)], Option<Duration>);

    #[test]
    fn every_form_is_read_and_nonsense_is_not() {
        let seconds = |s| Some(Duration::from_secs_f64(s));
        let now = Moment { elapsed: Duration::ZERO, unix: Duration::from_secs(1_000_000_000) };
        let cases: &[Case] = &[
            (&[("Retry-After", "2")], seconds(2.0)),
            (&[("Retry-After", " 1.5 ")], seconds(1.5)),
            (&[("Retry-After", "0")], seconds(0.0)),
            (&[("retry-after-ms", "200"), ("Retry-After", "9")], seconds(0.2)),
            (&[("retry-after-ms", "x"), ("Retry-After", "9")], seconds(9.0)),
            (&[("Retry-After", "Sun, 09 Sep 2001 01:46:50 GMT")], seconds(10.0)),
            (&[("Retry-After", "Sun, 09 Sep 2001 01:46:30 GMT")], seconds(0.0)),
            (
                &[
                    ("Retry-After", "Sun, 09 Sep 2001 01:47:00 GMT"),
                    ("Date", "Sun, 09 Sep 2001 01:46:55 GMT"),
                ],
                seconds(5.0),
            ),
            (&[("Retry-After", "-3")], None),
            (&[("Retry-After", "NaN")], None),
            (&[("Retry-After", "inf")], None),
            (&[("Retry-After", "1e300")], None),
            (&[("Retry-After", "soon")], None),
            (&[("Retry-After", "")], None),
            (&[], None),
        ];
        for (fields, wanted) in cases {
            let mut headers = Headers::new();
            for (name, value) in *fields {
                headers.add_received(name, value);
            }
            assert_eq!(retry_after(&headers, now), *wanted, "{fields:?}");
        }
    }
}
