//! A service that is asked over HTTP: its address, the key, and when it is asked again.

use crate::Result;
use gv_http::{BaseUrl, Call, Jitter, Method, Request, RetryPolicy};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What the requests of one client share.
pub(crate) struct Service {
    base: BaseUrl,
    key: Option<String>,
    timeout: Duration,
    retries: RetryPolicy,
    seed: Option<u64>,
    calls: AtomicU64,
}

impl Service {
    pub(crate) fn new(
        base: BaseUrl,
        key: Option<String>,
        timeout: Duration,
        retries: RetryPolicy,
        seed: Option<u64>,
    ) -> Self {
        Self { base, key, timeout, retries, seed, calls: AtomicU64::new(0) }
    }

    pub(crate) fn base(&self) -> &BaseUrl {
        &self.base
    }

    pub(crate) fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    pub(crate) fn retries(&self) -> &RetryPolicy {
        &self.retries
    }

    /// A request within the time for one, without the key.
    pub(crate) fn request(&self, method: Method, path: &str) -> Request {
        let mut request = Request::new(method, self.base.join(path));
        request.timeout = self.timeout;
        request.idle_timeout = self.timeout;
        request
    }

    pub(crate) fn call(&self, request: Request) -> Call {
        Call::new(request, self.retries.clone(), self.jitter())
    }

    /// What spreads the waits of the next call.
    pub(crate) fn jitter(&self) -> Jitter {
        let count = self.calls.fetch_add(1, Ordering::Relaxed);
        self.seed.map_or_else(Jitter::from_entropy, |seed| Jitter::seeded(seed.wrapping_add(count)))
    }
}

/// The key that was given, else the first of these variables that is set.
pub(crate) fn key(given: Option<String>, variables: &[&str]) -> Option<String> {
    given.filter(|key| !key.is_empty()).or_else(|| variables.iter().find_map(|name| variable(name)))
}

/// The address that was given, else that of the variable, else the usual one, without a `/v1` at its end.
pub(crate) fn address(
    given: Option<String>,
    name: &str,
    usual: &str,
    allow_http: bool,
) -> Result<BaseUrl> {
    let url = given.or_else(|| variable(name)).unwrap_or_else(|| usual.to_owned());
    let url = url.trim().trim_end_matches('/');
    let url = url.strip_suffix("/v1").unwrap_or(url);
    let parse = if allow_http { BaseUrl::parse_allowing_http } else { BaseUrl::parse };
    Ok(parse(url)?)
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}
