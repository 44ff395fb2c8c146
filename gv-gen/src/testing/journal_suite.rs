//! What every journal must keep to.

use crate::Error;
use crate::journal::{Journal, Phase, Record, Service};
use std::sync::atomic::{AtomicUsize, Ordering};

fn reserved(id: &str, cost: u64) -> Record {
    Record::Reserved {
        id: id.to_owned(),
        at: 1,
        service: Service::Runway,
        request: format!("request of {id}"),
        summary: "a \"summary\"\nof two lines".to_owned(),
        cost,
    }
}

/// Checks a journal against the contract of [`Journal`]; `make` opens an empty one.
///
/// # Panics
///
/// Where it is not kept; the message says how.
#[expect(
    clippy::unwrap_used,
    reason = "a conformance suite ends the test at the line that was wrong"
)]
pub fn journal_suite(make: &mut dyn FnMut() -> Box<dyn Journal>) {
    let journal = make();
    journal
        .transact(&mut |ledger| {
            assert!(ledger.entries().is_empty(), "a new journal is empty");
            Ok(vec![reserved("a", 5), reserved("b", 7)])
        })
        .unwrap();
    journal
        .transact(&mut |ledger| {
            assert_eq!(ledger.spent(None), 12, "the next transaction sees the records");
            let task = "t".to_owned();
            Ok(vec![Record::Created { id: "b".to_owned(), at: 2, task }])
        })
        .unwrap();
    let refused = journal.transact(&mut |ledger| {
        assert_eq!(ledger.entry("b").map(|e| e.phase.clone()), Some(Phase::Created));
        Err(Error::SpendingCap { cost: 1, spent: 2, cap: 3 })
    });
    assert!(
        matches!(refused, Err(Error::SpendingCap { cost: 1, spent: 2, cap: 3 })),
        "the decision's error comes back unchanged: {refused:?}"
    );
    journal
        .transact(&mut |ledger| {
            let ids: Vec<&str> = ledger.entries().iter().map(|e| e.id.as_str()).collect();
            assert_eq!(ids, ["a", "b"], "a refused decision appends nothing; order is kept");
            Ok(Vec::new())
        })
        .unwrap();

    let journal = make();
    let taken = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (journal, taken) = (&*journal, &taken);
            scope.spawn(move || {
                for turn in 0..4 {
                    let result = journal.transact(&mut |ledger| {
                        if ledger.spent(None) >= 10 {
                            return Err(Error::SpendingCap { cost: 1, spent: 10, cap: 10 });
                        }
                        Ok(vec![reserved(&format!("{thread}-{turn}"), 1)])
                    });
                    taken.fetch_add(usize::from(result.is_ok()), Ordering::SeqCst);
                }
            });
        }
    });
    assert_eq!(taken.into_inner(), 10, "nobody appends between a decision and its records");
}
