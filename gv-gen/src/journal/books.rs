//! What a client works with: journal, cap, and the folder results are stored in.

use super::{Entry, FileJournal, Journal, Ledger, MemoryJournal, Outcome, Phase, Record, Service};
use crate::error::invalid;
use crate::{Error, Result};
use serde_json::{Value, json};
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What the ledger says about a request that is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reservation {
    /// It is reserved now under this name: send it.
    New(String),
    /// It was paid and ended with a result.
    Paid(Box<Entry>),
    /// It was paid and failed; `never` is whether it would fail and be paid again.
    Failed(Box<Entry>),
    /// The service works on it.
    Running(Box<Entry>),
    /// Somebody is sending it right now.
    InFlight(Box<Entry>),
}

/// Seconds after which a request that nobody reported on is taken for lost; more than any request's timeout.
const IN_FLIGHT_SECONDS: u64 = 180;

/// Journal, cap and output folder; clones share them.
#[derive(Debug, Clone)]
pub struct Books {
    journal: Arc<dyn Journal>,
    outputs: Option<PathBuf>,
    cap: Option<u64>,
}

impl Books {
    /// Books over a journal; results are stored in `outputs`, or nowhere.
    pub fn new(journal: Arc<dyn Journal>, outputs: Option<PathBuf>) -> Self {
        Self { journal, outputs, cap: None }
    }

