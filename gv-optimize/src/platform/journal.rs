//! What was about to be changed, and what became of it.

use super::{AdState, Target};
use crate::clock::Timestamp;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How far a change got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// It is about to be sent.
    Intended,
    /// The platform has it, as a look afterwards showed.
    Done,
    /// The platform does not have it.
    Failed,
    /// It was sent, and nobody knows what became of it.
    Unanswered,
}

/// A change at one phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalEntry {
    /// The run it belongs to.
    pub run: String,
    /// Its place in the run.
    pub place: usize,
    /// When this was written.
    pub at: Timestamp,
    /// The platform.
    pub platform: String,
    /// The ad.
    pub ad_id: String,
    /// The state before.
    pub before: AdState,
    /// What it is changed to.
    pub target: Target,
    /// How far it got.
    pub phase: Phase,
    /// What else is to be known.
    pub note: String,
}

#[derive(Debug, Default)]
struct Inner {
    entries: Vec<JournalEntry>,
    file: Option<File>,
}

/// Changes in the order they were made; one line of JSON each where there is a file.
#[derive(Debug, Default)]
pub struct ChangeJournal {
    inner: Mutex<Inner>,
    path: PathBuf,
}

impl ChangeJournal {
    /// A journal that is lost with this process.
    pub fn in_memory() -> Self {
        Self::default()
    }

    /// A journal in a file, made where there is none; only one process has it at a time. A last line that a crash
    /// cut short is dropped.
    ///
    /// # Errors
    ///
    /// [`Error::Journal`] where the file cannot be used, another process has it, or a line before the last is
    /// damaged.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref().to_owned();
        let failed = |problem: String| Error::Journal { path: path.clone(), problem };
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(&path).map_err(|error| failed(error.to_string()))?;
        file.try_lock().map_err(|_| failed("another process has it open".to_owned()))?;
        let (mut entries, mut sound) = (Vec::new(), 0);
        let mut reader = BufReader::new(&file);
        let mut line = Vec::new();
        loop {
            line.clear();
            let read =
                reader.read_until(b'\n', &mut line).map_err(|error| failed(error.to_string()))?;
            if read == 0 || line.last() != Some(&b'\n') {
                break;
            }
            let entry = serde_json::from_slice(&line).map_err(|error| {
                failed(format!("line {} cannot be read: {error}", entries.len() + 1))
            })?;
            entries.push(entry);
            sound += read as u64;
        }
        file.set_len(sound)
            .and_then(|()| file.seek(SeekFrom::End(0)))
            .map_err(|error| failed(error.to_string()))?;
        Ok(Self { inner: Mutex::new(Inner { entries, file: Some(file) }), path })
    }

    /// All entries, oldest first.
    pub fn entries(&self) -> Vec<JournalEntry> {
        self.lock().entries.clone()
    }

    /// The last phase of every change, in the order the changes were begun.
    pub fn changes(&self) -> Vec<JournalEntry> {
        let mut last: Vec<JournalEntry> = Vec::new();
        for entry in &self.lock().entries {
            match last.iter_mut().find(|e| e.run == entry.run && e.place == entry.place) {
                Some(earlier) => *earlier = entry.clone(),
                None => last.push(entry.clone()),
            }
        }
        last
    }

    /// Adds an entry; it is on the disk when this returns.
    ///
    /// # Errors
    ///
    /// [`Error::Journal`] where it cannot be written.
    pub fn append(&self, entry: JournalEntry) -> Result<()> {
        let failed = |problem: String| Error::Journal { path: self.path.clone(), problem };
        let mut inner = self.lock();
        if let Some(file) = &mut inner.file {
            let mut line = serde_json::to_vec(&entry).map_err(|error| failed(error.to_string()))?;
            line.push(b'\n');
            file.write_all(&line)
                .and_then(|()| file.sync_data())
                .map_err(|error| failed(error.to_string()))?;
        }
        inner.entries.push(entry);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(place: usize, phase: Phase) -> JournalEntry {
        JournalEntry {
            run: "r".into(),
            place,
            at: Timestamp(1),
            platform: "p".into(),
            ad_id: "a".into(),
            before: AdState::default(),
            target: Target::Paused,
            phase,
            note: String::new(),
        }
    }

    #[test]
    fn a_journal_outlives_its_process_and_a_line_cut_short() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("changes.jsonl");
        let journal = ChangeJournal::open(&path).unwrap();
        journal.append(entry(0, Phase::Intended)).unwrap();
        journal.append(entry(0, Phase::Done)).unwrap();
        assert!(matches!(ChangeJournal::open(&path), Err(Error::Journal { .. })));
        drop(journal);
        let mut text = std::fs::read(&path).unwrap();
        text.extend_from_slice(b"{\"run\":\"cut");
        std::fs::write(&path, text).unwrap();
        let again = ChangeJournal::open(&path).unwrap();
        assert_eq!(again.entries().len(), 2);
        assert_eq!(again.changes()[0].phase, Phase::Done);
        again.append(entry(1, Phase::Intended)).unwrap();
        drop(again);
        assert_eq!(ChangeJournal::open(&path).unwrap().entries().len(), 3);
        std::fs::write(&path, "rubbish\n").unwrap();
        let error = ChangeJournal::open(&path).unwrap_err();
        assert!(error.to_string().contains("line 1 cannot be read"), "{error}");
    }
}
