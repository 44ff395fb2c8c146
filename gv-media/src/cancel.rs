//! The flag by which a caller stops work that is under way.

use crate::{Error, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A flag that stops whatever holds a clone of it; once raised it stays raised.
///
/// A [`MediaReader`](crate::MediaReader) that waits for its decoder looks at the flag at least every
/// 50 ms and returns [`Error::Cancelled`].
///
/// # Examples
///
/// ```
/// use gv_media::Cancel;
///
/// let cancel = Cancel::new();
/// let held_by_the_work = cancel.clone();
/// assert!(held_by_the_work.check().is_ok());
/// cancel.cancel();
/// assert!(held_by_the_work.check().is_err());
/// ```
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// A flag that is not raised.
    pub fn new() -> Self {
        Self::default()
    }

    /// Raises the flag.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the flag is raised.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Does nothing while the flag is down.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`] where the flag is raised.
    pub fn check(&self) -> Result<()> {
        if self.is_cancelled() { Err(Error::Cancelled) } else { Ok(()) }
    }
}