    /// Books in a folder: `journal.jsonl`, and results beside it.
    ///
    /// # Errors
    ///
    /// [`Error::Journal`] where it cannot be opened or is damaged.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self> {
        let folder = folder.as_ref();
        let journal = FileJournal::open(folder.join("journal.jsonl"))?;
        Ok(Self::new(Arc::new(journal), Some(folder.to_owned())))
    }

    /// Books that end with the process and store nothing.
    pub fn in_memory() -> Self {
        Self::new(Arc::new(MemoryJournal::default()), None)
    }

    /// The folder [`open`](Self::open) is meant for: `GV_STATE_DIR`, else the user's data folder
    /// (`XDG_DATA_HOME` or `~/.local/share`, `~/Library/Application Support`, `%LOCALAPPDATA%`), `geminivideo` below it.
    pub fn default_folder() -> Option<PathBuf> {
        let variable = |name: &str| {
            std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
        };
        if let Some(folder) = variable("GV_STATE_DIR") {
            return Some(folder);
        }
        let data = if cfg!(windows) {
            variable("LOCALAPPDATA")?
        } else if cfg!(target_os = "macos") {
            variable("HOME")?.join("Library/Application Support")
        } else {
            variable("XDG_DATA_HOME").or_else(|| Some(variable("HOME")?.join(".local/share")))?
        };
        Some(data.join("geminivideo"))
    }

    /// The books with a cap on all spending, in millionths of a dollar.
    #[must_use]
    pub const fn cap(mut self, value: Option<u64>) -> Self {
        self.cap = value;
        self
    }

    /// The books with another folder for results; `None` stores none.
    #[must_use]
    pub fn outputs(mut self, value: Option<PathBuf>) -> Self {
        self.outputs = value;
        self
    }

    /// The folder a service's results are stored in.
    pub fn folder(&self, service: Service) -> Option<PathBuf> {
        Some(self.outputs.as_ref()?.join(match service {
            Service::Runway => "runway",
            Service::ElevenLabs => "elevenlabs",
        }))
    }

    /// Opens the books in a folder, or in memory where `folder` is empty, with a cap on what is spent in all.
    ///
    /// `None` is the user's data folder; where there is none, or it cannot be used, the books are kept in memory and a
    /// warning is logged.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidInput`] for a cap that is no number of dollars of at least 0, and those of [`open`](Self::open).
    pub fn of_user(folder: Option<PathBuf>, cap_usd: Option<f64>) -> Result<Self> {
        let cap = match cap_usd {
            Some(cap) if cap.is_finite() && cap >= 0.0 => Some((cap * 1e6).round() as u64),
            Some(cap) => {
                return Err(invalid("spending_cap_usd", cap, "a number of dollars, 0 or more"));
            }
            None => None,
        };
        let lost = "paid tasks are kept in memory and lost with this process, set GV_STATE_DIR or \
                    name a folder";
        let books = match folder {
            Some(folder) if folder.as_os_str().is_empty() => Self::in_memory(),
            Some(folder) => Self::open(folder)?,
            None => match Self::default_folder().map(Self::open) {
                Some(Ok(books)) => books,
                Some(Err(error)) => {
                    log::warn!(target: "gv_gen::journal", "{error}; {lost}");
                    Self::in_memory()
                }
                None => {
                    log::warn!(target: "gv_gen::journal", "there is no data folder; {lost}");
                    Self::in_memory()
                }
            },
        };
        Ok(books.cap(cap))
    }

    /// What was spent, and every entry, as JSON: dollars, seconds since 1970, the phase as a word.
    ///
    /// # Errors
    ///
    /// [`Error::Journal`] where the journal cannot be read.
    pub fn to_json(&self) -> Result<Value> {
        let entry = |entry: &Entry| {
            let (phase, reason) = match &entry.phase {
                Phase::Reserved => ("reserved", None),
                Phase::Created => ("running", None),
                Phase::Released => ("released", None),
                Phase::Unanswered(reason) => ("unanswered", Some(reason.clone())),
                Phase::Settled(Outcome::Completed, _) => ("completed", None),
                Phase::Settled(Outcome::Failed, why) => ("failed", why.clone()),
                Phase::Settled(Outcome::Cancelled, _) => ("cancelled", None),
            };
            json!({
                "id": entry.id,
                "service": entry.service.name(),
                "summary": entry.summary,
                "at": entry.at,
                "cost_usd": entry.cost as f64 / 1e6,
                "billed": entry.billed,
                "phase": phase,
                "reason": reason,
                "task_id": entry.task,
                "files": entry.files,
            })
        };
        self.read(|ledger| {
            json!({
                "spent_usd": ledger.spent(None) as f64 / 1e6,
                "entries": ledger.entries().iter().map(entry).collect::<Vec<_>>(),
            })
        })
    }

    /// Reads the ledger.
    ///
    /// # Errors
    ///
    /// [`Error::Journal`] where the journal cannot be read.
    pub fn read<T>(&self, look: impl FnOnce(&Ledger) -> T) -> Result<T> {
        let (mut look, mut seen) = (Some(look), None);
        self.journal.transact(&mut |ledger| {
            seen = look.take().map(|look| look(ledger));
            Ok(Vec::new())
        })?;
        seen.ok_or_else(|| Error::Journal {
            path: PathBuf::new(),
            line: None,
            reason: "the journal did not show its ledger".to_owned(),
        })
    }

    /// Reserves a request, unless it was paid before or would exceed the cap.
    ///
    /// `fresh` pays in any case. `cost` is in millionths of a dollar, `now` in seconds since 1970.
    ///
    /// # Errors
    ///
    /// [`Error::SpendingCap`]; [`Error::Uncertain`] where the same request was sent before and nobody saw the answer;
    /// [`Error::Journal`].
    pub fn reserve(
        &self,
        service: Service,
        request: &str,
        summary: &str,
        cost: u64,
        fresh: bool,
        now: u64,
    ) -> Result<Reservation> {
        let mut reservation = None;
        self.journal.transact(&mut |ledger| {
            if !fresh && let Some(known) = known(ledger, request, now)? {
                reservation = Some(known);
                return Ok(Vec::new());
            }
            let spent = ledger.spent(None);
            if let Some(cap) = self.cap.filter(|cap| spent.saturating_add(cost) > *cap) {
                return Err(Error::SpendingCap { cost, spent, cap });
            }
            let id = new_id(now);
            reservation = Some(Reservation::New(id.clone()));
            Ok(vec![Record::Reserved {
                id,
                at: now,
                service,
                request: request.to_owned(),
                summary: summary.to_owned(),
                cost,
            }])
        })?;
        reservation.ok_or_else(|| Error::Journal {
            path: PathBuf::new(),
            line: None,
            reason: "the journal made no decision".to_owned(),
        })
    }

    /// Writes records down.
    ///
    /// # Errors
    ///
    /// [`Error::Journal`] where they cannot be written.
    pub fn write(&self, records: Vec<Record>) -> Result<()> {
        let mut records = Some(records);
        self.journal.transact(&mut |_| Ok(records.take().unwrap_or_default()))
    }

    /// Declares that an entry whose answer nobody saw was not paid.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidInput`] where there is no such entry, or it is not uncertain.
    pub fn release(&self, id: &str, now: u64) -> Result<()> {
        self.journal.transact(&mut |ledger| match ledger.entry(id).map(|entry| &entry.phase) {
            Some(Phase::Reserved | Phase::Unanswered(_)) => Ok(vec![Record::Released {
                id: id.to_owned(),
                at: now,
                reason: "declared unpaid by the user".to_owned(),
            }]),
            _ => Err(invalid("ledger entry", id, "one that was sent and whose answer nobody saw")),
        })
    }
}

