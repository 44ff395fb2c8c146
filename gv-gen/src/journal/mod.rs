//! The journal of paid work, and the ledger that follows from it.
//!
//! A paid request is written down before it is sent, its task before it is waited for, its cost when it is known. A
//! process may end at any point: the next one knows what was begun, resumes it, and does not pay for it again.

mod books;
mod file;
mod ledger;
mod memory;

pub use books::{Books, Reservation};
pub use file::FileJournal;
pub use ledger::{Entry, Ledger, Outcome, Phase, Record, Service};
pub use memory::MemoryJournal;

use crate::Result;

/// Keeps the records of paid work.
///
/// # For implementers
///
/// - [`transact`](Self::transact) shows the ledger of all records so far, of other processes too, and appends what
///   the decision returns; nobody else appends in between. So two processes cannot both find room below the cap.
/// - The decision is called once.
/// - When it returns `Ok`, the records are on the disk: a process killed right after it has not lost them.
/// - If the decision fails, nothing is appended and its error is returned unchanged.
/// - Records of one entry keep their order.
/// - Damage is an error that says where it is; a last record that a crash cut short counts as not written.
///
/// `testing::journal_suite` (feature `testing`) checks this.
pub trait Journal: Send + Sync + std::fmt::Debug {
    /// Shows the ledger, and appends what the decision returns.
    ///
    /// # Errors
    ///
    /// [`Error::Journal`](crate::Error::Journal) where the journal cannot be read or written; the decision's own error.
    fn transact(&self, decide: &mut dyn FnMut(&Ledger) -> Result<Vec<Record>>) -> Result<()>;
}
