//! The store in PostgreSQL, for several machines.

use super::filter::{Operand, check_name, check_path};
use super::open::without_password;
use super::rules::{check_collection, check_id, encode, searchable};
use super::{Applied, Change, Collection, Condition, Document, Entry, Expect, Filter, Store};
use crate::{Error, Result};
use postgres::fallible_iterator::FallibleIterator;
use postgres::types::ToSql;
use postgres::{Client, NoTls, Transaction};
use serde_json::Value;
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
    idle: Mutex<Vec<Client>>,
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
        };
        store
            .with(|client| {
                let mut transaction = client.transaction()?;
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
                    return Err(Error::NewerSchema { store: store.shown.clone(), found, known: 1 });
                }
                Ok(())
            })?;
        Ok(store)
    }

    fn explain(&self, error: &postgres::Error) -> Error {
        let problem = match error.as_db_error() {
            Some(told) => told.message().to_owned(),
            None => error.to_string(),
        };
        // Without an answer of the server the connection is what failed.
        let transient = error.as_db_error().is_none();
        Error::Unusable { store: self.shown.clone(), problem, transient }
    }

    /// Works on a connection of its own; one that failed is not used again.
    fn with<T>(&self, work: impl FnOnce(&mut Client) -> Result<T, postgres::Error>) -> Result<T> {
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut client = match kept.filter(|client| !client.is_closed()) {
            Some(client) => client,
            None => Client::connect(&self.address, NoTls).map_err(|error| self.explain(&error))?,
        };
        let done = work(&mut client).map_err(|error| self.explain(&error))?;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE {
            idle.push(client);
        }
        Ok(done)
    }
}

/// What stops a batch: the server, or a rule.
enum Stopped {
    Server(postgres::Error),
    Rule(Error),
}

impl From<postgres::Error> for Stopped {
    fn from(error: postgres::Error) -> Self {
        Self::Server(error)
    }
}

fn apply_one(transaction: &mut Transaction<'_>, change: &Change) -> Result<Applied, Stopped> {
    match change {
        Change::Put { collection, id, expect, body } => {
            let found = expected(transaction, collection, id, *expect)?;
            let version = found.unwrap_or(0) + 1;
            let words = words(transaction, collection, body)?;
            transaction.execute(
                "INSERT INTO gv_document (collection, id, version, body, words)
                 VALUES ($1, $2, $3, $4::text::jsonb, to_tsvector('simple', $5))
                 ON CONFLICT (collection, id) DO UPDATE
                 SET version = excluded.version, body = excluded.body, words = excluded.words",
                &[collection, id, &(version as i64), &body.to_string(), &words],
            )?;
            Ok(Applied::Put { version })
        }
        Change::Delete { collection, id, expect } => {
            expected(transaction, collection, id, *expect)?;
            transaction.execute(
                "DELETE FROM gv_document WHERE collection = $1 AND id = $2",
                &[collection, id],
            )?;
            Ok(Applied::Deleted)
        }
        Change::Append { log, key, at, body } => {
            let added = transaction.query_opt(
                "INSERT INTO gv_entry (log, key, at, body) VALUES ($1, $2, $3, $4::text::jsonb)
                 ON CONFLICT (log, key) DO NOTHING RETURNING sequence",
                &[log, key, at, &body.to_string()],
            )?;
            if let Some(row) = added {
                return Ok(Applied::Appended { sequence: row.get::<_, i64>(0) as u64 });
            }
            let row = transaction.query_one(
                "SELECT sequence FROM gv_entry WHERE log = $1 AND key = $2",
                &[log, key],
            )?;
            Ok(Applied::Duplicate { sequence: row.get::<_, i64>(0) as u64 })
        }
    }
}

fn expected(
    transaction: &mut Transaction<'_>,
    collection: &str,
    id: &str,
    expect: Expect,
) -> Result<Option<u64>, Stopped> {
    let found = transaction
        .query_opt(
            "SELECT version FROM gv_document WHERE collection = $1 AND id = $2",
            &[&collection, &id],
        )?
        .map(|row| row.get::<_, i64>(0) as u64);
    if expect.is_met(found) {
        return Ok(found);
    }
    Err(Stopped::Rule(Error::Conflict {
        collection: collection.to_owned(),
        id: id.to_owned(),
        expected: expect.describe(),
        found: found.map_or("no document".into(), |version| format!("version {version}")),
    }))
}

/// The searchable text of a document; `None` where its collection has none.
fn words(
    transaction: &mut Transaction<'_>,
    collection: &str,
    body: &Value,
) -> Result<Option<String>, Stopped> {
    let rows = transaction
        .query("SELECT field FROM gv_text_field WHERE collection = $1", &[&collection])?;
    let fields: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    Ok((!fields.is_empty()).then(|| searchable(&fields, Some(body)).join("\n")))
}

/// Checks a change before the server sees it.
fn check(change: &Change) -> Result<()> {
    match change {
        Change::Put { collection, id, body, .. } => {
            check_name("collection", collection)?;
            check_id(id)?;
            encode(body).map(drop)
        }
        Change::Delete { collection, .. } => check_name("collection", collection),
        Change::Append { log, key, body, .. } => {
            check_name("log", log)?;
            check_id(key)?;
            encode(body).map(drop)
        }
    }
}

