//! Running an exchange with a service while the program watches.

use crate::call::{Failure, Outcome, caught};
use geminivideo::ErrorKind;
use geminivideo::generation::http::{Cancel, Event, Exchange, Pause, Transport, advance};
use serde::Deserialize;
use std::ffi::c_int;
use std::time::{Duration, Instant};

/// The longest time for which the program is not asked.
const POLL: Duration = Duration::from_millis(50);

/// What every client of a paid service is told.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ServiceOptions {
    pub(crate) api_key: Option<String>,
    pub(crate) base_url: Option<String>,
    pub(crate) allow_http: bool,
    pub(crate) state_dir: Option<std::path::PathBuf>,
    pub(crate) spending_cap_usd: Option<f64>,
    pub(crate) timeout: Option<f64>,
    pub(crate) poll_interval: Option<f64>,
    pub(crate) max_wait: Option<f64>,
    pub(crate) max_retries: Option<u32>,
    pub(crate) download: bool,
}

impl Default for ServiceOptions {
    fn default() -> Self {
        Self {
            api_key: None,
            base_url: None,
            allow_http: false,
            state_dir: None,
            spending_cap_usd: None,
            timeout: None,
            poll_interval: None,
            max_wait: None,
            max_retries: None,
            download: true,
        }
    }
}

/// Seconds as a duration.
pub(crate) fn seconds(name: &str, value: f64) -> Outcome<Duration> {
    Duration::try_from_secs_f64(value).map_err(|_| {
        Failure::invalid(format!("{name} is {value}, allowed is a number of seconds, 0 or more"))
    })
}

/// Runs an exchange to its end; `ask` is called before the first step, between waits, and about every 50 ms in a wait.
pub(crate) fn run<E: Exchange>(
    exchange: &mut E,
    transport: &dyn Transport,
    mut ask: impl FnMut(&E) -> Outcome<c_int>,
) -> Outcome<E::Output> {
    let cancel = Cancel::new();
    let mut event = Event::Start;
    let mut failure = None;
    let mut stopped = |exchange: &E, failure: &mut Option<Failure>| match ask(exchange) {
        Ok(0) => false,
        Ok(_) => true,
        Err(panic) => {
            *failure = Some(Failure::new(ErrorKind::Callback, panic.message));
            true
        }
    };
    loop {
        if stopped(exchange, &mut failure) {
            cancel.cancel();
            if !matches!(event, Event::Start) {
                event = Event::Cancelled;
            }
        }
        match advance(exchange, transport, &cancel, event) {
            Pause::Done(output) => return failure.map_or(Ok(output), Err),
            Pause::Wait(time) => {
                let end = Instant::now() + time.min(Duration::from_secs(86_400));
                event = Event::Woken;
                loop {
                    let left = end.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        break;
                    }
                    std::thread::sleep(left.min(POLL));
                    if !cancel.is_cancelled() && stopped(exchange, &mut failure) {
                        cancel.cancel();
                        event = Event::Cancelled;
                        break;
                    }
                }
            }
        }
    }
}

/// Calls a function of the program; a panic in it is a failure.
pub(crate) fn called(call: impl FnOnce() -> c_int) -> Outcome<c_int> {
    caught(|| Ok(call()))
}
