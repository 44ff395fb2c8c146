//! What every exported function runs inside: errors and panics become a status and a message.

use crate::status::{GV_OK, gv_status};
use geminivideo::{Error, ErrorKind};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::ffi::{CString, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

thread_local! {
    static MESSAGE: RefCell<CString> = RefCell::default();
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    static EXPLANATION: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Why a call fails.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: gv_status,
    pub(crate) message: String,
}

/// What the body of an exported function gives.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { status: kind.status(), message: message.into() }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidInput, message)
    }
}

impl<E> From<E> for Failure
where
    Error: From<E>,
{
    fn from(error: E) -> Self {
        let error = Error::from(error);
        Self::new(error.kind(), error.to_string())
    }
}

/// Runs the body of an exported function; keeps what it says where it fails.
pub(crate) fn guard(body: impl FnOnce() -> Outcome) -> gv_status {
    let failure = match caught(body) {
        Ok(()) => return GV_OK,
        Err(failure) => failure,
    };
    let message = c_string(&failure.message);
    // Fails where the thread is being torn down; the status then stands alone.
    let _ = MESSAGE.try_with(|kept| {
        if let Ok(mut kept) = kept.try_borrow_mut() {
            *kept = message;
        }
    });
    failure.status
}

/// Runs `body`; a panic is an internal error that tells itself, and prints nothing.
pub(crate) fn caught<T>(body: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    quiet_panics();
    let inside = |change: fn(u32) -> u32| {
        let _ = DEPTH.try_with(|depth| depth.set(change(depth.get())));
    };
    inside(|depth| depth.saturating_add(1));
    let result = catch_unwind(AssertUnwindSafe(body));
    inside(|depth| depth.saturating_sub(1));
    result.unwrap_or_else(|panic| {
        let message = format!("internal error: {}", panic_text(panic.as_ref()));
        // What a panic carries may itself panic when it is dropped.
        std::mem::forget(panic);
        log::error!("{message}");
        Err(Failure::new(ErrorKind::Internal, message))
    })
}

/// Locks a state; one that a panic left is used on.
pub(crate) fn lock<T>(state: &Mutex<T>) -> MutexGuard<'_, T> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The message of the thread's last failure.
pub(crate) fn last_message() -> *const c_char {
    MESSAGE
        .try_with(|kept| kept.try_borrow().map_or(c"".as_ptr(), |kept| kept.as_ptr()))
        .unwrap_or(c"".as_ptr())
}

/// Keeps what a function of the program's says about its failure, for whoever called it on this thread.
pub(crate) fn explain(why: &str) {
    let _ = EXPLANATION.try_with(|kept| {
        if let Ok(mut kept) = kept.try_borrow_mut() {
            *kept = Some(why.to_owned());
        }
    });
}

/// Takes what a function of the program's has said on this thread.
pub(crate) fn take_explanation() -> Option<String> {
    EXPLANATION.try_with(|kept| kept.try_borrow_mut().ok()?.take()).ok()?
}

/// A text for C; a NUL inside, where C would stop reading, becomes U+FFFD.
pub(crate) fn c_string(text: &str) -> CString {
    CString::new(text)
        .unwrap_or_else(|_| CString::new(text.replace('\0', "\u{FFFD}")).unwrap_or_default())
}

/// Keeps panics of a thread inside a call from being printed; others go where they went before.
fn quiet_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if DEPTH.try_with(|depth| depth.get() == 0).unwrap_or(true) {
                before(panic);
            }
        }));
    });
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&'static str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a message")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::{GV_INTERNAL, GV_INVALID_INPUT};
    use std::ffi::CStr;

    fn message() -> String {
        unsafe { CStr::from_ptr(last_message()) }.to_str().unwrap().to_owned()
    }

    #[test]
    fn a_panic_is_a_status_with_its_text() {
        assert_eq!(guard(|| panic!("row {} is odd", 3)), GV_INTERNAL);
        assert_eq!(message(), "internal error: row 3 is odd");
    }

    #[test]
    fn a_message_stays_until_the_next_failure_and_is_the_threads_own() {
        assert_eq!(guard(|| Err(Failure::invalid("a\0b"))), GV_INVALID_INPUT);
        assert_eq!(guard(|| Ok(())), GV_OK);
        assert_eq!(message(), "a\u{FFFD}b");
        assert_eq!(std::thread::spawn(message).join().unwrap(), "");
    }

    #[test]
    fn an_error_of_the_library_keeps_its_class() {
        let error = Error::Cancelled;
        assert_eq!(guard(|| Err(error.into())), crate::status::GV_CANCELLED);
    }
}