/// Makes the conditions of a filter and the values for its parameters.
fn conditions(filter: &Filter) -> (String, Vec<Box<dyn ToSql + Sync>>) {
    let mut sql = String::new();
    let mut values: Vec<Box<dyn ToSql + Sync>> = Vec::new();
    for condition in &filter.conditions {
        let place = values.len() + 2;
        match condition {
            Condition::Equals(field, operand) => {
                let kind = match operand {
                    Operand::Text(text) => {
                        values.push(Box::new(text.clone()));
                        "text"
                    }
                    Operand::Number(number) => {
                        values.push(Box::new(*number));
                        "float8"
                    }
                    Operand::Bool(yes) => {
                        values.push(Box::new(*yes));
                        "boolean"
                    }
                };
                sql += &format!(" AND body->'{field}' = to_jsonb(${place}::{kind})");
            }
            Condition::AtLeast(field, number) | Condition::AtMost(field, number) => {
                let sign = if matches!(condition, Condition::AtLeast(..)) { ">=" } else { "<=" };
                values.push(Box::new(*number));
                sql += &format!(
                    " AND jsonb_typeof(body->'{field}') = 'number'
                      AND body->'{field}' {sign} to_jsonb(${place}::float8)"
                );
            }
        }
    }
    (sql, values)
}

fn parameters<'a>(
    first: &'a (dyn ToSql + Sync),
    values: &'a [Box<dyn ToSql + Sync>],
) -> Vec<&'a (dyn ToSql + Sync)> {
    std::iter::once(first).chain(values.iter().map(|value| &**value)).collect()
}

/// Makes the query of a filter and the values for its parameters.
fn select(
    what: &str,
    collection: &str,
    filter: &Filter,
) -> Result<(String, Vec<Box<dyn ToSql + Sync>>)> {
    filter.check()?;
    check_name("collection", collection)?;
    let (conditions, values) = conditions(filter);
    let order = match &filter.order {
        Some(order) if order.descending => {
            format!("body->'{}' DESC NULLS LAST, id", order.field)
        }
        Some(order) => {
            format!("nullif(body->'{}', 'null'::jsonb) ASC NULLS LAST, id", order.field)
        }
        None => "id".into(),
    };
    let mut sql = format!(
        "SELECT {what} FROM gv_document
         WHERE collection = '{collection}' AND $1::text IS NOT NULL{conditions} ORDER BY {order}"
    );
    if let Some(limit) = filter.limit {
        sql += &format!(" LIMIT {limit}");
    }
    if filter.offset > 0 {
        sql += &format!(" OFFSET {}", filter.offset);
    }
    Ok((sql, values))
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
            let columns: Vec<String> =
                fields.iter().map(|field| format!("(body->'{field}')")).collect();
            statements += &format!(
                "CREATE INDEX IF NOT EXISTS \"gv_{0}_by_{1}\" ON gv_document ({2}) \
                 WHERE collection = '{0}';",
                collection.name,
                fields.join("_"),
                columns.join(", "),
            );
        }
        for field in collection.text {
            statements += &format!(
                "INSERT INTO gv_text_field VALUES ('{}', '{field}') ON CONFLICT DO NOTHING;",
                collection.name
            );
        }
        self.with(|client| {
            let mut transaction = client.transaction()?;
            transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK])?;
            transaction.batch_execute(&statements)?;
            transaction.commit()
        })
    }

    fn apply(&self, changes: &[Change]) -> Result<Vec<Applied>> {
        changes.iter().try_for_each(check)?;
        self.with(|client| {
            let mut transaction = client.transaction()?;
            transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK])?;
            let mut applied = Vec::with_capacity(changes.len());
            for change in changes {
                match apply_one(&mut transaction, change) {
                    Ok(done) => applied.push(done),
                    Err(Stopped::Server(error)) => return Err(error),
                    // Dropping the transaction undoes the batch.
                    Err(Stopped::Rule(error)) => return Ok(Err(error)),
                }
            }
            transaction.commit()?;
            Ok(Ok(applied))
        })?
    }

    fn get(&self, collection: &str, id: &str) -> Result<Option<Document>> {
        let found = self.with(|client| {
            client.query(
                "SELECT id, version, body::text FROM gv_document WHERE collection = $1 AND id = $2",
                &[&collection, &id],
            )
        })?;
        Ok(self.documents(rows(found))?.pop())
    }

    fn find(&self, collection: &str, filter: &Filter) -> Result<Vec<Document>> {
        let (sql, values) = select("id, version, body::text", collection, filter)?;
        let found = self.with(|client| client.query(&sql, &parameters(&collection, &values)))?;
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
        self.with(|client| {
            let mut rows = client.query_raw(&sql, parameters(&collection, &values))?;
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
        filter.check()?;
        check_name("collection", collection)?;
        let (conditions, values) = conditions(filter);
        let sql =
            format!("SELECT count(*) FROM gv_document WHERE collection = $1::text{conditions}");
        let row = self.with(|client| client.query_one(&sql, &parameters(&collection, &values)))?;
        Ok(row.get::<_, i64>(0) as u64)
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
        let found = self.with(|client| {
            client.query(
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
        let found = self.with(|client| {
            client.query(
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

    fn backup(&self, _path: &Path) -> Result<()> {
        Err(Error::Unusable {
            store: self.shown.clone(),
            problem: "a server makes its backups itself: use pg_dump".into(),
            transient: false,
        })
    }
}
