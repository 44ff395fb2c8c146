//! The client of Runway.

use super::catalog::Catalog;
use super::generate::{Generate, call_error};
use super::image::ImageInput;
use super::prompts::Prompts;
use super::request::{GenerationRequest, Plan};
use super::result::{GenerationResult, Progress};
use super::task::{SERVICE, is_task_id, refusal};
use crate::journal::Books;
use crate::service::{self, Service};
use crate::{Error, Result};
use gv_http::{Cancel, Method, Request, RetryPolicy, Transport, drive, drive_all};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

/// Where Runway's API is.
pub const DEFAULT_BASE_URL: &str = "https://api.dev.runwayml.com";
/// The version of the API that is spoken.
pub const API_VERSION: &str = "2024-11-06";

/// Is told where a generation stands.
pub type OnProgress = Arc<dyn Fn(&Progress) + Send + Sync>;

/// How a [`RunwayClient`] works.
#[derive(Clone)]
#[non_exhaustive]
pub struct RunwayOptions {
    /// The key; `None` takes `RUNWAY_API_KEY`, else `RUNWAYML_API_SECRET`.
    pub api_key: Option<String>,
    /// The API's address; `None` takes `RUNWAY_API_URL`, else [`DEFAULT_BASE_URL`]. A `/v1` at its end is dropped.
    pub base_url: Option<String>,
    /// Takes plain `http` for hosts other than this machine.
    pub allow_http: bool,
    /// Time for one request.
    pub timeout: Duration,
    /// Time between two looks at a task; up to a quarter is added by chance.
    pub poll_interval: Duration,
    /// Time for a generation, queueing included.
    pub max_wait: Duration,
    /// Whether outputs are downloaded at once; their addresses die after a day.
    pub download: bool,
    /// Generations that run at the same time in [`generate_all`](RunwayClient::generate_all).
    pub concurrency: NonZeroUsize,
    /// When requests are tried again.
    pub retries: RetryPolicy,
    /// What spreads waits; `None` differs from process to process.
    pub seed: Option<u64>,
    /// Models and prices.
    pub catalog: Arc<Catalog>,
    /// Wording of prompts.
    pub prompts: Arc<Prompts>,
    /// Journal, cap and output folder.
    pub books: Books,
    /// Is told where generations stand.
    pub on_progress: Option<OnProgress>,
}

impl RunwayOptions {
    /// Options over these books: 60 s for a request, a look every 5 s, 600 s for a generation, 3 at a time.
    pub fn new(books: Books) -> Self {
        Self {
            api_key: None,
            base_url: None,
            allow_http: false,
            timeout: Duration::from_secs(60),
            poll_interval: Duration::from_secs(5),
            max_wait: Duration::from_secs(600),
            download: true,
            concurrency: NonZeroUsize::MIN.saturating_add(2),
            retries: RetryPolicy::default(),
            seed: None,
            catalog: Catalog::built_in(),
            prompts: Prompts::built_in(),
            books,
            on_progress: None,
        }
    }

    /// The options with a key.
    #[must_use]
    pub fn api_key(mut self, value: impl Into<String>) -> Self {
        self.api_key = Some(value.into());
        self
    }

    /// The options with another address.
    #[must_use]
    pub fn base_url(mut self, value: impl Into<String>) -> Self {
        self.base_url = Some(value.into());
        self
    }

    /// The options with another time between two looks at a task.
    #[must_use]
    pub const fn poll_interval(mut self, value: Duration) -> Self {
        self.poll_interval = value;
        self
    }

    /// The options with another time for a generation.
    #[must_use]
    pub const fn max_wait(mut self, value: Duration) -> Self {
        self.max_wait = value;
        self
    }

    /// The options with another time for a request.
    #[must_use]
    pub const fn timeout(mut self, value: Duration) -> Self {
        self.timeout = value;
        self
    }

    /// The options with or without downloads.
    #[must_use]
    pub const fn download(mut self, value: bool) -> Self {
        self.download = value;
        self
    }

