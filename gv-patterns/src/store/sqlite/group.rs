//! Callers that wait for the one writer, whose batches are committed together.

use crate::Result;
use crate::store::{Applied, Change};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// The batches that wait, and whether somebody writes.
#[derive(Debug, Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    /// Told whenever a writer is done.
    done: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<Ticket>,
    is_led: bool,
}

/// A batch that waits, and what became of it.
#[derive(Debug, Clone)]
pub(super) struct Ticket(Arc<Waiting>);

#[derive(Debug)]
struct Waiting {
    changes: Vec<Change>,
    result: Mutex<Option<Result<Vec<Applied>>>>,
}

/// What a caller is to do.
pub(super) enum Turn<'a> {
    /// Write its own batch: nobody else waits.
    Alone(Lead<'a>),
    /// Write all these batches and look at its own ticket afterwards.
    ForAll(Lead<'a>, Ticket, Vec<Ticket>),
    /// Nothing: another caller wrote its batch.
    Settled(Result<Vec<Applied>>),
}

/// Held by the caller who writes; whoever waits wakes up when it is dropped.
pub(super) struct Lead<'a>(&'a Queue);

impl Queue {
    /// Waits until another caller has written the batch, or until it is this caller's turn to write for all who wait.
    pub(super) fn wait(&self, changes: &[Change]) -> Turn<'_> {
        let mut state = self.lock();
        if !state.is_led && state.waiting.is_empty() {
            state.is_led = true;
            return Turn::Alone(Lead(self));
        }
        let ticket =
            Ticket(Arc::new(Waiting { changes: changes.to_vec(), result: Mutex::default() }));
        state.waiting.push(ticket.clone());
        loop {
            if let Some(result) = ticket.result() {
                return Turn::Settled(result);
            }
            if !state.is_led {
                state.is_led = true;
                let all = std::mem::take(&mut state.waiting);
                return Turn::ForAll(Lead(self), ticket, all);
            }
            state = self.done.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Lead<'_> {
    fn drop(&mut self) {
        self.0.lock().is_led = false;
        self.0.done.notify_all();
    }
}

impl Ticket {
    /// The batch.
    pub(super) fn changes(&self) -> &[Change] {
        &self.0.changes
    }

    /// Says what became of the batch.
    pub(super) fn settle(&self, result: Result<Vec<Applied>>) {
        *self.0.result.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
    }

    /// Takes what became of the batch; `None` while nobody wrote it.
    pub(super) fn result(&self) -> Option<Result<Vec<Applied>>> {
        self.0.result.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
