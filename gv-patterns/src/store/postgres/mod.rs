//! The store in PostgreSQL, for several machines.

mod query;
mod session;
mod write;

use super::filter::check_path;
use super::open::without_password;
use super::rules::check_collection;
use super::{Applied, Change, Collection, Document, Entry, Filter, Store};
use crate::{Error, Result};
use postgres::error::SqlState;
use postgres::fallible_iterator::FallibleIterator;
use query::{parameters, select};
use serde_json::Value;
use session::Session;
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

const SCHEMA: i32 = 1;
/// Writers take turns by this lock, so that sequence numbers are in the order of commits.
const LOCK: i64 = 0x4756_6964;
/// Idle connections kept.
const IDLE: usize = 8;
const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS gv_meta (schema integer NOT NULL);
    CREATE TABLE IF NOT EXISTS gv_document (
        collection text COLLATE \"C\" NOT NULL,
        id text COLLATE \"C\" NOT NULL,
        version bigint NOT NULL,
        body jsonb NOT NULL,
        words tsvector,
        PRIMARY KEY (collection, id)
    );
    CREATE INDEX IF NOT EXISTS gv_document_words ON gv_document USING gin (words);
    CREATE TABLE IF NOT EXISTS gv_entry (
        sequence bigserial PRIMARY KEY,
        log text COLLATE \"C\" NOT NULL,
        key text COLLATE \"C\" NOT NULL,
        at bigint NOT NULL,
        body jsonb NOT NULL,
        UNIQUE (log, key)
    );
    CREATE INDEX IF NOT EXISTS gv_entry_by_log ON gv_entry (log, sequence);
    CREATE TABLE IF NOT EXISTS gv_text_field (
        collection text NOT NULL,
        field text NOT NULL,
        PRIMARY KEY (collection, field)
    );
";

/// A store in a PostgreSQL database, in tables whose names begin with `gv_`.
///
/// Connections are not encrypted by TLS: use it on a trusted network, or through a tunnel. The server's own
/// tools (`pg_dump`) make backups.
pub struct Postgres {
    address: String,
    shown: String,
    idle: Mutex<Vec<Session>>,
    /// Those that were prepared: their indexes are there.
    collections: Mutex<HashMap<&'static str, Collection>>,
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postgres").field("address", &self.shown).finish_non_exhaustive()
    }
}

impl Postgres {
    /// Connects to `postgresql://user:password@host:port/database` and makes the tables where they are missing.
    ///
    /// # Errors
    ///
    /// [`Error::NewerSchema`], and [`Error::Unusable`] with what the server said.
    pub fn open(address: &str) -> Result<Self> {
        let store = Self {
            address: address.to_owned(),
            shown: without_password(address),
            idle: Mutex::default(),
            collections: Mutex::default(),
        };
        store
            .with(|session| {
                let mut transaction = session.client.transaction()?;
                transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK])?;
                transaction.batch_execute(TABLES)?;
                let found = transaction.query_opt("SELECT schema FROM gv_meta", &[])?;
                if found.is_none() {
                    transaction.execute("INSERT INTO gv_meta VALUES ($1)", &[&SCHEMA])?;
                }
                let schema: i32 = found.map_or(SCHEMA, |row| row.get(0));
                transaction.commit()?;
                Ok(schema)
            })
            .and_then(|schema| {
                if schema > SCHEMA {
                    let found = u32::try_from(schema).unwrap_or(u32::MAX);
                    return Err(Error::NewerSchema {
                        store: store.shown.clone(),
                        found,
                        known: SCHEMA as u32,
                    });
                }
                Ok(())
            })?;
        Ok(store)
    }

    /// How the server would look documents up: the lines of `EXPLAIN`.
    ///
    /// # Errors
    ///
    /// As [`Store::find`].
    pub fn query_plan(&self, collection: &str, filter: &Filter) -> Result<Vec<String>> {
        let (sql, values) = select("id, version, body::text", collection, filter)?;
        let in_order = self.is_in_order(collection, filter);
        let plan = self.with(|session| {
            session.prefer_order(in_order)?;
            session.query(&format!("EXPLAIN (COSTS OFF) {sql}"), &parameters(&values))
        })?;
        Ok(plan.iter().map(|row| row.get(0)).collect())
    }

    /// Whether an index has a filter's documents in its order, and a few of them are asked for.
    fn is_in_order(&self, collection: &str, filter: &Filter) -> bool {
        let collections = self.collections.lock().unwrap_or_else(PoisonError::into_inner);
        filter.limit.is_some()
            && filter.order.as_ref().is_some_and(|order| order.descending)
            && collections.get(collection).is_some_and(|c| c.index_in_order(filter).is_some())
    }

    fn explain(&self, error: &postgres::Error) -> Error {
        let problem = match error.as_db_error() {
            Some(told) => told.message().to_owned(),
            None => error.to_string(),
        };
        // Without an answer of the server the connection is what failed.
        let transient = error.code().is_none_or(passes);
        Error::Unusable { store: self.shown.clone(), problem, transient }
    }

    /// Works on a connection of its own; one that failed is not used again.
    fn with<T>(&self, work: impl FnOnce(&mut Session) -> Result<T, postgres::Error>) -> Result<T> {
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut session = match kept.filter(|session| !session.client.is_closed()) {
            Some(session) => session,
            None => Session::open(&self.address).map_err(|error| self.explain(&error))?,
        };
        let done = work(&mut session).map_err(|error| self.explain(&error))?;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE {
            idle.push(session);
        }
        Ok(done)
    }
}

