//! Figures of ads: at once or as a job, page by page.

use super::client::Settings;
use super::{GraphCall, PLATFORM, Refusal};
use crate::Error;
use crate::platform::{AdInsight, DateRange};
use gv_http::{Event, Exchange, Moment, Step};
use serde_json::Value;
use std::sync::Arc;

/// Which figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InsightsQuery {
    /// The days.
    pub days: DateRange,
    /// One row for each day in place of one for all.
    pub daily: bool,
    /// Whether to ask for a job at once; without it, a job is asked for where there is too much data.
    pub as_job: bool,
}

enum Stage {
    Page,
    Order,
    Poll { missing: u32, polls: u32 },
    Sleep { missing: u32, polls: u32 },
    Over,
}

/// Reads all pages of an account's figures by ad.
pub struct ReadInsights {
    settings: Arc<Settings>,
    query: InsightsQuery,
    path: String,
    call: GraphCall,
    stage: Stage,
    job: Option<String>,
    cursors: Vec<String>,
    rows: Vec<AdInsight>,
}

impl std::fmt::Debug for ReadInsights {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReadInsights")
            .field("query", &self.query)
            .field("rows", &self.rows.len())
            .finish_non_exhaustive()
    }
}

const FIELDS: &str = "ad_id,campaign_id,spend,impressions,clicks,actions,action_values";
/// Looks at a job that may say it does not exist, right after it was ordered.
const MISSING_AT_FIRST: u32 = 5;
/// Looks at a job in all; with 5 s between them, an hour.
const MAX_POLLS: u32 = 720;
/// Pages that are read.
const MAX_PAGES: usize = 100_000;

type Next = Step<Result<Vec<AdInsight>, Error>>;

impl ReadInsights {
    pub(crate) fn new(settings: &Arc<Settings>, query: InsightsQuery) -> Result<Self, Error> {
        for (name, day) in [("since", &query.days.since), ("until", &query.days.until)] {
            if crate::table::day_number(day).is_none() || day.len() != 10 {
                return Err(crate::error::parameter(name, day, "a day written YYYY-MM-DD"));
            }
        }
        let path = format!("{}/insights", settings.account_path()?);
        let call = page(settings, &path, &query, None)?;
        let mut reading = Self {
            settings: Arc::clone(settings),
            path,
            call,
            stage: Stage::Page,
            job: None,
            cursors: Vec::new(),
            rows: Vec::new(),
            query,
        };
        if reading.query.as_job {
            reading.call = reading.order()?;
            reading.stage = Stage::Order;
        }
        Ok(reading)
    }

    fn order(&self) -> Result<GraphCall, Error> {
        let range = range(&self.query.days);
        let fields = serde_json::json!(FIELDS.split(',').collect::<Vec<_>>()).to_string();
        let mut parameters = vec![("level", "ad"), ("time_range", &range), ("fields", &fields)];
        if self.query.daily {
            parameters.push(("time_increment", "1"));
        }
        GraphCall::post(&self.settings, &self.path, &parameters).map(GraphCall::harmless)
    }

    fn go(&mut self, call: Result<GraphCall, Error>, stage: Stage, now: Moment) -> Next {
        match call {
            Ok(call) => {
                (self.call, self.stage) = (call, stage);
                self.step(now, Event::Start)
            }
            Err(error) => self.over(Err(error)),
        }
    }

    fn over(&mut self, result: Result<Vec<AdInsight>, Error>) -> Next {
        self.stage = Stage::Over;
        Step::Done(result)
    }

    fn answered(&mut self, value: &Value, now: Moment) -> Next {
        match self.stage {
            Stage::Page => self.page(value, now),
            Stage::Order => {
                let id = value.get("report_run_id").unwrap_or(value);
                let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
                match self.settings.node(&id) {
                    Ok(path) => {
                        self.job = Some(path);
                        self.stage = Stage::Sleep { missing: 0, polls: 0 };
                        Step::Wait(self.settings.poll)
                    }
                    Err(_) => self.wrong("a job without an id"),
                }
            }
            Stage::Poll { missing, polls } => {
                let status = value.get("async_status").and_then(Value::as_str).unwrap_or("");
                let percent = number(value.get("async_percent_completion")).unwrap_or(0.0);
                match status {
                    "Job Completed" if percent >= 100.0 => {
                        self.path = format!("{}/insights", self.job.clone().unwrap_or_default());
                        let call = page(&self.settings, &self.path, &self.query, None);
                        self.go(call, Stage::Page, now)
                    }
                    "Job Failed" | "Job Skipped" => {
                        let why = value.get("error_message").and_then(Value::as_str);
                        let text = format!("{status}: {}", why.unwrap_or("no reason given"));
                        self.wrong(&text)
                    }
                    _ if polls >= MAX_POLLS => self.wrong("the job did not end within its time"),
                    _ => {
                        self.stage = Stage::Sleep { missing, polls: polls + 1 };
                        Step::Wait(self.settings.poll)
                    }
                }
            }
            Stage::Sleep { .. } | Stage::Over => self.wrong("an answer nobody asked for"),
        }
    }

