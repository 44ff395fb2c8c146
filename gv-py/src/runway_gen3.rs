//! Runway video (component 18).

use crate::errors::exception;
use crate::session::{Outcome, Session, now, seconds, unsigned};
use crate::to_python;
use geminivideo::Error;
use geminivideo::generation::http::{Cancel, RetryPolicy};
use geminivideo::generation::journal::Books;
use geminivideo::generation::runway_gen3::{
    AspectRatio, Catalog, GenerationRequest, GenerationResult, ImageInput, MockRunwayClient,
    RunwayClient, RunwayOptions,
};
use pyo3::prelude::*;
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;

fn outcome(result: GenerationResult) -> Outcome {
    Outcome { fields: result.to_json(), audio: None }
}

#[derive(FromPyObject)]
enum Image {
    #[pyo3(transparent)]
    Bytes(Vec<u8>),
    #[pyo3(transparent)]
    Text(String),
    #[pyo3(transparent)]
    Path(PathBuf),
}

#[expect(clippy::too_many_arguments, reason = "they are the fields of a Python dataclass")]
fn request(
    prompt: String,
    model: Option<String>,
    duration: i64,
    aspect_ratio: &str,
    seed: Option<i64>,
    image: Option<Image>,
    style: Option<String>,
    fresh: bool,
) -> Result<GenerationRequest, Error> {
    let mut made = GenerationRequest::new(prompt)
        .duration(unsigned("duration", duration)?)
        .aspect_ratio(AspectRatio::parse(aspect_ratio)?)
        .fresh(fresh);
    made.model = model;
    made.seed = seed.map(|seed| unsigned("seed", seed)).transpose()?;
    made.style = style;
    made.image = image.map(|image| match image {
        Image::Bytes(bytes) => ImageInput::Bytes(bytes),
        Image::Text(text) => ImageInput::parse(&text),
        Image::Path(path) => ImageInput::File(path),
    });
    Ok(made)
}

/// The client of Runway, without an event loop of its own.
#[pyclass(frozen)]
pub(crate) struct Runway {
    client: RunwayClient,
}

impl Runway {
    fn session(&self, request: &GenerationRequest) -> Result<Session, Error> {
        Ok(self.wrap(self.client.start(request)?))
    }

    fn wrap(&self, exchange: geminivideo::generation::runway_gen3::Generate) -> Session {
        Session::new(exchange, Arc::clone(self.client.transport()), outcome, |exchange| {
            let progress = exchange.progress()?;
            Some(json!({
                "task_id": progress.task_id,
                "status": progress.status.as_str(),
                "progress": progress.progress,
                "elapsed": progress.elapsed,
            }))
        })
    }
}