/// Whether what the server says is over in a moment: connections (class 08), transactions that met another (40), lack of
/// connections or memory (53), a server that starts, stops or was told to end the session (57).
fn passes(code: &SqlState) -> bool {
    let class = code.code().get(..2).unwrap_or_default();
    matches!(class, "08" | "40" | "53" | "57") && *code != SqlState::DISK_FULL
}

type Row = (String, i64, String);

impl Postgres {
    fn documents(&self, rows: Vec<Row>) -> Result<Vec<Document>> {
        rows.into_iter()
            .map(|(id, version, body)| {
                Ok(Document { body: self.parse(&body)?, id, version: version as u64 })
            })
            .collect()
    }

    fn parse(&self, body: &str) -> Result<Value> {
        serde_json::from_str(body).map_err(|error| Error::Corrupt {
            store: self.shown.clone(),
            problem: error.to_string(),
        })
    }
}

fn rows(found: Vec<postgres::Row>) -> Vec<Row> {
    found.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect()
}

impl Store for Postgres {
    fn describe(&self) -> String {
        self.shown.clone()
    }

    fn ensure(&self, collection: &Collection) -> Result<()> {
        check_collection(collection)?;
        let mut statements = String::new();
        for fields in collection.indexes.iter().flatten() {
            statements += &format!(
                "CREATE INDEX IF NOT EXISTS \"gv_{0}_by_{1}\" ON gv_document ({2}) \
                 WHERE collection = '{0}';",
                collection.name,
                fields.join("_"),
                query::index(collection, fields),
            );
        }
        for field in collection.text {
            statements += &format!(
                "INSERT INTO gv_text_field VALUES ('{}', '{field}') ON CONFLICT DO NOTHING;",
                collection.name
            );
        }
        self.with(|session| {
            let mut transaction = session.client.transaction()?;
            transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK])?;
            transaction.batch_execute(&statements)?;
            transaction.commit()
        })?;
        let mut collections = self.collections.lock().unwrap_or_else(PoisonError::into_inner);
        collections.insert(collection.name, *collection);
        Ok(())
    }

    fn apply(&self, changes: &[Change]) -> Result<Vec<Applied>> {
        self.commit(changes)
    }

    fn get(&self, collection: &str, id: &str) -> Result<Option<Document>> {
        let found = self.with(|session| {
            session.query(
                "SELECT id, version, body::text FROM gv_document WHERE collection = $1 AND id = $2",
                &[&collection, &id],
            )
        })?;
        Ok(self.documents(rows(found))?.pop())
    }

    fn find(&self, collection: &str, filter: &Filter) -> Result<Vec<Document>> {
        let (sql, values) = select("id, version, body::text", collection, filter)?;
        let in_order = self.is_in_order(collection, filter);
        let found = self.with(|session| {
            session.prefer_order(in_order)?;
            session.query(&sql, &parameters(&values))
        })?;
        self.documents(rows(found))
    }

    fn scan(
        &self,
        collection: &str,
        filter: &Filter,
        fields: &[&str],
        visit: &mut dyn FnMut(&str, Vec<Value>) -> bool,
    ) -> Result<()> {
        fields.iter().try_for_each(|field| check_path(field))?;
        let columns: String = fields
            .iter()
            .map(|path| format!(", (body #> '{{{}}}')::text", path.replace('.', ",")))
            .collect();
        let (sql, values) = select(&format!("id{columns}"), collection, filter)?;
        let mut failed = None;
        let in_order = self.is_in_order(collection, filter);
        self.with(|session| {
            session.prefer_order(in_order)?;
            let Session { client, statements, .. } = session;
            let statement = statements.prepare(client, &sql)?;
            let mut rows = client.query_raw(&statement, parameters(&values))?;
            while let Some(row) = rows.next()? {
                let text = |place| row.get::<_, Option<&str>>(place).unwrap_or("null");
                let found = (1..=fields.len()).map(|place| self.parse(text(place))).collect();
                let go_on = match found {
                    Ok(found) => visit(row.get(0), found),
                    Err(error) => {
                        failed = Some(error);
                        false
                    }
                };
                if !go_on {
                    break;
                }
            }
            Ok(())
        })?;
        failed.map_or(Ok(()), Err)
    }

    fn count(&self, collection: &str, filter: &Filter) -> Result<u64> {
        let (sql, values) = query::count(collection, filter)?;
        let found = self.with(|session| session.query(&sql, &parameters(&values)))?;
        Ok(found.first().map_or(0, |row| row.get::<_, i64>(0) as u64))
    }

    fn search(&self, collection: &str, words: &str, limit: usize) -> Result<Vec<Document>> {
        let words: Vec<String> = words
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(|word| format!("'{word}'"))
            .collect();
        if words.is_empty() {
            return Ok(Vec::new());
        }
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let found = self.with(|session| {
            session.query(
                "SELECT id, version, body::text FROM gv_document, to_tsquery('simple', $2) AS asked
                 WHERE collection = $1 AND words @@ asked
                 ORDER BY ts_rank(words, asked) DESC, id LIMIT $3",
                &[&collection, &words.join(" | "), &limit],
            )
        })?;
        self.documents(rows(found))
    }

    fn read_log(&self, log: &str, after: u64, limit: usize) -> Result<Vec<Entry>> {
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let found = self.with(|session| {
            session.query(
                "SELECT sequence, key, at, body::text FROM gv_entry
                 WHERE log = $1 AND sequence > $2 ORDER BY sequence LIMIT $3",
                &[&log, &after, &limit],
            )
        })?;
        found
            .iter()
            .map(|row| {
                Ok(Entry {
                    sequence: row.get::<_, i64>(0) as u64,
                    key: row.get(1),
                    at: row.get(2),
                    body: self.parse(&row.get::<_, String>(3))?,
                })
            })
            .collect()
    }

    fn count_log(&self, log: &str, after: u64) -> Result<u64> {
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        let found = self.with(|session| {
            session.query(
                "SELECT count(*) FROM gv_entry WHERE log = $1 AND sequence > $2",
                &[&log, &after],
            )
        })?;
        Ok(found.first().map_or(0, |row| row.get::<_, i64>(0) as u64))
    }

    fn backup(&self, _path: &Path) -> Result<()> {
        Err(Error::Unusable {
            store: self.shown.clone(),
            problem: "a server makes its backups itself: use pg_dump".into(),
            transient: false,
        })
    }
}