    /// The options with another number of generations at a time.
    #[must_use]
    pub const fn concurrency(mut self, value: NonZeroUsize) -> Self {
        self.concurrency = value;
        self
    }

    /// The options with another retry policy.
    #[must_use]
    pub fn retries(mut self, value: RetryPolicy) -> Self {
        self.retries = value;
        self
    }

    /// The options with a listener.
    #[must_use]
    pub fn on_progress(mut self, value: impl Fn(&Progress) + Send + Sync + 'static) -> Self {
        self.on_progress = Some(Arc::new(value));
        self
    }
}

impl std::fmt::Debug for RunwayOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RunwayOptions")
            .field("api_key", &self.api_key.as_ref().map(|_| "(secret)"))
            .field("base_url", &self.base_url)
            .field("poll_interval", &self.poll_interval)
            .field("max_wait", &self.max_wait)
            .finish_non_exhaustive()
    }
}

/// What the exchanges of one client share.
pub(crate) struct Settings {
    pub(crate) service: Service,
    pub(crate) poll_interval: Duration,
    pub(crate) max_wait: Duration,
    pub(crate) download: bool,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) books: Books,
    pub(crate) on_progress: Option<OnProgress>,
}

impl Settings {
    pub(crate) fn request(&self, method: Method, path: &str) -> Result<Request> {
        let key = self.service.key().ok_or(Error::MissingKey {
            service: SERVICE,
            variables: "RUNWAY_API_KEY or RUNWAYML_API_SECRET",
        })?;
        let mut request = self.service.request(method, path);
        let accept = if method == Method::Delete { "*/*" } else { "application/json" };
        request.headers.set("Accept", accept)?;
        request.headers.set_secret("Authorization", &format!("Bearer {key}"))?;
        request.headers.set("X-Runway-Version", API_VERSION)?;
        Ok(request)
    }
}

/// What an account has and may do.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Account {
    /// Credits that are left.
    pub credit_balance: f64,
    /// Limits of the account's tier.
    #[serde(default)]
    pub tier: Tier,
}

/// Limits of a tier.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Tier {
    /// Credits that may be spent in a month.
    pub max_monthly_credit_spend: Option<f64>,
    /// Limits of each model.
    pub models: BTreeMap<String, ModelLimits>,
}

/// Limits of a model.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct ModelLimits {
    /// Tasks that run at the same time; more are taken and wait.
    pub max_concurrent_generations: Option<u64>,
    /// Tasks in 24 hours.
    pub max_daily_generations: Option<u64>,
}

/// Generates video with Runway.
///
/// Clones share their connections and books; all methods may be called from many threads at once.
#[derive(Clone)]
pub struct RunwayClient {
    settings: Arc<Settings>,
    transport: Arc<dyn Transport>,
    prompts: Arc<Prompts>,
    concurrency: NonZeroUsize,
}

impl std::fmt::Debug for RunwayClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RunwayClient")
            .field("base", self.settings.service.base())
            .finish_non_exhaustive()
    }
}

impl RunwayClient {
    /// A client over the real transport.
    ///
    /// # Errors
    ///
    /// [`Error::Http`] where the address or the key cannot be used. A missing key is an error of the first request.
    #[cfg(feature = "ureq")]
    pub fn new(options: RunwayOptions) -> Result<Self> {
        let transport = gv_http::UreqTransport::new(&gv_http::UreqOptions::default())?;
        Self::with_transport(options, Arc::new(transport))
    }

