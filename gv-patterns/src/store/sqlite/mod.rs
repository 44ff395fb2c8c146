//! The store in one SQLite file.

mod group;
mod place;
mod query;
mod write;

use super::filter::{check_name, check_path};
use super::rules::check_collection;
use super::{Applied, Change, Collection, Document, Entry, Filter, Store};
use crate::error::parameter;
use crate::{Error, Result};
use group::{Queue, Turn};
use query::{clamp, index_for, select};
use rusqlite::{
    Connection, ErrorCode, OpenFlags, OptionalExtension, TransactionBehavior, params_from_iter,
};
use serde_json::Value;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Marks the file as ours: `GVid`.
const APPLICATION_ID: i32 = 0x4756_6964;
const SCHEMA: u32 = 1;
/// Earlier versions can lose the write-ahead log's reset to a race between two connections.
const OLDEST_SQLITE: i32 = 3_051_003;
/// How long a writer waits for another process.
const PATIENCE: Duration = Duration::from_secs(5);
/// Idle connections kept for reading.
const READERS: usize = 8;
/// Compiled statements that a connection keeps: every shape of query of components 13 to 17.
const STATEMENTS: usize = 128;

/// What the writer keeps of the file in memory at most: entries of indexes come in any order.
const CACHE_KIB: i32 = 64 * 1024;
/// Pages of the write-ahead log after which they are moved into the file: 32 MiB.
const LOG_PAGES: i32 = 8192;

const TABLES: &str = "
    CREATE TABLE document (
        number INTEGER PRIMARY KEY,
        collection TEXT NOT NULL,
        id TEXT NOT NULL,
        version INTEGER NOT NULL,
        body TEXT NOT NULL,
        UNIQUE (collection, id)
    ) STRICT;
    CREATE TABLE entry (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        log TEXT NOT NULL,
        key TEXT NOT NULL,
        at INTEGER NOT NULL,
        body TEXT NOT NULL,
        UNIQUE (log, key)
    ) STRICT;
    CREATE INDEX entry_by_log ON entry (log, sequence);
    CREATE TABLE text_field (
        collection TEXT NOT NULL,
        field TEXT NOT NULL,
        PRIMARY KEY (collection, field)
    ) STRICT, WITHOUT ROWID;
    CREATE VIRTUAL TABLE document_text USING fts5 (words);
    -- Its rowid is the document's number.
";

/// A store in one SQLite file, or in memory.
///
/// The file is in write-ahead mode with full synchronisation: a commit survives a power cut. Any number of
/// threads and processes may use it; writers take turns, and those of one process that wait for each other share a
/// commit. It must lie on a local disk (a network file system is refused where the system names it), and must not be
/// opened by a second copy of SQLite in the same process (Python's own `sqlite3` on the same file):
/// POSIX locks of one copy are dropped by the other. [`Store::backup`] gives a copy that is safe to
/// open anywhere.
#[derive(Debug)]
pub struct Sqlite {
    path: Option<PathBuf>,
    writer: Mutex<Connection>,
    queue: Queue,
    readers: Mutex<Vec<Connection>>,
    /// Those that were prepared: their indexes are there.
    collections: Mutex<HashMap<&'static str, Collection>>,
}

