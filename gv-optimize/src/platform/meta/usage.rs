//! How much of Meta's limits is used up, as its header fields say.

use gv_http::Headers;
use serde_json::Value;
use std::time::Duration;

/// How much of the limits is used up.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Usage {
    /// The fullest limit in percent; 0 where no field says.
    pub percent: f64,
    /// How long until calls are taken again; `None` where none are refused.
    pub regain: Option<Duration>,
}

const FIELDS: [&str; 4] = [
    "x-business-use-case-usage",
    "x-app-usage",
    "x-ad-account-usage",
    "x-fb-ads-insights-throttle",
];

const PERCENTS: [&str; 5] =
    ["call_count", "total_cputime", "total_time", "acc_id_util_pct", "app_id_util_pct"];

impl Usage {
    /// Reads the fields of an answer; what cannot be read is left out.
    pub fn of(headers: &Headers) -> Self {
        let mut usage = Self::default();
        for field in FIELDS {
            let value = headers.get(field).and_then(|text| serde_json::from_str(text).ok());
            if let Some(value) = value {
                usage.add(&value, 0);
            }
        }
        usage
    }

    fn add(&mut self, value: &Value, depth: u32) {
        match value {
            Value::Object(members) if depth < 4 => {
                for (name, member) in members {
                    if PERCENTS.contains(&name.as_str()) {
                        self.percent = number(member).map_or(self.percent, |p| p.max(self.percent));
                    } else if name == "estimated_time_to_regain_access" {
                        let minutes = number(member).filter(|m| *m > 0.0 && *m < 1e6);
                        let time = minutes.map(|m| Duration::from_secs_f64(m * 60.0));
                        self.regain = self.regain.max(time);
                    } else {
                        self.add(member, depth + 1);
                    }
                }
            }
            Value::Array(items) if depth < 4 => {
                items.iter().for_each(|item| self.add(item, depth + 1));
            }
            _ => {}
        }
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
    .filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fullest_limit_counts_and_rubbish_does_not() {
        let mut headers = Headers::new();
        headers.add_received("X-App-Usage", "{\"call_count\":28,\"total_time\":\"31.5\"}");
        headers.add_received(
            "X-Business-Use-Case-Usage",
            "{\"9\":[{\"type\":\"ads_insights\",\"call_count\":80,\"estimated_time_to_regain_access\":2}]}",
        );
        headers.add_received("X-Ad-Account-Usage", "not json");
        headers
            .add_received("X-FB-Ads-Insights-Throttle", "[1,null,{\"app_id_util_pct\":\"NaN\"}]");
        let usage = Usage::of(&headers);
        assert_eq!(usage, Usage { percent: 80.0, regain: Some(Duration::from_secs(120)) });
        assert_eq!(Usage::of(&Headers::new()), Usage::default());
    }
}