#[pymethods]
impl Runway {
    #[new]
    #[pyo3(signature = (*, api_key=None, base_url=None, state_dir=None, spending_cap_usd=None, timeout=60.0,
        poll_interval=5.0, max_wait=600.0, download=true, max_retries=4, allow_http=false, catalog=None))]
    #[expect(clippy::too_many_arguments, reason = "they are options by name")]
    fn new(
        py: Python<'_>,
        api_key: Option<String>,
        base_url: Option<String>,
        state_dir: Option<PathBuf>,
        spending_cap_usd: Option<f64>,
        timeout: f64,
        poll_interval: f64,
        max_wait: f64,
        download: bool,
        max_retries: u32,
        allow_http: bool,
        catalog: Option<&str>,
    ) -> PyResult<Self> {
        let make = || -> Result<RunwayClient, Error> {
            let mut options = RunwayOptions::new(Books::of_user(state_dir, spending_cap_usd)?)
                .timeout(seconds("timeout", timeout)?)
                .poll_interval(seconds("poll_interval", poll_interval)?)
                .max_wait(seconds("max_wait", max_wait)?)
                .download(download)
                .retries(RetryPolicy::default().max_retries(max_retries));
            options.api_key = api_key;
            options.base_url = base_url;
            options.allow_http = allow_http;
            if let Some(text) = catalog {
                options.catalog = Arc::new(Catalog::from_json(text)?);
            }
            Ok(RunwayClient::new(options)?)
        };
        let client = make().map_err(|error| exception(py, &error))?;
        crate::logging::deliver(py)?;
        Ok(Self { client })
    }

    /// Begins a generation.
    #[pyo3(signature = (prompt, model, duration, aspect_ratio, seed, image, style, fresh))]
    #[expect(clippy::too_many_arguments, reason = "they are the fields of a Python dataclass")]
    fn start(
        &self,
        py: Python<'_>,
        prompt: String,
        model: Option<String>,
        duration: i64,
        aspect_ratio: &str,
        seed: Option<i64>,
        image: Option<Image>,
        style: Option<String>,
        fresh: bool,
    ) -> PyResult<Session> {
        crate::logging::follow_levels(py)?;
        let made = request(prompt, model, duration, aspect_ratio, seed, image, style, fresh)
            .and_then(|request| py.detach(|| self.session(&request)));
        crate::logging::deliver(py)?;
        made.map_err(|error| exception(py, &error))
    }

    /// Takes up a task.
    fn resume(&self, py: Python<'_>, task_id: &str) -> PyResult<Session> {
        let exchange = self.client.start_resume(task_id);
        exchange.map(|exchange| self.wrap(exchange)).map_err(|e| exception(py, &Error::from(e)))
    }

    /// The prompt of a product shot.
    fn product_shot(&self, scene: &str) -> String {
        let image = ImageInput::Bytes(Vec::new());
        self.client.product_shot(image, scene).prompt
    }

    /// The prompt of a lifestyle scene.
    fn lifestyle_scene(&self, py: Python<'_>, description: &str, mood: &str) -> PyResult<String> {
        let made = self.client.lifestyle_scene(description, mood);
        made.map(|request| request.prompt).map_err(|e| exception(py, &Error::from(e)))
    }

    /// Prompts and seeds of variations.
    fn variations(
        &self,
        py: Python<'_>,
        prompt: String,
        count: i64,
        seed: i64,
    ) -> PyResult<Vec<(String, Option<u32>)>> {
        let made = unsigned("seed", seed).and_then(|seed| {
            let base = GenerationRequest::new(prompt).seed(seed);
            let count = usize::try_from(unsigned("count", count)?).unwrap_or(usize::MAX);
            Ok(self.client.variations(&base, count)?)
        });
        let requests = made.map_err(|error| exception(py, &error))?;
        Ok(requests.into_iter().map(|request| (request.prompt, request.seed)).collect())
    }

    /// Credits and dollars by the table.
    #[pyo3(signature = (prompt, model, duration, aspect_ratio, image, style))]
    #[expect(clippy::too_many_arguments, reason = "they are the fields of a Python dataclass")]
    fn estimate(
        &self,
        py: Python<'_>,
        prompt: String,
        model: Option<String>,
        duration: i64,
        aspect_ratio: &str,
        image: Option<Image>,
        style: Option<String>,
    ) -> PyResult<(f64, f64)> {
        request(prompt, model, duration, aspect_ratio, None, image, style, false)
            .and_then(|request| Ok(self.client.estimate(&request)?))
            .map_err(|error| exception(py, &error))
    }

    /// Cancels a task that runs, or deletes one that ended.
    fn cancel_task(&self, py: Python<'_>, task_id: &str) -> PyResult<()> {
        py.detach(|| self.client.cancel_task(task_id, &Cancel::new()))
            .map_err(|error| exception(py, &Error::from(error)))
    }

    /// Credits that are left.
    fn credit_balance(&self, py: Python<'_>) -> PyResult<f64> {
        py.detach(|| self.client.account(&Cancel::new()))
            .map(|account| account.credit_balance)
            .map_err(|error| exception(py, &Error::from(error)))
    }

    /// Tasks that have not ended.
    fn open_tasks(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        self.client.open_tasks().map_err(|error| exception(py, &Error::from(error)))
    }

    /// What was spent.
    fn ledger<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let shown = self.client.books().to_json().map_err(|e| exception(py, &Error::from(e)))?;
        to_python(py, &shown)
    }

    /// Declares an uncertain entry unpaid.
    fn release(&self, py: Python<'_>, entry: &str) -> PyResult<()> {
        let done = self.client.books().release(entry, now());
        done.map_err(|error| exception(py, &Error::from(error)))
    }
}

/// The mock client: the next failures are `(code, text)`.
#[pyclass(frozen)]
pub(crate) struct MockRunway {
    client: MockRunwayClient,
}

#[pymethods]
impl MockRunway {
    #[new]
    fn new(failures: Vec<(String, String)>) -> Self {
        let client = failures
            .into_iter()
            .fold(MockRunwayClient::new(), |client, (code, text)| client.failing(code, text));
        Self { client }
    }

    #[pyo3(signature = (prompt, model, duration, aspect_ratio, seed, image, style))]
    #[expect(clippy::too_many_arguments, reason = "they are the fields of a Python dataclass")]
    fn generate<'py>(
        &self,
        py: Python<'py>,
        prompt: String,
        model: Option<String>,
        duration: i64,
        aspect_ratio: &str,
        seed: Option<i64>,
        image: Option<Image>,
        style: Option<String>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let made = request(prompt, model, duration, aspect_ratio, seed, image, style, false)
            .and_then(|request| Ok(self.client.generate_video(&request)?));
        to_python(py, &made.map_err(|error| exception(py, &error))?.to_json())
    }
}