impl Sqlite {
    /// Opens or makes the store at `path`, making folders on the way.
    ///
    /// # Errors
    ///
    /// [`Error::NotAStore`] for another kind of file, [`Error::NewerSchema`], [`Error::Corrupt`] and
    /// [`Error::Unusable`]; none of them changes the file.
    pub fn open(path: &Path) -> Result<Self> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|error| Error::Unusable {
                store: path.display().to_string(),
                problem: error.to_string(),
                transient: false,
            })?;
        }
        if let Some(kind) = place::network_file_system(path) {
            return Err(Error::Unusable {
                store: name(Some(path)),
                problem: format!(
                    "it would lie on {kind}, a network file system, where SQLite's locks do not hold; use a local disk, or \
                     postgresql:// for several machines"
                ),
                transient: false,
            });
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection =
            Connection::open_with_flags(path, flags).map_err(|error| explain(Some(path), error))?;
        Self::prepare(connection, Some(path))
    }

    /// Makes a store that lives as long as the value.
    ///
    /// # Errors
    ///
    /// [`Error::Unusable`] where there is no memory.
    pub fn in_memory() -> Result<Self> {
        let connection = Connection::open_in_memory().map_err(|error| explain(None, error))?;
        Self::prepare(connection, None)
    }

    fn prepare(mut connection: Connection, path: Option<&Path>) -> Result<Self> {
        let explain = |error| explain(path, error);
        if rusqlite::version_number() < OLDEST_SQLITE {
            return Err(Error::Unusable {
                store: name(path),
                problem: format!("SQLite {} is too old, 3.51.3 is needed", rusqlite::version()),
                transient: false,
            });
        }
        connection.busy_timeout(PATIENCE).map_err(explain)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        let (mark, schema, tables) = look_at(&mut connection).map_err(explain)?;
        if mark != APPLICATION_ID && (tables > 0 || mark != 0) {
            return Err(Error::NotAStore {
                path: path.unwrap_or(Path::new(":memory:")).to_owned(),
                problem: "it is a database of another program".into(),
            });
        }
        if schema > SCHEMA {
            return Err(Error::NewerSchema { store: name(path), found: schema, known: SCHEMA });
        }
        if path.is_some() {
            let mode: String = connection
                .query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))
                .map_err(explain)?;
            if mode != "wal" {
                log::warn!("{}: write-ahead logging is not possible here ({mode})", name(path));
            }
        }
        connection.pragma_update(None, "synchronous", "FULL").map_err(explain)?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB).map_err(explain)?;
        connection.pragma_update(None, "wal_autocheckpoint", LOG_PAGES).map_err(explain)?;
        migrate(&mut connection).map_err(explain)?;
        Ok(Self {
            path: path.map(Path::to_owned),
            writer: Mutex::new(connection),
            queue: Queue::default(),
            readers: Mutex::default(),
            collections: Mutex::default(),
        })
    }

    /// How the engine would look documents up: the lines of `EXPLAIN QUERY PLAN`.
    ///
    /// # Errors
    ///
    /// As [`Store::find`].
    pub fn query_plan(&self, collection: &str, filter: &Filter) -> Result<Vec<String>> {
        let (sql, values) = self.select("id, version, body", collection, filter)?;
        self.read(|connection| {
            connection
                .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?
                .query_map(params_from_iter(values), |row| row.get(3))?
                .collect()
        })
    }

    /// Lets the file grow to so many pages (of 4 KiB) and no further, as a full disk would.
    ///
    /// # Errors
    ///
    /// What the engine says.
    pub fn limit_pages(&self, pages: u32) -> Result<()> {
        lock(&self.writer)
            .query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))
            .map_err(|error| self.explain(error))
    }

    /// Makes the query of a filter, in its order, and the values for it.
    fn select(
        &self,
        what: &str,
        collection: &str,
        filter: &Filter,
    ) -> Result<(String, Vec<rusqlite::types::Value>)> {
        filter.check()?;
        check_name("collection", collection)?;
        let index =
            lock(&self.collections).get(collection).and_then(|known| index_for(known, filter));
        Ok(select(what, collection, filter, true, index))
    }

    fn explain(&self, error: rusqlite::Error) -> Error {
        explain(self.path.as_deref(), error)
    }

    /// Reads on a connection of its own, so that readers do not wait for a writer.
    fn read<T>(&self, look: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        let Some(path) = &self.path else {
            return look(&lock(&self.writer)).map_err(|error| self.explain(error));
        };
        let idle = lock(&self.readers).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => {
                let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
                let connection = Connection::open_with_flags(path, flags)
                    .map_err(|error| self.explain(error))?;
                connection.busy_timeout(PATIENCE).map_err(|error| self.explain(error))?;
                connection.set_prepared_statement_cache_capacity(STATEMENTS);
                connection
                    .pragma_update(None, "query_only", true)
                    .map_err(|error| self.explain(error))?;
                connection
            }
        };
        let found = look(&connection).map_err(|error| self.explain(error));
        let mut readers = lock(&self.readers);
        if readers.len() < READERS && found.is_ok() {
            readers.push(connection);
        }
        found
    }

    fn document(&self, place: (&str, &str), version: i64, body: &str) -> Result<Document> {
        let body = serde_json::from_str(body).map_err(|error| Error::Corrupt {
            store: self.describe(),
            problem: format!("{} {} is no JSON: {error}", place.0, place.1),
        })?;
        Ok(Document { id: place.1.to_owned(), version: version as u64, body })
    }

    fn documents(&self, collection: &str, rows: Vec<Row>) -> Result<Vec<Document>> {
        rows.into_iter().map(|(id, v, body)| self.document((collection, &id), v, &body)).collect()
    }
}

