//! What was begun, what it costs, and how it ended.

use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Services that are paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// Runway, video.
    Runway,
    /// ElevenLabs, voice.
    ElevenLabs,
}

impl Service {
    /// The service's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Runway => "Runway",
            Self::ElevenLabs => "ElevenLabs",
        }
    }
}

/// How paid work ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// There is a result.
    Completed,
    /// There is none.
    Failed,
    /// Somebody cancelled it.
    Cancelled,
}

/// A line of the journal. Times are seconds since 1970, costs millionths of a dollar.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum Record {
    /// A request is about to be sent.
    Reserved {
        /// The entry.
        id: String,
        /// When.
        at: u64,
        /// To whom.
        service: Service,
        /// The request's content hash.
        request: String,
        /// What it asks for, for people.
        summary: String,
        /// What it will cost by the table.
        cost: u64,
    },
    /// The service took it.
    Created {
        /// The entry.
        id: String,
        /// When.
        at: u64,
        /// The service's name for it.
        task: String,
    },
    /// The service refused it, or never got it: nothing was paid.
    Released {
        /// The entry.
        id: String,
        /// When.
        at: u64,
        /// Why.
        reason: String,
    },
    /// It may have been taken, but nobody saw the answer.
    Unanswered {
        /// The entry.
        id: String,
        /// When.
        at: u64,
        /// Why.
        reason: String,
    },
    /// It ended.
    Settled {
        /// The entry.
        id: String,
        /// When.
        at: u64,
        /// How.
        outcome: Outcome,
        /// What it cost.
        cost: u64,
        /// Whether the service said so, or the table.
        billed: bool,
        /// The service's reason for a failure.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        failure: Option<String>,
    },
    /// Its result is in these files.
    Stored {
        /// The entry.
        id: String,
        /// When.
        at: u64,
        /// The files.
        files: Vec<String>,
    },
}

impl Record {
    /// The entry it belongs to.
    pub fn id(&self) -> &str {
        match self {
            Self::Reserved { id, .. }
            | Self::Created { id, .. }
            | Self::Released { id, .. }
            | Self::Unanswered { id, .. }
            | Self::Settled { id, .. }
            | Self::Stored { id, .. } => id,
        }
    }
}

/// Where an entry stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// It is about to be sent, or its sender ended before the answer came.
    Reserved,
    /// The service works on it.
    Created,
    /// It cost nothing.
    Released,
    /// Nobody knows; the text says why.
    Unanswered(String),
    /// It ended; with the service's reason where it failed.
    Settled(Outcome, Option<String>),
}

/// One paid request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name in the ledger.
    pub id: String,
    /// The service.
    pub service: Service,
    /// The request's content hash.
    pub request: String,
    /// What it asks for, for people.
    pub summary: String,
    /// When it was reserved, in seconds since 1970.
    pub at: u64,
    /// What it costs, in millionths of a dollar: by the table until it ended.
    pub cost: u64,
    /// Whether the cost is the service's own figure.
    pub billed: bool,
    /// Where it stands.
    pub phase: Phase,
    /// The service's name for it.
    pub task: Option<String>,
    /// Where its result is.
    pub files: Vec<String>,
}

/// All entries, in the order they were reserved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    entries: Vec<Entry>,
    by_id: HashMap<String, usize>,
    by_request: HashMap<String, Vec<usize>>,
}