    fn page(&mut self, value: &Value, now: Moment) -> Next {
        let Some(rows) = value.get("data").and_then(Value::as_array) else {
            return self.wrong("a page without data");
        };
        for row in rows {
            match insight(row, &self.settings.table.conversion_action) {
                Some(insight) => self.rows.push(insight),
                None => {
                    return self.wrong("a row without ad_id or with a figure that is no number");
                }
            }
        }
        let paging = value.get("paging");
        let more = paging.and_then(|p| p.get("next")).is_some_and(|next| !next.is_null());
        let after = paging.and_then(|p| p.pointer("/cursors/after")).and_then(Value::as_str);
        match after {
            _ if !more => {
                let rows = std::mem::take(&mut self.rows);
                self.over(Ok(rows))
            }
            None => self.wrong("a next page without a cursor"),
            Some(after) if self.cursors.iter().any(|seen| seen == after) => {
                self.wrong("pages that go round in circles")
            }
            Some(_) if self.cursors.len() >= MAX_PAGES => self.wrong("too many pages"),
            Some(after) => {
                self.cursors.push(after.to_owned());
                let call = page(&self.settings, &self.path, &self.query, Some(after));
                self.go(call, Stage::Page, now)
            }
        }
    }

    fn refused(&mut self, error: Error, now: Moment) -> Next {
        let refusal = self.call.refusal();
        match self.stage {
            Stage::Page if self.job.is_none() && refusal.is_some_and(Refusal::is_too_much_data) => {
                self.rows.clear();
                self.cursors.clear();
                let order = self.order();
                self.go(order, Stage::Order, now)
            }
            Stage::Poll { missing, polls }
                if missing < MISSING_AT_FIRST && refusal.is_some_and(Refusal::is_missing) =>
            {
                self.stage = Stage::Sleep { missing: missing + 1, polls };
                Step::Wait(self.settings.poll)
            }
            _ => self.over(Err(error)),
        }
    }

    fn wrong(&mut self, problem: &str) -> Next {
        let message = format!("insights: {problem}");
        self.over(Err(Error::Platform {
            platform: PLATFORM,
            message,
            code: None,
            retry_after: None,
        }))
    }
}

fn range(days: &DateRange) -> String {
    format!("{{\"since\":\"{}\",\"until\":\"{}\"}}", days.since, days.until)
}

fn page(
    settings: &Arc<Settings>,
    path: &str,
    query: &InsightsQuery,
    after: Option<&str>,
) -> Result<GraphCall, Error> {
    let range = range(&query.days);
    let mut parameters =
        vec![("level", "ad"), ("time_range", range.as_str()), ("limit", "500"), ("fields", FIELDS)];
    if query.daily {
        parameters.push(("time_increment", "1"));
    }
    if let Some(after) = after {
        parameters.push(("after", after));
    }
    GraphCall::get(settings, path, &parameters)
}

fn number(value: Option<&Value>) -> Option<f64> {
    match value? {
        Value::String(text) => text.trim().parse().ok(),
        Value::Number(number) => number.as_f64(),
        _ => None,
    }
    .filter(|number: &f64| number.is_finite())
}

/// A row; what is not in it was not measured, which is 0 for counts.
fn insight(row: &Value, action: &str) -> Option<AdInsight> {
    let figure = |name: &str| match row.get(name) {
        None | Some(Value::Null) => Some(0.0),
        some => number(some).filter(|figure| *figure >= 0.0),
    };
    let of_action = |name: &str| -> Option<f64> {
        let list = row.get(name).and_then(Value::as_array);
        let found = list
            .into_iter()
            .flatten()
            .find(|item| item.get("action_type").and_then(Value::as_str) == Some(action));
        found.map_or(Some(0.0), |item| number(item.get("value")).filter(|value| *value >= 0.0))
    };
    let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or("").to_owned();
    Some(AdInsight {
        ad_id: Some(text("ad_id")).filter(|id| !id.is_empty())?,
        campaign_id: text("campaign_id"),
        spend: figure("spend")?,
        impressions: figure("impressions")? as u64,
        clicks: figure("clicks")? as u64,
        conversions: of_action("actions")? as u64,
        revenue: of_action("action_values")?,
        first_day: text("date_start"),
        last_day: text("date_stop"),
    })
}