type Row = (String, i64, String);

impl Store for Sqlite {
    fn describe(&self) -> String {
        name(self.path.as_deref())
    }

    fn ensure(&self, collection: &Collection) -> Result<()> {
        check_collection(collection)?;
        let mut statements = String::new();
        for fields in collection.indexes.iter().flatten() {
            statements += &query::make_index(collection, fields);
        }
        for field in collection.text {
            statements += &format!(
                "INSERT INTO text_field VALUES ('{}', '{field}') ON CONFLICT DO NOTHING;",
                collection.name
            );
        }
        lock(&self.writer).execute_batch(&statements).map_err(|error| self.explain(error))?;
        lock(&self.collections).insert(collection.name, *collection);
        Ok(())
    }

    fn apply(&self, changes: &[Change]) -> Result<Vec<Applied>> {
        match self.queue.wait(changes) {
            Turn::Settled(result) => result,
            Turn::Alone(_lead) => self.commit(&mut lock(&self.writer), changes),
            Turn::ForAll(lead, own, all) => {
                self.commit_all(&mut lock(&self.writer), &all);
                drop(lead);
                own.result().unwrap_or_else(|| Err(self.unknown_outcome()))
            }
        }
    }

    fn get(&self, collection: &str, id: &str) -> Result<Option<Document>> {
        let found: Option<(i64, String)> = self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT version, body FROM document WHERE collection = ? AND id = ?",
                )?
                .query_row((collection, id), |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()
        })?;
        found.map(|(version, body)| self.document((collection, id), version, &body)).transpose()
    }

    fn find(&self, collection: &str, filter: &Filter) -> Result<Vec<Document>> {
        let (sql, values) = self.select("id, version, body", collection, filter)?;
        let rows: Vec<Row> = self.read(|connection| {
            connection
                .prepare_cached(&sql)?
                .query_map(params_from_iter(values), |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })?
                .collect()
        })?;
        self.documents(collection, rows)
    }

    fn count(&self, collection: &str, filter: &Filter) -> Result<u64> {
        filter.check()?;
        check_name("collection", collection)?;
        let (sql, values) = select("count(*)", collection, filter, false, None);
        let count: i64 = self.read(|connection| {
            connection.prepare_cached(&sql)?.query_row(params_from_iter(values), |row| row.get(0))
        })?;
        Ok(count as u64)
    }

    fn search(&self, collection: &str, words: &str, limit: usize) -> Result<Vec<Document>> {
        let words: Vec<String> = words
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(|word| format!("\"{word}\""))
            .collect();
        if words.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<Row> = self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT d.id, d.version, d.body FROM document_text AS t
                     JOIN document AS d ON d.number = t.rowid
                     WHERE t.words MATCH ? AND d.collection = ?
                     ORDER BY t.rank, d.id LIMIT ?",
                )?
                .query_map((words.join(" OR "), collection, clamp(limit)), |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })?
                .collect()
        })?;
        self.documents(collection, rows)
    }

    fn scan(
        &self,
        collection: &str,
        filter: &Filter,
        fields: &[&str],
        visit: &mut dyn FnMut(&str, Vec<Value>) -> bool,
    ) -> Result<()> {
        fields.iter().try_for_each(|field| check_path(field))?;
        let columns: String = fields.iter().map(|path| format!(", body -> '$.{path}'")).collect();
        let (sql, values) = self.select(&format!("id{columns}"), collection, filter)?;
        let mut failed = None;
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query(params_from_iter(values))?;
            while let Some(row) = rows.next()? {
                let mut found = Vec::with_capacity(fields.len());
                for place in 1..=fields.len() {
                    let text = row.get_ref(place)?.as_str_or_null()?.unwrap_or("null");
                    match serde_json::from_str(text) {
                        Ok(value) => found.push(value),
                        Err(error) => {
                            failed = Some(error.to_string());
                            return Ok(());
                        }
                    }
                }
                if !visit(row.get_ref(0)?.as_str()?, found) {
                    break;
                }
            }
            Ok(())
        })?;
        match failed {
            Some(error) => Err(Error::Corrupt {
                store: self.describe(),
                problem: format!("a {collection} is no JSON: {error}"),
            }),
            None => Ok(()),
        }
    }

    fn read_log(&self, log: &str, after: u64, limit: usize) -> Result<Vec<Entry>> {
        let rows: Vec<(i64, String, i64, String)> = self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT sequence, key, at, body FROM entry
                     WHERE log = ? AND sequence > ? ORDER BY sequence LIMIT ?",
                )?
                .query_map((log, i64::try_from(after).unwrap_or(i64::MAX), clamp(limit)), |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
                })?
                .collect()
        })?;
        rows.into_iter()
            .map(|(sequence, key, at, body)| {
                let body = serde_json::from_str(&body).map_err(|error| Error::Corrupt {
                    store: self.describe(),
                    problem: format!("{log} {key} is no JSON: {error}"),
                })?;
                Ok(Entry { sequence: sequence as u64, key, at, body })
            })
            .collect()
    }

    fn count_log(&self, log: &str, after: u64) -> Result<u64> {
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        let count: i64 = self.read(|connection| {
            connection
                .prepare_cached("SELECT count(*) FROM entry WHERE log = ? AND sequence > ?")?
                .query_row((log, after), |row| row.get(0))
        })?;
        Ok(count as u64)
    }

    fn backup(&self, path: &Path) -> Result<()> {
        if path.exists() {
            return Err(parameter("path", path.display(), "a file that does not exist yet"));
        }
        lock(&self.writer)
            .backup("main", path, None::<fn(rusqlite::backup::Progress)>)
            .map_err(|error| explain(Some(path), error))
    }
}

