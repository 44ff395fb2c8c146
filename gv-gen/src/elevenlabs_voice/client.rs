//! The client of ElevenLabs.

use super::catalog::Catalog;
use super::library::{CloneRequest, CloneVoice, ListVoices, Voice};
use super::refusal::{SERVICE, refusal};
use super::request::{Script, VoiceOverRequest};
use super::speak::{Speak, VoiceOver, call_error};
use super::voices::Voices;
use crate::journal::Books;
use crate::service::{self, Service};
use crate::{Error, Result};
use gv_http::{Cancel, Method, Request, RetryPolicy, Transport, drive, drive_all};
use serde::Deserialize;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

/// Where ElevenLabs' API is.
pub const DEFAULT_BASE_URL: &str = "https://api.elevenlabs.io";

/// How an [`ElevenLabsClient`] works.
#[derive(Clone)]
#[non_exhaustive]
pub struct ElevenLabsOptions {
    /// The key; `None` takes `ELEVENLABS_API_KEY`.
    pub api_key: Option<String>,
    /// The API's address; `None` takes `ELEVENLABS_API_URL`, else [`DEFAULT_BASE_URL`]. A `/v1` at its end is dropped.
    pub base_url: Option<String>,
    /// Takes plain `http` for hosts other than this machine.
    pub allow_http: bool,
    /// Time for one request.
    pub timeout: Duration,
    /// Scripts that are spoken at the same time in [`speak_all`](ElevenLabsClient::speak_all).
    pub concurrency: NonZeroUsize,
    /// When requests are tried again.
    pub retries: RetryPolicy,
    /// What spreads waits; `None` differs from process to process.
    pub seed: Option<u64>,
    /// Models and prices.
    pub catalog: Arc<Catalog>,
    /// Presets, ad voices and styles.
    pub voices: Arc<Voices>,
    /// Journal, cap and output folder.
    pub books: Books,
}

impl ElevenLabsOptions {
    /// Options over these books: 240 s for a request, 2 scripts at a time (what every plan allows).
    pub fn new(books: Books) -> Self {
        Self {
            api_key: None,
            base_url: None,
            allow_http: false,
            timeout: Duration::from_secs(240),
            concurrency: NonZeroUsize::MIN.saturating_add(1),
            retries: RetryPolicy::default(),
            seed: None,
            catalog: Catalog::built_in(),
            voices: Voices::built_in(),
            books,
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

    /// The options with another time for a request.
    #[must_use]
    pub const fn timeout(mut self, value: Duration) -> Self {
        self.timeout = value;
        self
    }

    /// The options with another number of scripts at a time.
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
}

impl std::fmt::Debug for ElevenLabsOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ElevenLabsOptions")
            .field("api_key", &self.api_key.as_ref().map(|_| "(secret)"))
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}

/// What the exchanges of one client share.
pub(crate) struct Settings {
    pub(crate) service: Service,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) books: Books,
}

impl Settings {
    pub(crate) fn request(&self, method: Method, path: &str) -> Result<Request> {
        let key = self
            .service
            .key()
            .ok_or(Error::MissingKey { service: SERVICE, variables: "ELEVENLABS_API_KEY" })?;
        let mut request = self.service.request(method, path);
        request.headers.set("Accept", "*/*")?;
        request.headers.set_secret("xi-api-key", key)?;
        Ok(request)
    }
}

/// What a text will cost, before it is spoken.
#[derive(Debug, Clone, PartialEq)]
pub struct CostEstimate {
    /// Characters (Unicode code points).
    pub characters: usize,
    /// Characters that are billed: some models halve them.
    pub billed_characters: u64,
    /// Dollars by the table's price.
    pub estimated_cost_usd: f64,
    /// Seconds of speech, by a rate that is a prior; the audio itself says it exactly.
    pub estimated_duration_seconds: f64,
}

/// What is left of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Subscription {
    /// The plan's name.
    #[serde(default)]
    pub tier: String,
    /// Characters used in this period.
    pub character_count: u64,
    /// Characters of this period.
    pub character_limit: u64,
    /// Whether voices may be cloned.
    #[serde(default)]
    pub can_use_instant_voice_cloning: bool,
    /// Voices there are.
    #[serde(default)]
    pub voice_slots_used: u64,
    /// Voices there may be.
    #[serde(default)]
    pub voice_limit: u64,
}

/// Speaks with ElevenLabs.
///
/// Clones share their connections and books; all methods may be called from many threads at once.
#[derive(Clone)]
pub struct ElevenLabsClient {
    settings: Arc<Settings>,
    transport: Arc<dyn Transport>,
    voices: Arc<Voices>,
    concurrency: NonZeroUsize,
}

impl std::fmt::Debug for ElevenLabsClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ElevenLabsClient")
            .field("base", self.settings.service.base())
            .finish_non_exhaustive()
    }
}

impl ElevenLabsClient {
    /// A client over the real transport.
    ///
    /// # Errors
    ///
    /// [`Error::Http`] where the address or the key cannot be used. A missing key is an error of the first request.
    #[cfg(feature = "ureq")]
    pub fn new(options: ElevenLabsOptions) -> Result<Self> {
        let transport = gv_http::UreqTransport::new(&gv_http::UreqOptions::default())?;
        Self::with_transport(options, Arc::new(transport))
    }