impl Exchange for ReadInsights {
    type Output = Result<Vec<AdInsight>, Error>;

    fn step(&mut self, now: Moment, event: Event) -> Next {
        if let (Stage::Sleep { missing, polls }, Event::Woken) = (&self.stage, &event) {
            let stage = Stage::Poll { missing: *missing, polls: *polls };
            let path = self.job.clone().unwrap_or_default();
            let fields = [("fields", "async_status,async_percent_completion,error_message")];
            let call = GraphCall::get(&self.settings, &path, &fields);
            return self.go(call, stage, now);
        }
        match self.call.step(now, event) {
            Step::Send(request) => Step::Send(request),
            Step::Wait(time) => Step::Wait(time),
            Step::Done(Ok(value)) => self.answered(&value, now),
            Step::Done(Err(error)) => self.refused(error, now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::client::tests::settings;
    use super::*;
    use gv_http::testing::{Reply, play};
    use std::time::Duration;

    const ROW: &str = r#"{"ad_id":"1","spend":"12.34","impressions":"1000","clicks":"10",
        "actions":[{"action_type":"purchase","value":"2"},
                   {"action_type":"offsite_conversion.fb_pixel_purchase","value":"2"}],
        "action_values":[{"action_type":"offsite_conversion.fb_pixel_purchase","value":"99.9"}],
        "date_start":"2026-11-01","date_stop":"2026-11-02"}"#;

    fn reading(as_job: bool) -> ReadInsights {
        let days = DateRange { since: "2026-11-01".into(), until: "2026-11-02".into() };
        ReadInsights::new(&settings(), InsightsQuery { days, daily: false, as_job }).unwrap()
    }

    fn pages(next: &str) -> Reply {
        Reply::status(200).json(&format!(
            "{{\"data\":[{ROW}],\"paging\":{{\"cursors\":{{\"after\":\"MQ\"}}{next}}}}}"
        ))
    }

    #[test]
    fn pages_are_read_to_the_last_and_an_empty_one_is_not_the_last() {
        let empty =
            "{\"data\":[],\"paging\":{\"cursors\":{\"after\":\"Mg\"},\"next\":\"https://evil/\"}}";
        let script = [pages(",\"next\":\"x\""), Reply::status(200).json(empty), pages("")];
        let played = play(&mut reading(false), script, Duration::ZERO);
        let rows = played.output.unwrap();
        assert_eq!((rows.len(), rows[0].conversions, rows[0].revenue), (2, 2, 99.9));
        assert!(played.requests[2].url.contains("after=Mg"));
        assert!(played.requests.iter().all(|r| !r.url.contains("evil")));
        let circle = [pages(",\"next\":\"x\""), pages(",\"next\":\"x\"")];
        assert!(play(&mut reading(false), circle, Duration::ZERO).output.is_err());
    }

    #[test]
    fn a_job_is_waited_for_until_it_is_complete() {
        let json = |text: &str| Reply::status(200).json(text);
        let missing = Reply::status(400)
            .json("{\"error\":{\"message\":\"m\",\"code\":100,\"error_subcode\":33}}");
        let too_much = Reply::status(400)
            .json("{\"error\":{\"message\":\"m\",\"code\":100,\"error_subcode\":1487534}}");
        let script = [
            too_much,
            json("{\"report_run_id\":\"77\"}"),
            missing,
            json("{\"async_status\":\"Job Running\",\"async_percent_completion\":100}"),
            json("{\"async_status\":\"Job Completed\",\"async_percent_completion\":100}"),
            pages(""),
        ];
        let played = play(&mut reading(false), script, Duration::ZERO);
        assert_eq!(played.output.unwrap().len(), 1);
        assert!(played.requests[5].url.contains("/77/insights"));
        let failed = [
            json("77"),
            json(
                "{\"async_status\":\"Job Failed\",\"async_percent_completion\":100,\"error_message\":\"why\"}",
            ),
        ];
        let error = play(&mut reading(true), failed, Duration::ZERO).output.unwrap_err();
        assert!(error.to_string().contains("Job Failed: why"), "{error}");
    }

    #[test]
    fn a_figure_that_is_no_number_is_not_zero() {
        for row in
            ["{}", "{\"ad_id\":\"1\",\"spend\":\"much\"}", "{\"ad_id\":\"1\",\"clicks\":\"-1\"}"]
        {
            assert!(insight(&serde_json::from_str(row).unwrap(), "x").is_none(), "{row}");
        }
        let days = DateRange { since: "yesterday".into(), until: "2026-11-02".into() };
        let query = InsightsQuery { days, daily: true, as_job: false };
        assert!(ReadInsights::new(&settings(), query).is_err());
    }
}
