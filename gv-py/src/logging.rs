//! Log records on their way to Python's `logging`.
//!
//! A record is queued by whichever thread makes it and delivered by the thread that called from
//! Python, so that no worker ever waits for the interpreter lock. The logger is that of the component,
//! `geminivideo.<stem>`.

use log::{Level, LevelFilter, Log, Metadata, Record};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Mutex, PoisonError};

/// Records that wait at most; the oldest are dropped beyond, and counted.
const CAPACITY: usize = 10_000;

struct Entry {
    level: Level,
    logger: String,
    message: String,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Entry>,
    dropped: u64,
}

struct Bridge {
    queue: AtomicPtr<Mutex<Queue>>,
}

static BRIDGE: Bridge = Bridge { queue: AtomicPtr::new(std::ptr::null_mut()) };

impl Bridge {
    /// Starts with an empty queue. The one before is left as it is, for a thread that is gone may have
    /// held its lock when the process forked.
    fn renew(&self) {
        self.queue.store(Box::into_raw(Box::default()), Ordering::Release);
    }

    fn with<T>(&self, use_queue: impl FnOnce(&mut Queue) -> T) -> Option<T> {
        let queue = self.queue.load(Ordering::Acquire);
        #[allow(
            unsafe_code,
            reason = "the pointer is null or leaked by renew, so it never dangles"
        )]
        let queue = unsafe { queue.as_ref() }?;
        Some(use_queue(&mut queue.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Log for Bridge {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= log::max_level()
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let entry = Entry {
            level: record.level(),
            logger: logger_name(record.target()),
            message: record.args().to_string(),
        };
        self.with(|queue| {
            if queue.waiting.len() == CAPACITY {
                queue.waiting.pop_front();
                queue.dropped += 1;
            }
            queue.waiting.push_back(entry);
        });
    }

    fn flush(&self) {}
}

/// `gv_vision::motion_energy::walk` becomes `geminivideo.motion_energy`, `gv_media` `geminivideo.media`.
fn logger_name(target: &str) -> String {
    let mut parts = target.split("::");
    let root = parts.next().unwrap_or_default();
    let stem = parts.next().unwrap_or_else(|| root.strip_prefix("gv_").unwrap_or(root));
    match stem {
        "geminivideo" => stem.to_owned(),
        stem => format!("geminivideo.{stem}"),
    }
}

/// Takes the records of this process; called once, when the module is imported.
pub(crate) fn install(py: Python<'_>) -> PyResult<()> {
    BRIDGE.renew();
    if log::set_logger(&BRIDGE).is_ok() {
        log::set_max_level(LevelFilter::Warn);
    }
    let os = py.import("os")?;
    if os.hasattr("register_at_fork")? {
        let options = PyDict::new(py);
        options.set_item("after_in_child", wrap_pyfunction!(after_fork, py)?)?;
        os.call_method("register_at_fork", (), Some(&options))?;
    }
    Ok(())
}

#[pyfunction]
fn after_fork() {
    BRIDGE.renew();
}

/// Makes the core no more talkative than the most talkative logger below `geminivideo`.
pub(crate) fn follow_levels(py: Python<'_>) -> PyResult<()> {
    let logging = py.import("logging")?;
    let root = logging.call_method1("getLogger", ("geminivideo",))?;
    let mut lowest: i64 = root.call_method0("getEffectiveLevel")?.extract()?;
    let known = root.getattr("manager")?.getattr("loggerDict")?.cast_into::<PyDict>()?;
    for (name, logger) in known.copy()? {
        let below = name.extract::<String>().is_ok_and(|name| name.starts_with("geminivideo."));
        if below && logger.hasattr("getEffectiveLevel")? {
            lowest = lowest.min(logger.call_method0("getEffectiveLevel")?.extract()?);
        }
    }
    log::set_max_level(match lowest {
        ..=9 => LevelFilter::Trace,
        10..=19 => LevelFilter::Debug,
        20..=29 => LevelFilter::Info,
        30..=39 => LevelFilter::Warn,
        _ => LevelFilter::Error,
    });
    Ok(())
}

/// Hands the waiting records to their loggers; what a handler raises is passed on.
pub(crate) fn deliver(py: Python<'_>) -> PyResult<()> {
    let Some(queue) = BRIDGE.with(std::mem::take) else { return Ok(()) };
    if queue.waiting.is_empty() {
        return Ok(());
    }
    let logging = py.import("logging")?;
    if queue.dropped > 0 {
        let message = format!("{} log records were dropped, too many came at once", queue.dropped);
        emit(&logging, Level::Warn, "geminivideo", &message)?;
    }
    for Entry { level, logger, message } in queue.waiting {
        emit(&logging, level, &logger, &message)?;
    }
    Ok(())
}

fn emit(logging: &Bound<'_, PyModule>, level: Level, logger: &str, message: &str) -> PyResult<()> {
    let number = match level {
        Level::Error => 40,
        Level::Warn => 30,
        Level::Info => 20,
        Level::Debug => 10,
        Level::Trace => 5,
    };
    logging.call_method1("getLogger", (logger,))?.call_method1("log", (number, "%s", message))?;
    Ok(())
}
