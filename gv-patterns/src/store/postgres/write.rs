//! Changes on their way to the server.

use super::session::{Session, Statements};
use super::{LOCK, Postgres};
use crate::store::filter::check_name;
use crate::store::rules::{check_id, encode, searchable};
use crate::store::{Applied, Change, Expect};
use crate::{Error, Result};
use postgres::types::ToSql;
use postgres::{Row, Transaction};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// Changes that one statement does at most.
const LONGEST_RUN: usize = 1000;

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

/// A batch on its way.
struct Batch<'a> {
    transaction: Transaction<'a>,
    statements: &'a mut Statements,
    /// The searchable fields of the collections met so far.
    text_fields: HashMap<String, Vec<String>>,
}

impl Postgres {
    /// Applies a batch in one transaction.
    pub(super) fn commit(&self, changes: &[Change]) -> Result<Vec<Applied>> {
        changes.iter().try_for_each(check)?;
        self.with(|Session { client, statements, .. }| {
            let transaction = client.transaction()?;
            let mut batch = Batch { transaction, statements, text_fields: HashMap::new() };
            batch.query("SELECT pg_advisory_xact_lock($1)", &[&LOCK])?;
            let mut applied = Vec::with_capacity(changes.len());
            for run in runs(changes) {
                match batch.apply_run(run) {
                    Ok(done) => applied.extend(done),
                    Err(Stopped::Server(error)) => return Err(error),
                    // Dropping the transaction undoes the batch.
                    Err(Stopped::Rule(error)) => return Ok(Err(error)),
                }
            }
            batch.transaction.commit()?;
            Ok(Ok(applied))
        })?
    }
}

