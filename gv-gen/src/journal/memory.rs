//! A journal that ends with the process.

use super::{Journal, Ledger, Record};
use crate::Result;
use std::sync::{Mutex, PoisonError};

/// A journal in memory: what it holds is lost with the process, paid tasks included.
#[derive(Debug, Default)]
pub struct MemoryJournal(Mutex<Ledger>);

impl Journal for MemoryJournal {
    fn transact(&self, decide: &mut dyn FnMut(&Ledger) -> Result<Vec<Record>>) -> Result<()> {
        let mut ledger = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for record in decide(&ledger)? {
            ledger.apply(record);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::journal_suite;

    #[test]
    fn it_keeps_the_contract_of_the_seam() {
        journal_suite(&mut || Box::new(MemoryJournal::default()));
    }
}
