//! The client of the Marketing API.

use super::{GraphCall, InsightsQuery, MetaTable, PLATFORM, ReadInsights, ReadState, Usage};
use crate::capi_feedback_loop::hmac_sha256;
use crate::platform::{AdInsight, AdPlatformClient, AdState, DateRange};
use crate::{Error, Money, Result};
use gv_http::{BaseUrl, Cancel, Exchange, Moment, Transport, drive, encode_query};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Where the Graph API is.
const DEFAULT_BASE_URL: &str = "https://graph.facebook.com";

/// How a [`MetaClient`] works.
#[derive(Clone)]
#[non_exhaustive]
pub struct MetaOptions {
    /// The access token; `None` takes `META_ACCESS_TOKEN`.
    pub access_token: Option<String>,
    /// The app's secret, for the proof with each call; `None` takes `META_APP_SECRET`, and no proof without.
    pub app_secret: Option<String>,
    /// The ad account, with or without `act_`, needed for insights; `None` takes `META_AD_ACCOUNT_ID`.
    pub ad_account: Option<String>,
    /// The API's address; `None` takes `META_GRAPH_URL`, else `https://graph.facebook.com`.
    pub base_url: Option<String>,
    /// Time for one request.
    pub timeout: Duration,
    /// Attempts after the first.
    pub max_retries: u32,
    /// The wait before the first repetition; it doubles.
    pub back_off: Duration,
    /// The longest wait that Meta may ask for; a longer one ends the call with an error that names it.
    pub max_wait: Duration,
    /// Time between two looks at a job.
    pub poll: Duration,
    /// Version, currencies and limits.
    pub table: MetaTable,
}

impl MetaOptions {
    /// 60 s for a request, 4 repetitions from 1 s, waits up to 5 minutes, looks every 5 s.
    ///
    /// # Errors
    ///
    /// As [`MetaTable::built_in`].
    pub fn new() -> Result<Self> {
        Ok(Self {
            access_token: None,
            app_secret: None,
            ad_account: None,
            base_url: None,
            timeout: Duration::from_secs(60),
            max_retries: 4,
            back_off: Duration::from_secs(1),
            max_wait: Duration::from_secs(300),
            poll: Duration::from_secs(5),
            table: MetaTable::built_in()?,
        })
    }
}

impl std::fmt::Debug for MetaOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MetaOptions")
            .field("ad_account", &self.ad_account)
            .field("base_url", &self.base_url)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// What calls share.
pub(crate) struct Settings {
    pub(super) token: String,
    proof: Option<String>,
    account: Option<String>,
    base: BaseUrl,
    pub(super) timeout: Duration,
    pub(super) max_retries: u32,
    pub(super) back_off: Duration,
    pub(super) max_wait: Duration,
    pub(super) poll: Duration,
    pub(super) table: MetaTable,
    pub(super) throttle: Throttle,
    currencies: Mutex<BTreeMap<String, String>>,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings").field("base", &self.base).finish_non_exhaustive()
    }
}

impl Settings {
    pub(super) fn new(options: MetaOptions) -> Result<Self> {
        let variable = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
        let token = options
            .access_token
            .or_else(|| variable("META_ACCESS_TOKEN"))
            .ok_or(Error::MissingToken { platform: PLATFORM, variable: "META_ACCESS_TOKEN" })?;
        let secret = options.app_secret.or_else(|| variable("META_APP_SECRET"));
        let url = options
            .base_url
            .or_else(|| variable("META_GRAPH_URL"))
            .unwrap_or_else(|| DEFAULT_BASE_URL.to_owned());
        Ok(Self {
            proof: secret.map(|secret| proof(&secret, &token)),
            token,
            account: options.ad_account.or_else(|| variable("META_AD_ACCOUNT_ID")),
            base: BaseUrl::parse(&url)?,
            timeout: options.timeout,
            max_retries: options.max_retries,
            back_off: options.back_off,
            max_wait: options.max_wait,
            poll: options.poll,
            table: options.table,
            throttle: Throttle::default(),
            currencies: Mutex::default(),
        })
    }