impl Batch<'_> {
    fn query(
        &mut self,
        sql: &str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, postgres::Error> {
        self.statements.query(&mut self.transaction, sql, values)
    }

    /// Applies changes that are alike, in one round trip where they are several.
    fn apply_run(&mut self, run: &[Change]) -> Result<Vec<Applied>, Stopped> {
        match run {
            [Change::Put { collection, .. }, _, ..] => self.put_all(collection, run),
            [Change::Append { log, .. }, _, ..] => Ok(self.append_all(log, run)?),
            _ => run.iter().map(|change| self.apply(change)).collect(),
        }
    }

    fn put_all(&mut self, collection: &str, run: &[Change]) -> Result<Vec<Applied>, Stopped> {
        let (mut ids, mut bodies, mut words) = (Vec::new(), Vec::new(), Vec::new());
        for change in run {
            if let Change::Put { id, body, .. } = change {
                ids.push(id.as_str());
                bodies.push(body.to_string());
                words.push(self.words(collection, body)?);
            }
        }
        let written = self.query(
            "INSERT INTO gv_document AS d (collection, id, version, body, words)
             SELECT $1, t.id, 1, t.body::jsonb, to_tsvector('simple', t.words)
             FROM unnest($2::text[], $3::text[], $4::text[]) AS t (id, body, words)
             ON CONFLICT (collection, id) DO UPDATE
             SET version = d.version + 1, body = excluded.body, words = excluded.words
             RETURNING id, version",
            &[&collection, &ids, &bodies, &words],
        )?;
        let versions: HashMap<&str, i64> =
            written.iter().map(|row| (row.get(0), row.get(1))).collect();
        let version = |id| versions.get(id).copied().unwrap_or(0) as u64;
        Ok(ids.into_iter().map(|id| Applied::Put { version: version(id) }).collect())
    }

    fn append_all(&mut self, log: &str, run: &[Change]) -> Result<Vec<Applied>, postgres::Error> {
        let (mut keys, mut times, mut bodies) = (Vec::new(), Vec::new(), Vec::new());
        for change in run {
            if let Change::Append { key, at, body, .. } = change {
                keys.push(key.as_str());
                times.push(*at);
                bodies.push(body.to_string());
            }
        }
        let added = self.query(
            "INSERT INTO gv_entry (log, key, at, body)
             SELECT $1, t.key, t.at, t.body::jsonb
             FROM unnest($2::text[], $3::bigint[], $4::text[]) WITH ORDINALITY AS t (key, at, body, place)
             ORDER BY t.place
             ON CONFLICT (log, key) DO NOTHING RETURNING key, sequence",
            &[&log, &keys, &times, &bodies],
        )?;
        let added: HashMap<&str, i64> = added.iter().map(|row| (row.get(0), row.get(1))).collect();
        let there: Vec<&str> =
            keys.iter().copied().filter(|key| !added.contains_key(key)).collect();
        let found = if there.is_empty() {
            Vec::new()
        } else {
            self.query(
                "SELECT key, sequence FROM gv_entry WHERE log = $1 AND key = ANY($2)",
                &[&log, &there],
            )?
        };
        let found: HashMap<&str, i64> = found.iter().map(|row| (row.get(0), row.get(1))).collect();
        let applied = |key: &str| match added.get(key) {
            Some(&sequence) => Applied::Appended { sequence: sequence as u64 },
            None => Applied::Duplicate { sequence: found.get(key).copied().unwrap_or(0) as u64 },
        };
        Ok(keys.into_iter().map(applied).collect())
    }

    fn apply(&mut self, change: &Change) -> Result<Applied, Stopped> {
        match change {
            Change::Put { collection, id, expect, body } => self.put(collection, id, *expect, body),
            Change::Delete { collection, id, expect } => {
                if *expect != Expect::Any {
                    let found = self.version(collection, id)?;
                    if !expect.is_met(found) {
                        return Err(conflict(collection, id, *expect, found));
                    }
                }
                self.query(
                    "DELETE FROM gv_document WHERE collection = $1 AND id = $2",
                    &[collection, id],
                )?;
                Ok(Applied::Deleted)
            }
            Change::Append { log, key, at, body } => {
                let added = self.query(
                    "INSERT INTO gv_entry (log, key, at, body) VALUES ($1, $2, $3, $4::text::jsonb)
                     ON CONFLICT (log, key) DO NOTHING RETURNING sequence",
                    &[log, key, at, &body.to_string()],
                )?;
                if let Some(row) = added.first() {
                    return Ok(Applied::Appended { sequence: row.get::<_, i64>(0) as u64 });
                }
                let found = self.query(
                    "SELECT sequence FROM gv_entry WHERE log = $1 AND key = $2",
                    &[log, key],
                )?;
                let sequence = found.first().map_or(0, |row| row.get::<_, i64>(0));
                Ok(Applied::Duplicate { sequence: sequence as u64 })
            }
        }
    }

    /// Writes a document in one round trip; only where nothing was written it asks why.
    fn put(
        &mut self,
        collection: &str,
        id: &str,
        expect: Expect,
        body: &Value,
    ) -> Result<Applied, Stopped> {
        let insert = "INSERT INTO gv_document AS d (collection, id, version, body, words)
                      VALUES ($1, $2, 1, $3::text::jsonb, to_tsvector('simple', $4))
                      ON CONFLICT (collection, id) DO";
        let words = self.words(collection, body)?;
        let text = body.to_string();
        let written = match expect {
            Expect::Any => self.query(
                &format!(
                    "{insert} UPDATE SET version = d.version + 1, body = excluded.body,
                         words = excluded.words RETURNING version"
                ),
                &[&collection, &id, &text, &words],
            )?,
            Expect::Absent => self.query(
                &format!("{insert} NOTHING RETURNING version"),
                &[&collection, &id, &text, &words],
            )?,
            Expect::Version(version) => self.query(
                "UPDATE gv_document SET version = version + 1, body = $3::text::jsonb,
                     words = to_tsvector('simple', $4)
                 WHERE collection = $1 AND id = $2 AND version = $5 RETURNING version",
                &[&collection, &id, &text, &words, &i64::try_from(version).unwrap_or(i64::MAX)],
            )?,
        };
        match written.first() {
            Some(row) => Ok(Applied::Put { version: row.get::<_, i64>(0) as u64 }),
            None => Err(conflict(collection, id, expect, self.version(collection, id)?)),
        }
    }

    fn version(&mut self, collection: &str, id: &str) -> Result<Option<u64>, postgres::Error> {
        let found = self.query(
            "SELECT version FROM gv_document WHERE collection = $1 AND id = $2",
            &[&collection, &id],
        )?;
        Ok(found.first().map(|row| row.get::<_, i64>(0) as u64))
    }

    /// The searchable text of a document; `None` where its collection has none.
    fn words(&mut self, collection: &str, body: &Value) -> Result<Option<String>, postgres::Error> {
        if !self.text_fields.contains_key(collection) {
            let rows = self
                .query("SELECT field FROM gv_text_field WHERE collection = $1", &[&collection])?;
            let fields = rows.iter().map(|row| row.get(0)).collect();
            self.text_fields.insert(collection.to_owned(), fields);
        }
        let fields = self.text_fields.get(collection).filter(|fields| !fields.is_empty());
        Ok(fields.map(|fields| searchable(fields, body).join("\n")))
    }
}

/// Parts of a batch that one statement can do: documents for one collection whatever was there, or entries of one log, none
/// of them twice; any other change is a part of its own.
fn runs(changes: &[Change]) -> Vec<&[Change]> {
    let (mut runs, mut begin) = (Vec::new(), 0);
    let mut names: HashSet<&str> = HashSet::new();
    for (place, change) in changes.iter().enumerate() {
        let goes_on = place - begin < LONGEST_RUN && is_alike(&changes[begin], change);
        if !(goes_on && names.insert(name(change))) {
            runs.push(&changes[begin..place]);
            begin = place;
            names = HashSet::from([name(change)]);
        }
    }
    runs.push(&changes[begin..]);
    runs.retain(|run| !run.is_empty());
    runs
}

fn name(change: &Change) -> &str {
    match change {
        Change::Put { id, .. } | Change::Delete { id, .. } => id,
        Change::Append { key, .. } => key,
    }
}

fn is_alike(first: &Change, next: &Change) -> bool {
    match (first, next) {
        (
            Change::Put { collection, expect: Expect::Any, .. },
            Change::Put { collection: same, expect: Expect::Any, .. },
        ) => collection == same,
        (Change::Append { log, .. }, Change::Append { log: same, .. }) => log == same,
        _ => false,
    }
}

fn conflict(collection: &str, id: &str, expect: Expect, found: Option<u64>) -> Stopped {
    Stopped::Rule(Error::Conflict {
        collection: collection.to_owned(),
        id: id.to_owned(),
        expected: expect.describe(),
        found: found.map_or("no document".into(), |version| format!("version {version}")),
    })
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
