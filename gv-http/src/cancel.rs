//! Cancelling from another thread.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A switch that ends what is going on; clones share it.
///
/// A wait ends at once, a transfer at its next piece. It stays thrown.
#[derive(Debug, Clone, Default)]
pub struct Cancel {
    shared: Arc<(Mutex<bool>, Condvar)>,
}

impl Cancel {
    /// A switch that is not thrown.
    pub fn new() -> Self {
        Self::default()
    }

    /// Throws the switch.
    pub fn cancel(&self) {
        *self.shared.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.shared.1.notify_all();
    }

    /// Whether the switch was thrown.
    pub fn is_cancelled(&self) -> bool {
        *self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sleeps for a time, or until the switch is thrown, which it returns.
    pub fn sleep(&self, time: Duration) -> bool {
        let end = Instant::now().checked_add(time);
        let mut thrown = self.shared.0.lock().unwrap_or_else(PoisonError::into_inner);
        while !*thrown {
            let left = match end {
                Some(end) => end.saturating_duration_since(Instant::now()),
                None => Duration::from_secs(3600),
            };
            if left.is_zero() {
                break;
            }
            thrown =
                self.shared.1.wait_timeout(thrown, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        *thrown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sleep_ends_when_another_thread_cancels() {
        let cancel = Cancel::new();
        let other = cancel.clone();
        let thread = std::thread::spawn(move || other.cancel());
        let start = Instant::now();
        assert!(cancel.sleep(Duration::from_secs(60)));
        assert!(start.elapsed() < Duration::from_secs(10));
        thread.join().unwrap();
        assert!(cancel.sleep(Duration::MAX));
    }

    #[test]
    fn a_sleep_that_nobody_cancels_lasts_its_time() {
        let start = Instant::now();
        assert!(!Cancel::new().sleep(Duration::from_millis(20)));
        assert!(start.elapsed() >= Duration::from_millis(20));
    }
}
