//! Long work on behalf of Python: the interpreter lock released, Ctrl-C heard, progress reported.

use crate::{errors, logging};
use geminivideo::{Error, ErrorKind};
use pyo3::prelude::*;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// How often the calling thread looks for signals, progress and log records while the work runs.
const POLL: Duration = Duration::from_millis(25);

/// How far the work is: units done, units in all where known, and what is being done.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) done: u64,
    pub(crate) total: Option<u64>,
    pub(crate) stage: &'static str,
}

/// What the work has of its caller: whether to stop, and where to say how far it is.
#[derive(Debug, Default)]
pub(crate) struct Caller {
    cancel: AtomicBool,
    step: Mutex<Option<Step>>,
}

impl Caller {
    /// Whether the caller wants the work to stop.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }

    /// Notes how far the work is; the caller hears of the latest step only.
    pub(crate) fn report(&self, step: Step) {
        *self.step.lock().unwrap_or_else(PoisonError::into_inner) = Some(step);
    }

    fn take_step(&self) -> Option<Step> {
        self.step.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Runs `work` on a thread of its own, with the interpreter lock released.
///
/// The calling thread looks every 25 ms whether a signal came (Ctrl-C raises `KeyboardInterrupt`),
/// calls `progress(done, total, stage)` with the latest step, and hands log records to `logging`.
/// Whatever these raise cancels the work and is raised once the work has stopped.
///
/// # Errors
///
/// The exception of a signal handler or of `progress`, unchanged; else the work's own error as its
/// class of `geminivideo.errors`; a panic as `InternalError`.
pub(crate) fn run<T, F>(py: Python<'_>, progress: Option<&Py<PyAny>>, work: F) -> PyResult<T>
where
    T: Send,
    F: FnOnce(&Caller) -> Result<T, Error> + Send,
{
    logging::follow_levels(py)?;
    let caller = Caller::default();
    let (outcome, raised) = py.detach(|| supervise(&caller, progress, work));
    let logged = logging::deliver(py);
    if let Some(raised) = raised {
        return Err(raised);
    }
    let value = match outcome {
        Ok(Ok(value)) => value,
        Ok(Err(error)) => return Err(errors::exception(py, &error)),
        Err(panic) => {
            let message = format!("internal error: {}", panic_message(panic.as_ref()));
            return Err(errors::of_kind(py, ErrorKind::Internal, &message));
        }
    };
    logged?;
    if let Some(progress) = progress {
        tell(py, progress, &caller)?;
    }
    Ok(value)
}

type Outcome<T> = Result<Result<T, Error>, Box<dyn Any + Send>>;

fn supervise<T, F>(
    caller: &Caller,
    progress: Option<&Py<PyAny>>,
    work: F,
) -> (Outcome<T>, Option<PyErr>)
where
    T: Send,
    F: FnOnce(&Caller) -> Result<T, Error> + Send,
{
    let (finished, wait) = mpsc::channel();
    let mut raised = None;
    let outcome = thread::scope(|scope| {
        let worker =
            thread::Builder::new().name("geminivideo".into()).spawn_scoped(scope, move || {
                let outcome = catch_unwind(AssertUnwindSafe(|| work(caller)));
                let _ = finished.send(());
                outcome
            });
        let worker = match worker {
            Ok(worker) => worker,
            Err(error) => {
                let message = format!("cannot start a thread: {error}");
                return Ok(Err(Error::Internal { message }));
            }
        };
        while wait.recv_timeout(POLL) == Err(RecvTimeoutError::Timeout) {
            if raised.is_none() {
                raised = Python::attach(|py| attend(py, progress, caller)).err();
                caller.cancel.store(raised.is_some(), Ordering::Relaxed);
            }
        }
        worker.join().unwrap_or_else(Err)
    });
    (outcome, raised)
}

fn attend(py: Python<'_>, progress: Option<&Py<PyAny>>, caller: &Caller) -> PyResult<()> {
    py.check_signals()?;
    logging::deliver(py)?;
    progress.map_or(Ok(()), |progress| tell(py, progress, caller))
}

fn tell(py: Python<'_>, progress: &Py<PyAny>, caller: &Caller) -> PyResult<()> {
    if let Some(Step { done, total, stage }) = caller.take_step() {
        progress.call1(py, (done, total, stage))?;
    }
    Ok(())
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&'static str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("panic without a message")
}