fn known(ledger: &Ledger, request: &str, now: u64) -> Result<Option<Reservation>> {
    for entry in ledger.of_request(request) {
        let boxed = || Box::new(entry.clone());
        return Ok(Some(match &entry.phase {
            Phase::Released => continue,
            Phase::Settled(Outcome::Completed, _) => Reservation::Paid(boxed()),
            Phase::Settled(Outcome::Failed, _) => Reservation::Failed(boxed()),
            Phase::Settled(Outcome::Cancelled, _) => continue,
            Phase::Created => Reservation::Running(boxed()),
            Phase::Reserved if now.saturating_sub(entry.at) < IN_FLIGHT_SECONDS => {
                Reservation::InFlight(boxed())
            }
            Phase::Reserved => {
                return Err(Error::Uncertain {
                    id: entry.id.clone(),
                    reason: "the process that sent it ended".to_owned(),
                });
            }
            Phase::Unanswered(reason) => {
                return Err(Error::Uncertain { id: entry.id.clone(), reason: reason.clone() });
            }
        }));
    }
    Ok(None)
}

fn new_id(now: u64) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let random = RandomState::new().hash_one((now, count, std::process::id()));
    format!("{now:x}-{random:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reserve(books: &Books, request: &str, now: u64) -> Result<Reservation> {
        books.reserve(Service::Runway, request, "s", 400_000, false, now)
    }

    fn id(reservation: Result<Reservation>) -> String {
        match reservation {
            Ok(Reservation::New(id)) => id,
            other => panic!("not new: {other:?}"),
        }
    }

    #[test]
    fn a_cap_counts_what_is_under_way() {
        let books = Books::in_memory().cap(Some(1_000_000));
        id(reserve(&books, "a", 1));
        let second = id(reserve(&books, "b", 1));
        assert!(matches!(reserve(&books, "c", 1), Err(Error::SpendingCap { spent: 800_000, .. })));
        books.write(vec![Record::Released { id: second, at: 1, reason: "429".into() }]).unwrap();
        id(reserve(&books, "c", 1));
    }

    #[test]
    fn a_request_is_paid_once_unless_a_fresh_one_is_asked_for() {
        let books = Books::in_memory();
        let first = id(reserve(&books, "a", 1000));
        assert!(matches!(reserve(&books, "a", 1100), Ok(Reservation::InFlight(_))));
        assert!(matches!(reserve(&books, "a", 9999), Err(Error::Uncertain { .. })));
        books.write(vec![Record::Created { id: first.clone(), at: 1, task: "t".into() }]).unwrap();
        assert!(
            matches!(reserve(&books, "a", 9999), Ok(Reservation::Running(e)) if e.task.as_deref() == Some("t"))
        );
        let settle = |outcome| Record::Settled {
            id: first.clone(),
            at: 2,
            outcome,
            cost: 1,
            billed: true,
            failure: None,
        };
        books.write(vec![settle(Outcome::Completed)]).unwrap();
        assert!(matches!(reserve(&books, "a", 9999), Ok(Reservation::Paid(_))));
        let fresh = books.reserve(Service::Runway, "a", "s", 1, true, 9999);
        assert!(matches!(fresh, Ok(Reservation::New(_))));
    }

    #[test]
    fn an_uncertain_entry_can_be_declared_unpaid_and_no_other() {
        let books = Books::in_memory();
        let first = id(reserve(&books, "a", 1));
        books
            .write(vec![Record::Unanswered { id: first.clone(), at: 1, reason: "cut".into() }])
            .unwrap();
        assert!(matches!(reserve(&books, "a", 1), Err(Error::Uncertain { .. })));
        books.release(&first, 2).unwrap();
        id(reserve(&books, "a", 3));
        assert!(books.release(&first, 2).is_err());
        assert!(books.release("none", 2).is_err());
    }

    #[test]
    fn many_threads_do_not_spend_more_than_the_cap_together() {
        let folder = tempfile::tempdir().unwrap();
        let books: Vec<Books> =
            (0..4).map(|_| Books::open(folder.path()).unwrap().cap(Some(2_000_000))).collect();
        let new = AtomicU64::new(0);
        std::thread::scope(|scope| {
            for (n, books) in books.iter().enumerate() {
                let new = &new;
                scope.spawn(move || {
                    for i in 0..5 {
                        if reserve(books, &format!("{n}-{i}"), 1).is_ok() {
                            new.fetch_add(1, Ordering::SeqCst);
                        }
                    }
                });
            }
        });
        assert_eq!(new.into_inner(), 5);
        assert_eq!(books[0].read(|ledger| ledger.spent(None)).unwrap(), 2_000_000);
    }
}
