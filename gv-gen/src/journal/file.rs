//! A journal in a file, one JSON object a line.

use super::{Journal, Ledger, Record};
use crate::{Error, Result};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// A journal in a file that several processes may share.
///
/// Each transaction holds the file's lock, reads what others appended, appends its own lines and waits until they are
/// on the disk. A last line that a crash cut short is removed by the next transaction that writes.
#[derive(Debug)]
pub struct FileJournal {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    file: File,
    ledger: Ledger,
    read: u64,
    lines: u64,
}

impl FileJournal {
    /// Opens a journal, or begins one; missing folders are made.
    ///
    /// # Errors
    ///
    /// [`Error::Journal`] where it cannot be opened, or a line of it is damaged.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        let open = |path: &Path| {
            if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                std::fs::create_dir_all(folder)?;
            }
            OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path)
        };
        let file = open(&path).map_err(|error| broken(&path, &error))?;
        let state = Mutex::new(State { file, ledger: Ledger::default(), read: 0, lines: 0 });
        let journal = Self { path, state };
        journal.transact(&mut |_| Ok(Vec::new()))?;
        Ok(journal)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn locked(
        &self,
        state: &mut State,
        decide: &mut dyn FnMut(&Ledger) -> Result<Vec<Record>>,
    ) -> Result<()> {
        let end = self.catch_up(state)?;
        let records = decide(&state.ledger)?;
        if records.is_empty() {
            return Ok(());
        }
        let mut text = String::new();
        for record in &records {
            let line = serde_json::to_string(record).map_err(|error| self.broken(&error))?;
            text.push_str(&line);
            text.push('\n');
        }
        let wrote = append(&mut state.file, state.read, end, text.as_bytes());
        wrote.map_err(|error| self.broken(&error))?;
        state.read += text.len() as u64;
        state.lines += records.len() as u64;
        for record in records {
            state.ledger.apply(record);
        }
        Ok(())
    }

    fn catch_up(&self, state: &mut State) -> Result<u64> {
        let end = state.file.metadata().map_err(|error| self.broken(&error))?.len();
        if end < state.read {
            state.ledger = Ledger::default();
            (state.read, state.lines) = (0, 0);
        }
        if end == state.read {
            return Ok(end);
        }
        let mut news = Vec::new();
        state
            .file
            .seek(SeekFrom::Start(state.read))
            .and_then(|_| (&mut state.file).take(end - state.read).read_to_end(&mut news))
            .map_err(|error| self.broken(&error))?;
        let whole = news.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        for line in news[..whole].split_inclusive(|byte| *byte == b'\n') {
            state.lines += 1;
            state.read += line.len() as u64;
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let record = serde_json::from_slice(line).map_err(|error| Error::Journal {
                path: self.path.clone(),
                line: Some(state.lines),
                reason: error.to_string(),
            })?;
            state.ledger.apply(record);
        }
        Ok(end)
    }

    fn broken(&self, error: &dyn std::fmt::Display) -> Error {
        broken(&self.path, error)
    }
}

fn append(file: &mut File, from: u64, end: u64, text: &[u8]) -> io::Result<()> {
    if end > from {
        file.set_len(from)?;
    }
    file.seek(SeekFrom::Start(from))?;
    file.write_all(text)?;
    file.sync_data()
}

fn broken(path: &Path, error: &dyn std::fmt::Display) -> Error {
    Error::Journal { path: path.to_owned(), line: None, reason: error.to_string() }
}

impl Journal for FileJournal {
    fn transact(&self, decide: &mut dyn FnMut(&Ledger) -> Result<Vec<Record>>) -> Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.file.lock().map_err(|error| self.broken(&error))?;
        let done = self.locked(&mut state, decide);
        let unlocked = state.file.unlock().map_err(|error| self.broken(&error));
        done.and(unlocked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{Entry, Service};
    use crate::testing::journal_suite;

    fn reserved(id: &str) -> Record {
        Record::Reserved {
            id: id.into(),
            at: 1,
            service: Service::ElevenLabs,
            request: "r".into(),
            summary: "s".into(),
            cost: 7,
        }
    }

    fn ids(journal: &FileJournal) -> Vec<String> {
        let mut ids = Vec::new();
        journal
            .transact(&mut |ledger| {
                ids = ledger.entries().iter().map(|e: &Entry| e.id.clone()).collect();
                Ok(Vec::new())
            })
            .unwrap();
        ids
    }

    #[test]
    fn it_keeps_the_contract_of_the_seam() {
        let folder = tempfile::tempdir().unwrap();
        let mut count = 0;
        journal_suite(&mut || {
            count += 1;
            Box::new(FileJournal::open(folder.path().join(format!("{count}/j.jsonl"))).unwrap())
        });
    }

    #[test]
    fn two_processes_see_what_the_other_wrote() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let (one, two) = (FileJournal::open(&path).unwrap(), FileJournal::open(&path).unwrap());
        one.transact(&mut |_| Ok(vec![reserved("a")])).unwrap();
        two.transact(&mut |ledger| {
            assert_eq!(ledger.entries().len(), 1);
            Ok(vec![reserved("b")])
        })
        .unwrap();
        assert_eq!(ids(&one), ["a", "b"]);
        assert_eq!(ids(&FileJournal::open(&path).unwrap()), ["a", "b"]);
    }

    #[test]
    fn a_line_that_a_crash_cut_short_counts_as_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let journal = FileJournal::open(&path).unwrap();
        journal.transact(&mut |_| Ok(vec![reserved("a")])).unwrap();
        let whole = std::fs::read(&path).unwrap();
        for cut in 1..whole.len() {
            std::fs::write(&path, [&whole[..], &whole[..cut]].concat()).unwrap();
            let after = FileJournal::open(&path).unwrap();
            assert_eq!(ids(&after), ["a"]);
            after.transact(&mut |_| Ok(vec![reserved("b")])).unwrap();
            assert_eq!(ids(&FileJournal::open(&path).unwrap()), ["a", "b"], "cut at {cut}");
        }
    }

    #[test]
    fn damage_in_the_middle_says_where_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let good = serde_json::to_string(&reserved("a")).unwrap();
        std::fs::write(&path, format!("{good}\n\n{{\"event\":\"?\"}}\n{good}\n")).unwrap();
        let error = FileJournal::open(&path).unwrap_err();
        assert!(matches!(&error, Error::Journal { line: Some(3), .. }), "{error}");
    }

    #[test]
    fn a_place_that_cannot_be_written_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, b"x").unwrap();
        assert!(matches!(FileJournal::open(file.join("journal")), Err(Error::Journal { .. })));
    }
}
