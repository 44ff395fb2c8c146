//! Reading an ad and finding what its budget belongs to.

use super::client::Settings;
use super::{GraphCall, PLATFORM};
use crate::Error;
use crate::platform::AdState;
use gv_http::{Event, Exchange, Moment, Step};
use serde_json::Value;
use std::sync::Arc;

enum Level {
    Ad,
    AdSet,
    Campaign,
    Account,
}

/// Reads the ad, its ad set, where that has no budget the campaign, and the account's currency.
pub struct ReadState {
    settings: Arc<Settings>,
    call: GraphCall,
    level: Level,
    state: AdState,
    minor: Option<i64>,
    campaign: String,
    account: String,
}

impl std::fmt::Debug for ReadState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReadState").field("state", &self.state).finish_non_exhaustive()
    }
}

impl ReadState {
    pub(crate) fn new(settings: &Arc<Settings>, ad_id: &str) -> Result<Self, Error> {
        let fields = [("fields", "id,status,effective_status,adset_id,campaign_id,account_id")];
        Ok(Self {
            call: GraphCall::get(settings, &settings.node(ad_id)?, &fields)?,
            settings: Arc::clone(settings),
            level: Level::Ad,
            state: AdState::default(),
            minor: None,
            campaign: String::new(),
            account: String::new(),
        })
    }

    fn go(
        &mut self,
        level: Level,
        id: &str,
        fields: &str,
        now: Moment,
    ) -> Step<<Self as Exchange>::Output> {
        let next = self
            .settings
            .node(id)
            .and_then(|path| GraphCall::get(&self.settings, &path, &[("fields", fields)]));
        match next {
            Ok(call) => {
                (self.call, self.level) = (call, level);
                self.step(now, Event::Start)
            }
            Err(error) => Step::Done(Err(error)),
        }
    }

    fn take(&mut self, value: &Value, now: Moment) -> Step<<Self as Exchange>::Output> {
        match self.level {
            Level::Ad => {
                let (set, campaign) = (text(value, "adset_id"), text(value, "campaign_id"));
                self.state.running = value.get("status").and_then(Value::as_str) == Some("ACTIVE");
                self.campaign = campaign.unwrap_or_default();
                self.account = text(value, "account_id").unwrap_or_default();
                match set {
                    Some(set) => {
                        self.state.budget_owner.clone_from(&set);
                        self.go(
                            Level::AdSet,
                            &set,
                            "id,daily_budget,lifetime_budget,campaign_id",
                            now,
                        )
                    }
                    None => Step::Done(Err(answer("the ad has no ad set"))),
                }
            }
            Level::AdSet | Level::Campaign => {
                self.minor = positive(value, "daily_budget");
                let owns = self.minor.is_some() || positive(value, "lifetime_budget").is_some();
                if !owns && matches!(self.level, Level::AdSet) && !self.campaign.is_empty() {
                    let campaign = self.campaign.clone();
                    self.state.budget_owner.clone_from(&campaign);
                    return self.go(
                        Level::Campaign,
                        &campaign,
                        "id,daily_budget,lifetime_budget",
                        now,
                    );
                }
                match self.settings.currency(&self.account) {
                    Some(currency) => self.finish(currency),
                    None => {
                        let account = format!("act_{}", self.account);
                        self.go(Level::Account, &account, "currency", now)
                    }
                }
            }
            Level::Account => match text(value, "currency") {
                Some(currency) => {
                    self.settings.learn_currency(&self.account, &currency);
                    self.finish(currency)
                }
                None => Step::Done(Err(answer("the account has no currency"))),
            },
        }
    }

    fn finish(&mut self, currency: String) -> Step<<Self as Exchange>::Output> {
        self.state.daily_budget =
            self.minor.map(|minor| self.settings.table.amount(minor, &currency));
        self.state.currency = currency;
        Step::Done(Ok(self.state.clone()))
    }
}

fn text(value: &Value, name: &str) -> Option<String> {
    match value.get(name)? {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn positive(value: &Value, name: &str) -> Option<i64> {
    text(value, name)?.parse().ok().filter(|number| *number > 0)
}

fn answer(problem: &str) -> Error {
    Error::Platform {
        platform: PLATFORM,
        message: format!("the answer cannot be used: {problem}"),
        code: None,
        retry_after: None,
    }
}

impl Exchange for ReadState {
    type Output = Result<AdState, Error>;

    fn step(&mut self, now: Moment, event: Event) -> Step<Self::Output> {
        match self.call.step(now, event) {
            Step::Send(request) => Step::Send(request),
            Step::Wait(time) => Step::Wait(time),
            Step::Done(Ok(value)) => self.take(&value, now),
            Step::Done(Err(error)) => Step::Done(Err(error)),
        }
    }
}