impl Ledger {
    /// Takes the next record; one about an entry that was never reserved is ignored.
    pub fn apply(&mut self, record: Record) {
        if let Record::Reserved { id, at, service, request, summary, cost } = record {
            let place = self.entries.len();
            self.by_id.insert(id.clone(), place);
            self.by_request.entry(request.clone()).or_default().push(place);
            self.entries.push(Entry {
                id,
                service,
                request,
                summary,
                at,
                cost,
                billed: false,
                phase: Phase::Reserved,
                task: None,
                files: Vec::new(),
            });
            return;
        }
        let Some(entry) = self.by_id.get(record.id()).and_then(|at| self.entries.get_mut(*at))
        else {
            return;
        };
        match record {
            Record::Created { task, .. } => {
                entry.task = Some(task);
                entry.phase = Phase::Created;
            }
            Record::Released { .. } => {
                entry.cost = 0;
                entry.phase = Phase::Released;
            }
            Record::Unanswered { reason, .. } => entry.phase = Phase::Unanswered(reason),
            Record::Settled { outcome, cost, billed, failure, .. } => {
                entry.cost = cost;
                entry.billed = billed;
                entry.phase = Phase::Settled(outcome, failure);
            }
            Record::Stored { files, .. } => entry.files = files,
            Record::Reserved { .. } => {}
        }
    }

    /// All entries, first reserved first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry of that name.
    pub fn entry(&self, id: &str) -> Option<&Entry> {
        self.by_id.get(id).and_then(|at| self.entries.get(*at))
    }

    /// The entry whose task the service calls by this name.
    pub fn task(&self, task: &str) -> Option<&Entry> {
        self.entries.iter().rev().find(|entry| entry.task.as_deref() == Some(task))
    }

    /// The entries of a request, last first.
    pub fn of_request(&self, request: &str) -> impl Iterator<Item = &Entry> {
        let places = self.by_request.get(request).map_or(&[][..], Vec::as_slice);
        places.iter().rev().filter_map(|at| self.entries.get(*at))
    }

    /// What was spent, what is under way or uncertain included at its estimate, in millionths of a dollar.
    pub fn spent(&self, service: Option<Service>) -> u64 {
        let entries = self.entries.iter().filter(|e| service.is_none_or(|s| s == e.service));
        entries.fold(0, |sum, entry| sum.saturating_add(entry.cost))
    }

    /// The entries that have not ended: tasks to resume, and requests nobody knows the answer of.
    pub fn open(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| {
            matches!(entry.phase, Phase::Reserved | Phase::Created | Phase::Unanswered(_))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reserved(id: &str, request: &str, cost: u64) -> Record {
        Record::Reserved {
            id: id.into(),
            at: 1,
            service: Service::Runway,
            request: request.into(),
            summary: "5 s".into(),
            cost,
        }
    }

    #[test]
    fn an_estimate_counts_until_the_cost_is_known() {
        let mut ledger = Ledger::default();
        ledger.apply(reserved("a", "r", 250_000));
        ledger.apply(reserved("b", "s", 600_000));
        assert_eq!(ledger.spent(None), 850_000);
        assert_eq!(ledger.spent(Some(Service::ElevenLabs)), 0);
        ledger.apply(Record::Settled {
            id: "a".into(),
            at: 2,
            outcome: Outcome::Completed,
            cost: 240_000,
            billed: true,
            failure: None,
        });
        ledger.apply(Record::Released { id: "b".into(), at: 2, reason: "400".into() });
        assert_eq!(ledger.spent(None), 240_000);
        assert_eq!(ledger.open().count(), 0);
    }

    #[test]
    fn what_nobody_saw_the_end_of_stays_open_and_counts() {
        let mut ledger = Ledger::default();
        ledger.apply(reserved("a", "r", 5));
        ledger.apply(reserved("b", "r", 5));
        ledger.apply(Record::Created { id: "b".into(), at: 2, task: "t".into() });
        ledger.apply(Record::Unanswered { id: "a".into(), at: 2, reason: "cut".into() });
        ledger.apply(Record::Created { id: "unheard of".into(), at: 2, task: "u".into() });
        assert_eq!(ledger.open().map(|e| e.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(ledger.of_request("r").map(|e| e.id.as_str()).collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!(ledger.task("t").map(|e| e.id.as_str()), Some("b"));
        assert!(ledger.task("u").is_none());
        assert_eq!(ledger.spent(None), 10);
    }
}