    pub(super) fn url(&self, path: &str, query: &str) -> String {
        let url = self.base.join(&format!("/{}{path}", self.table.version));
        if query.is_empty() { url } else { format!("{url}?{query}") }
    }

    /// The query of a call: the proof, then its parameters.
    pub(super) fn query(&self, parameters: &[(&str, &str)]) -> String {
        let proof = self.proof.as_deref().map(|proof| ("appsecret_proof", proof));
        encode_query(proof.into_iter().chain(parameters.iter().copied()))
    }

    /// The path of a node.
    pub(super) fn node(&self, id: &str) -> Result<String> {
        let digits = id.strip_prefix("act_").unwrap_or(id);
        let sound = (1..=32).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if sound {
            Ok(format!("/{id}"))
        } else {
            let given = id.chars().take(64).collect::<String>();
            Err(crate::error::parameter("id", given, "a Meta id of 1 to 32 digits"))
        }
    }

    pub(super) fn account_path(&self) -> Result<String> {
        let account = self.account.as_deref().unwrap_or("");
        let digits = account.strip_prefix("act_").unwrap_or(account);
        self.node(&format!("act_{digits}"))
    }

    pub(super) fn currency(&self, account: &str) -> Option<String> {
        self.currencies.lock().unwrap_or_else(PoisonError::into_inner).get(account).cloned()
    }

    pub(super) fn learn_currency(&self, account: &str, currency: &str) {
        let mut known = self.currencies.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(account.to_owned(), currency.to_owned());
    }
}

/// `appsecret_proof`: HMAC-SHA256 of the token under the app's secret, in lower-case hexadecimal.
fn proof(secret: &str, token: &str) -> String {
    let mut hex = String::with_capacity(64);
    for byte in hmac_sha256(secret.as_bytes(), token.as_bytes()) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// Slows calls down as the limits fill up.
#[derive(Debug, Default)]
pub(crate) struct Throttle(Mutex<Option<(Duration, Usage)>>);

/// Meta counts calls over five minutes.
const WINDOW: Duration = Duration::from_secs(300);

impl Throttle {
    pub(super) fn tell(&self, now: Moment, usage: Usage) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((now.elapsed, usage));
    }

    /// How long to wait before a call.
    ///
    /// # Errors
    ///
    /// After what time calls are made again, where 90 % are used up.
    pub(super) fn ask(&self, now: Moment) -> std::result::Result<Option<Duration>, Duration> {
        let told = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((at, usage)) = told else { return Ok(None) };
        let age = now.elapsed.saturating_sub(at);
        let left = usage.regain.unwrap_or(WINDOW).saturating_sub(age);
        match usage.percent {
            _ if left.is_zero() => Ok(None),
            percent if percent >= 90.0 => Err(left),
            percent if percent >= 75.0 => {
                Ok(Some(Duration::from_secs_f64((percent - 74.0).clamp(1.0, 16.0))))
            }
            _ => Ok(None),
        }
    }
}

/// Meta's Marketing API over a transport, one call at a time on the calling thread.
#[derive(Clone)]
pub struct MetaClient {
    settings: Arc<Settings>,
    transport: Arc<dyn Transport>,
    cancel: Cancel,
}

