//! Callers that wait for the one writer, whose batches are committed together.

use crate::Result;
use crate::store::{Applied, Change};
use std::sync::{Arc, Mutex, PoisonError};

/// The batches that wait.
#[derive(Debug, Default)]
pub(super) struct Queue(Mutex<Vec<Ticket>>);

/// A batch that waits, and what became of it.
#[derive(Debug, Clone)]
pub(super) struct Ticket(Arc<Waiting>);

#[derive(Debug)]
struct Waiting {
    changes: Vec<Change>,
    result: Mutex<Option<Result<Vec<Applied>>>>,
}

impl Queue {
    /// Queues a batch.
    pub(super) fn join(&self, changes: &[Change]) -> Ticket {
        let ticket =
            Ticket(Arc::new(Waiting { changes: changes.to_vec(), result: Mutex::default() }));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(ticket.clone());
        ticket
    }

    /// Takes all batches that wait, in the order in which they came.
    pub(super) fn take(&self) -> Vec<Ticket> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
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
