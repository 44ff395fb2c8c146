//! Exchanges on behalf of Python: steps on a caller's thread, waits in the caller's event loop.

use crate::{errors, logging, to_python};
use geminivideo::Error;
use geminivideo::generation;
use geminivideo::generation::http::{Cancel, Event, Exchange, Pause, Transport, advance};
use pyo3::prelude::*;
use serde_json::Value;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What an exchange ended with, fit for Python: figures as JSON, audio as bytes.
pub(crate) struct Outcome {
    pub(crate) fields: Value,
    pub(crate) audio: Option<Vec<u8>>,
}

type Stepped = Pause<Result<Outcome, generation::Error>>;

trait Runner: Send {
    fn advance(&mut self, cancel: &Cancel, event: Event) -> Stepped;
    fn progress(&self) -> Option<Value>;
}

struct Typed<E, C, P> {
    exchange: E,
    transport: Arc<dyn Transport>,
    convert: C,
    progress: P,
}

impl<E, T, C, P> Runner for Typed<E, C, P>
where
    E: Exchange<Output = Result<T, generation::Error>> + Send,
    C: Fn(T) -> Outcome + Send,
    P: Fn(&E) -> Option<Value> + Send,
{
    fn advance(&mut self, cancel: &Cancel, event: Event) -> Stepped {
        match advance(&mut self.exchange, &*self.transport, cancel, event) {
            Pause::Wait(time) => Pause::Wait(time),
            Pause::Done(result) => Pause::Done(result.map(&self.convert)),
        }
    }

    fn progress(&self) -> Option<Value> {
        (self.progress)(&self.exchange)
    }
}

struct State {
    runner: Box<dyn Runner>,
    event: Option<Event>,
    result: Option<Result<Outcome, Error>>,
}

/// One exchange. `advance` sends what is to be sent and says how long to wait; `result` is there at the end.
#[pyclass(frozen)]
pub(crate) struct Session {
    state: Mutex<State>,
    cancel: Cancel,
}

impl Session {
    pub(crate) fn new<E, T>(
        exchange: E,
        transport: Arc<dyn Transport>,
        convert: impl Fn(T) -> Outcome + Send + 'static,
        progress: impl Fn(&E) -> Option<Value> + Send + 'static,
    ) -> Self
    where
        E: Exchange<Output = Result<T, generation::Error>> + Send + 'static,
        T: 'static,
    {
        let runner = Box::new(Typed { exchange, transport, convert, progress });
        let state = State { runner, event: Some(Event::Start), result: None };
        Self { state: Mutex::new(state), cancel: Cancel::new() }
    }

    fn step(&self) -> Option<Duration> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let event = if self.cancel.is_cancelled() && state.event.is_none() {
            Event::Cancelled
        } else {
            state.event.take().unwrap_or(Event::Woken)
        };
        if state.result.is_some() {
            return None;
        }
        let cancel = self.cancel.clone();
        let stepped = catch_unwind(AssertUnwindSafe(|| state.runner.advance(&cancel, event)));
        state.result = Some(match stepped {
            Ok(Pause::Wait(time)) => return Some(time),
            Ok(Pause::Done(result)) => result.map_err(Error::from),
            Err(_) => Err(Error::Internal { message: "a step of an exchange panicked".to_owned() }),
        });
        None
    }
}

#[pymethods]
impl Session {
    /// Goes on until the exchange waits or ends: seconds to wait, or `None` at the end.
    fn advance(&self, py: Python<'_>) -> PyResult<Option<f64>> {
        logging::follow_levels(py)?;
        let wait = py.detach(|| self.step());
        logging::deliver(py)?;
        Ok(wait.map(|time| time.as_secs_f64()))
    }

    /// What the exchange ended with, as fields and audio; its error is raised. Taken once.
    fn result<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Option<Vec<u8>>)> {
        let result = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.result.take()
        };
        match result {
            Some(Ok(outcome)) => Ok((to_python(py, &outcome.fields)?, outcome.audio)),
            Some(Err(error)) => Err(errors::exception(py, &error)),
            None => {
                let message = "the exchange has not ended".to_owned();
                Err(errors::exception(py, &Error::Internal { message }))
            }
        }
    }

    /// What the last look at a task showed, or `None`.
    fn progress<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let shown = py
            .detach(|| self.state.lock().unwrap_or_else(PoisonError::into_inner).runner.progress());
        shown.map(|value| to_python(py, &value)).transpose()
    }

    /// Ends what is going on: transfers at their next piece, waits at the next step.
    fn cancel(&self) {
        self.cancel.cancel();
    }
}

/// Seconds as a duration.
pub(crate) fn seconds(name: &'static str, value: f64) -> Result<Duration, Error> {
    Duration::try_from_secs_f64(value).map_err(|_| Error::InvalidOption {
        name,
        given: value.to_string(),
        allowed: "a number of seconds, 0 or more",
    })
}

/// A whole number of an unsigned kind.
pub(crate) fn unsigned(name: &'static str, value: i64) -> Result<u32, Error> {
    u32::try_from(value).map_err(|_| Error::InvalidOption {
        name,
        given: value.to_string(),
        allowed: "0 to 4294967295",
    })
}

/// Seconds since 1970.
pub(crate) fn now() -> u64 {
    generation::http::Moment::now().unix.as_secs()
}