    /// A client over a transport of the caller.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn with_transport(
        options: ElevenLabsOptions,
        transport: Arc<dyn Transport>,
    ) -> Result<Self> {
        let key = service::key(options.api_key, &["ELEVENLABS_API_KEY"]);
        let base = service::address(
            options.base_url,
            "ELEVENLABS_API_URL",
            DEFAULT_BASE_URL,
            options.allow_http,
        )?;
        let settings = Settings {
            service: Service::new(base, key, options.timeout, options.retries, options.seed),
            catalog: options.catalog,
            books: options.books,
        };
        if settings.service.key().is_some() {
            settings.request(Method::Get, "/v1/models")?;
        }
        Ok(Self {
            settings: Arc::new(settings),
            transport,
            voices: options.voices,
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

    /// Presets, ad voices and styles.
    pub fn voices(&self) -> &Voices {
        &self.voices
    }

    /// Checks a request and begins it as an exchange; nothing is sent before its first step.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidInput`] with the rule that is broken; [`Error::MissingKey`].
    pub fn start(&self, request: &VoiceOverRequest) -> Result<Speak> {
        let script = Script::new(request, &self.settings.catalog, &self.voices)?;
        self.settings.request(Method::Get, "/v1/models")?;
        Ok(Speak::new(Arc::clone(&self.settings), script))
    }

    /// The list of voices as an exchange.
    pub fn start_list(&self) -> ListVoices {
        ListVoices::new(Arc::clone(&self.settings))
    }

    /// A clone as an exchange.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidInput`] with the rule that is broken; [`Error::MissingKey`].
    pub fn start_clone(&self, request: &CloneRequest) -> Result<CloneVoice> {
        CloneVoice::new(&self.settings, request)
    }

    /// The request of a voice-over for an ad: a voice and settings by type.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidInput`] where the type is unknown.
    pub fn ad_voiceover(&self, script: &str, voice_type: &str) -> Result<VoiceOverRequest> {
        let voice = self.voices.ad_voice(voice_type)?;
        Ok(VoiceOverRequest::new(script, voice.preset.clone()).settings(voice.settings))
    }

    /// The request of a voice-over that keeps to a language, with a model that can.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidInput`] where the model does not speak it; the message lists what it speaks.
    pub fn multilingual(
        &self,
        text: &str,
        voice: &str,
        language: &str,
    ) -> Result<VoiceOverRequest> {
        let catalog = &self.settings.catalog;
        let model = catalog.choose(&catalog.multilingual_model, &mut Vec::new())?;
        model.check_language(language)?;
        Ok(VoiceOverRequest::new(text, voice).model(model.id.clone()).language(language))
    }

    /// Speaks a script on this thread.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start), and whatever kept the audio from coming whole.
    pub fn generate_voiceover(
        &self,
        request: &VoiceOverRequest,
        cancel: &Cancel,
    ) -> Result<VoiceOver> {
        drive(&mut self.start(request)?, &*self.transport, cancel)
    }

    /// Speaks scripts, [`concurrency`](ElevenLabsOptions::concurrency) at a time; the results in their order.
    ///
    /// # Errors
    ///
    /// The first request that breaks a rule; nothing is sent then.
    pub fn speak_all(
        &self,
        requests: &[VoiceOverRequest],
        cancel: &Cancel,
    ) -> Result<Vec<Result<VoiceOver>>> {
        let exchanges = requests.iter().map(|r| self.start(r)).collect::<Result<Vec<_>>>()?;
        Ok(drive_all(exchanges, &*self.transport, cancel, self.concurrency, &|_, _| {}))
    }

    /// The voices of the account.
    ///
    /// # Errors
    ///
    /// [`Error::MissingKey`], [`Error::Refused`], [`Error::Transport`], [`Error::Protocol`].
    pub fn get_available_voices(&self, cancel: &Cancel) -> Result<Vec<Voice>> {
        drive(&mut self.start_list(), &*self.transport, cancel)
    }

    /// Clones a voice from samples; its id.
    ///
    /// # Errors
    ///
    /// As [`start_clone`](Self::start_clone), and as [`get_available_voices`](Self::get_available_voices).
    pub fn clone_voice(&self, request: &CloneRequest, cancel: &Cancel) -> Result<String> {
        drive(&mut self.start_clone(request)?, &*self.transport, cancel)
    }

    /// What is left of the plan.
    ///
    /// # Errors
    ///
    /// As [`get_available_voices`](Self::get_available_voices).
    pub fn subscription(&self, cancel: &Cancel) -> Result<Subscription> {
        let request = self.settings.request(Method::Get, "/v1/user/subscription")?;
        let response = drive(&mut self.settings.service.call(request), &*self.transport, cancel)
            .map_err(call_error)?;
        if !response.head.is_success() {
            return Err(refusal(&response));
        }
        serde_json::from_slice(response.bytes()).map_err(|error| Error::Protocol {
            service: SERVICE,
            reason: format!("{error} in the subscription"),
            task: None,
        })
    }

    /// What a text will cost with a model, the default one where none is named. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidInput`] where the model is unknown.
    pub fn estimate_cost(&self, text: &str, model: Option<&str>) -> Result<CostEstimate> {
        let catalog = &self.settings.catalog;
        let model = catalog.choose(model.unwrap_or(&catalog.default_model), &mut Vec::new())?;
        let characters = text.chars().count();
        let billed = model.billed(characters);
        Ok(CostEstimate {
            characters,
            billed_characters: billed,
            estimated_cost_usd: crate::error::usd(catalog.micros(billed)),
            estimated_duration_seconds: characters as f64 / catalog.characters_per_second,
        })
    }
}