    /// A client over a transport of the caller.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn with_transport(options: RunwayOptions, transport: Arc<dyn Transport>) -> Result<Self> {
        let key = service::key(options.api_key, &["RUNWAY_API_KEY", "RUNWAYML_API_SECRET"]);
        let base = service::address(
            options.base_url,
            "RUNWAY_API_URL",
            DEFAULT_BASE_URL,
            options.allow_http,
        )?;
        if base.as_str() == "https://api.runwayml.com" {
            return Err(crate::error::invalid(
                "Runway address",
                base.as_str(),
                format!("{DEFAULT_BASE_URL}: api.runwayml.com does not take API keys"),
            ));
        }
        let settings = Settings {
            service: Service::new(base, key, options.timeout, options.retries, options.seed),
            poll_interval: options.poll_interval.max(Duration::from_millis(1)),
            max_wait: options.max_wait,
            download: options.download,
            catalog: options.catalog,
            books: options.books,
            on_progress: options.on_progress,
        };
        if settings.service.key().is_some() {
            settings.request(Method::Get, "/v1/organization")?;
        }
        Ok(Self {
            settings: Arc::new(settings),
            transport,
            prompts: options.prompts,
            concurrency: options.concurrency,
        })
    }

    /// The transport; event loops drive exchanges over it.
    pub fn transport(&self) -> &Arc<dyn Transport> {
        &self.transport
    }

    /// Journal, cap and output folder.
    pub fn books(&self) -> &Books {
        &self.settings.books
    }

    /// Models and prices.
    pub fn catalog(&self) -> &Catalog {
        &self.settings.catalog
    }

    /// Checks a request and begins it as an exchange; nothing is sent before its first step.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidInput`] with the rule that is broken; [`Error::MissingKey`]; [`Error::File`].
    pub fn start(&self, request: &GenerationRequest) -> Result<Generate> {
        let plan = Plan::new(request, &self.settings.catalog, &self.prompts)?;
        self.settings.request(Method::Get, "/v1/organization")?;
        Ok(Generate::new(Arc::clone(&self.settings), plan))
    }

    /// Takes up a task by its name, as an exchange.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidInput`] where it cannot be a task's name; [`Error::MissingKey`].
    pub fn start_resume(&self, task_id: &str) -> Result<Generate> {
        check_task_id(task_id)?;
        self.settings.request(Method::Get, "/v1/organization")?;
        Ok(Generate::resume(Arc::clone(&self.settings), task_id.to_owned()))
    }

    /// The request of a product shot: the picture comes to life in a scene.
    pub fn product_shot(&self, image: ImageInput, scene: &str) -> GenerationRequest {
        GenerationRequest::new(self.prompts.product_shot(scene)).image(image)
    }

    /// The request of a lifestyle scene in a mood.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidInput`] where the mood is unknown or the description empty.
    pub fn lifestyle_scene(&self, description: &str, mood: &str) -> Result<GenerationRequest> {
        if description.trim().is_empty() {
            return Err(crate::error::invalid("description", "empty", "a text"));
        }
        Ok(GenerationRequest::new(self.prompts.lifestyle(description, mood)?))
    }

    /// The requests of variations of a base: each differs in wording and has a seed of its own, so that asking again
    /// for the same variations finds those that were paid.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidInput`] where `count` is 0 or more than 100, or the prompt is empty.
    pub fn variations(
        &self,
        base: &GenerationRequest,
        count: usize,
    ) -> Result<Vec<GenerationRequest>> {
        if count == 0 || count > 100 {
            return Err(crate::error::invalid("count", count, "1 to 100"));
        }
        if base.prompt.trim().is_empty() {
            return Err(crate::error::invalid("prompt", "empty", "a text"));
        }
        Ok((0..count)
            .map(|n| {
                let mut request = base.clone();
                request.prompt = self.prompts.variation(base.prompt.trim(), n);
                let first = base.seed.unwrap_or(0);
                request.seed = Some(first.wrapping_add(u32::try_from(n).unwrap_or(0)));
                request
            })
            .collect())
    }

    /// Generates a video on this thread.
    ///
    /// A task that fails is a result whose status says so; so is one that goes on when the time to wait is over.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start), and whatever kept the service's decision from coming.
    pub fn generate_video(
        &self,
        request: &GenerationRequest,
        cancel: &Cancel,
    ) -> Result<GenerationResult> {
        self.drive(&mut self.start(request)?, cancel)
    }

    /// Waits for a task that was begun, in this process or an earlier one, and downloads its video; it costs nothing.
    ///
    /// # Errors
    ///
    /// As [`generate_video`](Self::generate_video).
    pub fn resume(&self, task_id: &str, cancel: &Cancel) -> Result<GenerationResult> {
        self.drive(&mut self.start_resume(task_id)?, cancel)
    }

    /// The tasks of the journal that have not ended.
    ///
    /// # Errors
    ///
    /// [`Error::Journal`] where the journal cannot be read.
    pub fn open_tasks(&self) -> Result<Vec<String>> {
        self.settings.books.read(|ledger| {
            let runway = |e: &&crate::journal::Entry| e.service == crate::journal::Service::Runway;
            ledger.open().filter(runway).filter_map(|entry| entry.task.clone()).collect()
        })
    }

    /// Generates videos, [`concurrency`](RunwayOptions::concurrency) at a time; the results in the order of the requests.
    pub fn generate_all(
        &self,
        requests: &[GenerationRequest],
        cancel: &Cancel,
    ) -> Vec<Result<GenerationResult>> {
        let (mut results, mut started): (Vec<Option<Result<GenerationResult>>>, Vec<_>) =
            (Vec::new(), Vec::new());
        for (at, request) in requests.iter().enumerate() {
            match self.start(request) {
                Ok(exchange) => {
                    started.push((at, exchange));
                    results.push(None);
                }
                Err(error) => results.push(Some(Err(error))),
            }
        }
        let (places, exchanges): (Vec<usize>, Vec<Generate>) = started.into_iter().unzip();
        let outputs = drive_all(exchanges, &*self.transport, cancel, self.concurrency, &|_, _| {});
        for (at, output) in places.into_iter().zip(outputs) {
            if let Some(place) = results.get_mut(at) {
                *place = Some(output);
            }
        }
        results
            .into_iter()
            .map(|result| result.unwrap_or(Err(Error::Cancelled { task: None })))
            .collect()
    }

    /// Cancels a task that runs, or deletes one that ended. What ran is not refunded.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidInput`], [`Error::Refused`], [`Error::Transport`]. A task that is gone already is no error.
    pub fn cancel_task(&self, task_id: &str, cancel: &Cancel) -> Result<()> {
        check_task_id(task_id)?;
        let request = self.settings.request(Method::Delete, &format!("/v1/tasks/{task_id}"))?;
        let response = drive(&mut self.settings.service.call(request), &*self.transport, cancel)
            .map_err(|error| call_error(error, Some(task_id.to_owned())))?;
        if response.head.is_success() || response.status() == 404 {
            Ok(())
        } else {
            Err(refusal(&response))
        }
    }

    /// What the account has and may do.
    ///
    /// # Errors
    ///
    /// [`Error::MissingKey`], [`Error::Refused`], [`Error::Transport`], [`Error::Protocol`].
    pub fn account(&self, cancel: &Cancel) -> Result<Account> {
        let request = self.settings.request(Method::Get, "/v1/organization")?;
        let response = drive(&mut self.settings.service.call(request), &*self.transport, cancel)
            .map_err(|error| call_error(error, None))?;
        if !response.head.is_success() {
            return Err(refusal(&response));
        }
        serde_json::from_slice(response.bytes()).map_err(|error| Error::Protocol {
            service: SERVICE,
            reason: format!("{error} in the account"),
            task: None,
        })
    }

    /// Credits and dollars that a request will cost by the table.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    pub fn estimate(&self, request: &GenerationRequest) -> Result<(f64, f64)> {
        let plan = Plan::new(request, &self.settings.catalog, &self.prompts)?;
        Ok((plan.credits, crate::error::usd(plan.cost)))
    }

    fn drive(&self, exchange: &mut Generate, cancel: &Cancel) -> Result<GenerationResult> {
        drive(exchange, &*self.transport, cancel)
    }
}

fn check_task_id(task_id: &str) -> Result<()> {
    if is_task_id(task_id) {
        return Ok(());
    }
    Err(crate::error::invalid("task id", task_id, "letters, digits and -, as the service gave it"))
}