impl std::fmt::Debug for MetaClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MetaClient").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl MetaClient {
    /// A client over this transport.
    ///
    /// # Errors
    ///
    /// [`Error::MissingToken`]; [`Error::Http`] where the address cannot be used.
    pub fn new(options: MetaOptions, transport: Arc<dyn Transport>) -> Result<Self> {
        let settings = Arc::new(Settings::new(options)?);
        Ok(Self { settings, transport, cancel: Cancel::new() })
    }

    /// Ends calls when `cancel` says so.
    pub fn with_cancel(self, cancel: Cancel) -> Self {
        Self { cancel, ..self }
    }

    /// The exchange that reads an ad.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] where the id is none of Meta's.
    pub fn read_state(&self, ad_id: &str) -> Result<ReadState> {
        ReadState::new(&self.settings, ad_id)
    }

    /// The exchange that switches an ad on or off.
    ///
    /// # Errors
    ///
    /// As [`read_state`](Self::read_state).
    pub fn switch(&self, ad_id: &str, on: bool) -> Result<GraphCall> {
        let status = if on { "ACTIVE" } else { "PAUSED" };
        GraphCall::post(&self.settings, &self.settings.node(ad_id)?, &[("status", status)])
    }

    /// The exchange that sets the daily budget of an ad set or campaign.
    ///
    /// # Errors
    ///
    /// As [`read_state`](Self::read_state); [`Error::InvalidParameter`] for a budget below one smallest unit.
    pub fn change_budget(&self, owner: &str, currency: &str, budget: Money) -> Result<GraphCall> {
        let minor = self.settings.table.minor_units(budget, currency);
        if minor < 1 {
            return Err(crate::error::parameter(
                "daily_budget",
                budget,
                "at least one smallest unit",
            ));
        }
        let path = self.settings.node(owner)?;
        GraphCall::post(&self.settings, &path, &[("daily_budget", &minor.to_string())])
    }

    /// The exchange that reads figures.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] where the account's id or a day is none.
    pub fn read_insights(&self, query: InsightsQuery) -> Result<ReadInsights> {
        ReadInsights::new(&self.settings, query)
    }

    fn drive<E: Exchange>(&self, mut exchange: E) -> E::Output {
        drive(&mut exchange, &*self.transport, &self.cancel)
    }
}

impl AdPlatformClient for MetaClient {
    fn name(&self) -> &str {
        PLATFORM
    }

    fn budget_changes_per_hour(&self) -> Option<usize> {
        Some(self.settings.table.budget_changes_per_hour)
    }

    fn state(&self, ad_id: &str) -> Result<AdState> {
        self.drive(self.read_state(ad_id)?)
    }

    fn pause(&self, ad_id: &str) -> Result<()> {
        self.drive(self.switch(ad_id, false)?).map(drop)
    }

    fn resume(&self, ad_id: &str) -> Result<()> {
        self.drive(self.switch(ad_id, true)?).map(drop)
    }

    fn set_daily_budget(&self, _ad_id: &str, state: &AdState, budget: Money) -> Result<()> {
        self.drive(self.change_budget(&state.budget_owner, &state.currency, budget)?).map(drop)
    }

    fn insights(&self, days: &DateRange) -> Result<Vec<AdInsight>> {
        let query = InsightsQuery { days: days.clone(), daily: false, as_job: false };
        self.drive(self.read_insights(query)?)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn settings() -> Arc<Settings> {
        let mut options = MetaOptions::new().unwrap();
        options.access_token = Some("TOK|EN".to_owned());
        options.app_secret = Some("APPSECRET".to_owned());
        options.ad_account = Some("act_9".to_owned());
        options.base_url = Some("http://127.0.0.1:1".to_owned());
        Arc::new(Settings::new(options).unwrap())
    }

    #[test]
    fn ids_that_are_none_do_not_reach_a_path() {
        for id in ["", "1/../2", "x", "act_", "1?a=b", &"1".repeat(33)] {
            assert!(settings().node(id).is_err(), "{id}");
        }
        assert_eq!(settings().node("act_12").unwrap(), "/act_12");
        assert_eq!(settings().account_path().unwrap(), "/act_9");
    }

    #[test]
    fn calls_slow_down_before_the_limit_and_stop_at_it() {
        let throttle = Throttle::default();
        let at = |seconds| Moment { elapsed: Duration::from_secs(seconds), ..Moment::default() };
        assert_eq!(throttle.ask(at(0)), Ok(None));
        throttle.tell(at(0), Usage { percent: 80.0, regain: None });
        assert_eq!(throttle.ask(at(1)), Ok(Some(Duration::from_secs(6))));
        throttle.tell(at(0), Usage { percent: 99.0, regain: None });
        assert_eq!(throttle.ask(at(100)), Err(Duration::from_secs(200)));
        assert_eq!(throttle.ask(at(301)), Ok(None));
    }

    #[test]
    fn secrets_are_not_shown() {
        let client = MetaClient {
            settings: settings(),
            transport: Arc::new(gv_http::testing::ScriptedTransport::default()),
            cancel: Cancel::new(),
        };
        let shown = format!("{client:?} {:?}", client.settings);
        assert!(!shown.contains("TOK") && !shown.contains("SECRET"), "{shown}");
    }
}