/// A poisoned lock is taken all the same: a transaction that panicked was rolled back.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn name(path: Option<&Path>) -> String {
    path.map_or("sqlite::memory:".into(), |path| format!("sqlite://{}", path.display()))
}

/// The marks of a file and its number of tables, all of one moment: another process may be making the store just now.
fn look_at(connection: &mut Connection) -> rusqlite::Result<(i32, u32, u32)> {
    let moment = connection.transaction_with_behavior(TransactionBehavior::Deferred)?;
    let tables =
        moment.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, u32>(0))?;
    let mark = moment.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let schema = moment.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    moment.commit()?;
    Ok((mark, schema, tables))
}

fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been first.
    let schema: u32 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if schema == 0 {
        transaction.execute_batch(TABLES)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", SCHEMA)?;
    }
    transaction.commit()
}

fn explain(path: Option<&Path>, error: rusqlite::Error) -> Error {
    let store = name(path);
    let problem = error.to_string();
    let code = error.sqlite_error_code();
    match code {
        Some(ErrorCode::NotADatabase) => Error::NotAStore {
            path: path.unwrap_or(Path::new(":memory:")).to_owned(),
            problem: "it is no SQLite database, or a damaged one".into(),
        },
        Some(ErrorCode::DatabaseCorrupt) => Error::Corrupt { store, problem },
        _ => {
            let transient =
                matches!(code, Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked));
            Error::Unusable { store, problem, transient }
        }
    }
}
