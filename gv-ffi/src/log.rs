//! What the library logs; nothing is printed.

use crate::call::{Failure, c_string, guard};
use crate::status::gv_status;
use geminivideo::ErrorKind;
use log::{Level, LevelFilter, Log, Metadata, Record};
use std::cell::Cell;
use std::ffi::{c_char, c_void};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

/// Nothing is logged.
pub const GV_LOG_OFF: u32 = 0;
/// A defect, or a change whose outcome is unknown.
pub const GV_LOG_ERROR: u32 = 1;
/// Something was left out or may be lost.
pub const GV_LOG_WARN: u32 = 2;
/// What was done.
pub const GV_LOG_INFO: u32 = 3;
/// How it was done.
pub const GV_LOG_DEBUG: u32 = 4;
/// Everything.
pub const GV_LOG_TRACE: u32 = 5;

const LEVELS: [(u32, LevelFilter); 6] = [
    (GV_LOG_OFF, LevelFilter::Off),
    (GV_LOG_ERROR, LevelFilter::Error),
    (GV_LOG_WARN, LevelFilter::Warn),
    (GV_LOG_INFO, LevelFilter::Info),
    (GV_LOG_DEBUG, LevelFilter::Debug),
    (GV_LOG_TRACE, LevelFilter::Trace),
];

/// Takes a record: its level (GV_LOG_...), the part of the library that it comes from, and the text, which holds no
/// secret. Called by whichever thread has something to say, by several at once. It may call the library: what that logs
/// meanwhile, on the same thread, is left out. A C++ exception must not leave it.
pub type gv_log_fn = Option<
    unsafe extern "C-unwind" fn(
        level: u32,
        part: *const c_char,
        text: *const c_char,
        userdata: *mut c_void,
    ),
>;

struct Taker {
    function: unsafe extern "C-unwind" fn(u32, *const c_char, *const c_char, *mut c_void),
    userdata: *mut c_void,
}

// The header demands that the function may be called by several threads.
unsafe impl Send for Taker {}
unsafe impl Sync for Taker {}

thread_local! {
    /// Whether this thread is telling the program's function something.
    static TELLING: Cell<bool> = const { Cell::new(false) };
}

static TAKER: RwLock<Option<Arc<Taker>>> = RwLock::new(None);

struct Logger;

impl Log for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= log::max_level()
    }

    fn log(&self, record: &Record<'_>) {
        let taker = TAKER.read().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(taker) = taker.filter(|_| self.enabled(record.metadata())) else { return };
        // Also where the thread is being torn down.
        if TELLING.try_with(|telling| telling.replace(true)).unwrap_or(true) {
            return;
        }
        let level = match record.level() {
            Level::Error => GV_LOG_ERROR,
            Level::Warn => GV_LOG_WARN,
            Level::Info => GV_LOG_INFO,
            Level::Debug => GV_LOG_DEBUG,
            Level::Trace => GV_LOG_TRACE,
        };
        let (part, text) = (c_string(record.target()), c_string(&record.args().to_string()));
        // A panic of the program's function is not logged: it would come back here.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| unsafe {
            (taker.function)(level, part.as_ptr(), text.as_ptr(), taker.userdata);
        }));
        let _ = TELLING.try_with(|telling| telling.set(false));
    }

    fn flush(&self) {}
}

/// Sends records of at least a level to a function, for the whole process; NULL ends it. A record that is under way on
/// another thread may still arrive after that.
///
/// GV_CONFLICT where a Rust program that links this library has a logger of its own.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_log_set(
    level: u32,
    function: gv_log_fn,
    userdata: *mut c_void,
) -> gv_status {
    static LOGGER: Logger = Logger;
    static OURS: OnceLock<bool> = OnceLock::new();
    guard(|| {
        let level = crate::argument::one_of("level", level, &LEVELS)?;
        let taker = function.map(|function| Arc::new(Taker { function, userdata }));
        if !*OURS.get_or_init(|| log::set_logger(&LOGGER).is_ok()) {
            let message = "this process has a logger already";
            return Err(Failure::new(ErrorKind::Conflict, message));
        }
        log::set_max_level(if taker.is_some() { level } else { LevelFilter::Off });
        *TAKER.write().unwrap_or_else(PoisonError::into_inner) = taker;
        Ok(())
    })
}
