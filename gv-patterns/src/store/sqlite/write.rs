//! Changes on their way into the file: batches, transactions, and the index of words.

use super::Sqlite;
use super::group::Ticket;
use crate::store::filter::check_name;
use crate::store::rules::{check_id, encode, searchable};
use crate::store::{Applied, Change, Expect, Store};
use crate::{Error, Result};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use serde_json::Value;

impl Sqlite {
    /// Applies a batch in one transaction.
    pub(super) fn commit(
        &self,
        connection: &mut Connection,
        changes: &[Change],
    ) -> Result<Vec<Applied>> {
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|error| self.explain(error))?;
        let applied = self.apply_in(&transaction, changes)?;
        transaction.commit().map_err(|error| self.explain(error))?;
        Ok(applied)
    }

    /// Applies batches of several callers in one transaction; one that breaks a rule is undone alone.
    pub(super) fn commit_all(&self, connection: &mut Connection, tickets: &[Ticket]) {
        let mut results = Vec::with_capacity(tickets.len());
        let committed = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|error| self.explain(error))
            .and_then(|mut transaction| {
                for ticket in tickets {
                    let explain = |error| self.explain(error);
                    let savepoint = transaction.savepoint().map_err(explain)?;
                    let result = self.apply_in(&savepoint, ticket.changes());
                    if result.is_ok() {
                        savepoint.commit().map_err(explain)?;
                    } else {
                        savepoint.finish().map_err(explain)?;
                    }
                    results.push(result);
                }
                transaction.commit().map_err(|error| self.explain(error))
            });
        match committed {
            Ok(()) => {
                for (ticket, result) in tickets.iter().zip(results) {
                    ticket.settle(result);
                }
            }
            Err(error) => {
                for ticket in tickets {
                    ticket.settle(Err(again(&error)));
                }
            }
        }
    }

    /// What a caller is told whose batch another thread had taken and never settled.
    pub(super) fn unknown_outcome(&self) -> Error {
        Error::Unusable {
            store: self.describe(),
            problem: "the thread that wrote for this one ended; apply the same again".into(),
            transient: true,
        }
    }

    fn apply_in(&self, transaction: &Connection, changes: &[Change]) -> Result<Vec<Applied>> {
        changes.iter().map(|change| self.apply_one(transaction, change)).collect()
    }

    fn apply_one(&self, transaction: &Connection, change: &Change) -> Result<Applied> {
        let explain = |error| self.explain(error);
        match change {
            Change::Put { collection, id, expect, body } => {
                check_name("collection", collection)?;
                check_id(id)?;
                let body_text = encode(body)?;
                let found = self.expect(transaction, collection, id, *expect)?;
                let version = found.unwrap_or(0) + 1;
                let number = transaction
                    .prepare_cached(
                        "INSERT INTO document (collection, id, version, body) VALUES (?, ?, ?, ?)
                         ON CONFLICT (collection, id)
                         DO UPDATE SET version = excluded.version, body = excluded.body
                         RETURNING number",
                    )
                    .and_then(|mut put| {
                        put.query_row((collection, id, version as i64, &body_text), |row| {
                            row.get(0)
                        })
                    })
                    .map_err(explain)?;
                if let Some(words) = words(transaction, collection, body).map_err(explain)? {
                    index_words(transaction, number, found.is_some(), &words).map_err(explain)?;
                }
                Ok(Applied::Put { version })
            }
            Change::Delete { collection, id, expect } => {
                check_name("collection", collection)?;
                self.expect(transaction, collection, id, *expect)?;
                let gone: Option<i64> = transaction
                    .prepare_cached(
                        "DELETE FROM document WHERE collection = ? AND id = ? RETURNING number",
                    )
                    .and_then(|mut delete| {
                        delete.query_row((collection, id), |row| row.get(0)).optional()
                    })
                    .map_err(explain)?;
                if let Some(number) = gone {
                    index_words(transaction, number, true, "").map_err(explain)?;
                }
                Ok(Applied::Deleted)
            }
            Change::Append { log, key, at, body } => {
                check_name("log", log)?;
                check_id(key)?;
                let body = encode(body)?;
                let added = transaction
                    .prepare_cached(
                        "INSERT INTO entry (log, key, at, body) VALUES (?, ?, ?, ?)
                         ON CONFLICT (log, key) DO NOTHING",
                    )
                    .and_then(|mut append| append.execute((log, key, at, &body)))
                    .map_err(explain)?;
                if added == 1 {
                    let sequence = transaction.last_insert_rowid() as u64;
                    return Ok(Applied::Appended { sequence });
                }
                let sequence: i64 = transaction
                    .prepare_cached("SELECT sequence FROM entry WHERE log = ? AND key = ?")
                    .and_then(|mut find| find.query_row((log, key), |row| row.get(0)))
                    .map_err(explain)?;
                Ok(Applied::Duplicate { sequence: sequence as u64 })
            }
        }
    }

    /// Returns the version of a document if it is what is expected.
    fn expect(
        &self,
        transaction: &Connection,
        collection: &str,
        id: &str,
        expect: Expect,
    ) -> Result<Option<u64>> {
        let found: Option<i64> = transaction
            .prepare_cached("SELECT version FROM document WHERE collection = ? AND id = ?")
            .and_then(|mut find| find.query_row((collection, id), |row| row.get(0)).optional())
            .map_err(|error| self.explain(error))?;
        let found = found.map(|version| version as u64);
        if expect.is_met(found) {
            return Ok(found);
        }
        Err(Error::Conflict {
            collection: collection.to_owned(),
            id: id.to_owned(),
            expected: expect.describe(),
            found: found.map_or("no document".into(), |version| format!("version {version}")),
        })
    }
}

/// The same error for another caller.
fn again(error: &Error) -> Error {
    match error {
        Error::Corrupt { store, problem } => {
            Error::Corrupt { store: store.clone(), problem: problem.clone() }
        }
        Error::Unusable { store, problem, transient } => Error::Unusable {
            store: store.clone(),
            problem: problem.clone(),
            transient: *transient,
        },
        other => {
            Error::Unusable { store: "sqlite".into(), problem: other.to_string(), transient: false }
        }
    }
}

/// The searchable words of a document; `None` where its collection has no searchable fields.
fn words(
    transaction: &Connection,
    collection: &str,
    body: &Value,
) -> rusqlite::Result<Option<String>> {
    let fields: Vec<String> = transaction
        .prepare_cached("SELECT field FROM text_field WHERE collection = ?")?
        .query_map([collection], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    Ok((!fields.is_empty()).then(|| searchable(&fields, body).join("\n")))
}

/// Writes a document's words into the index, in place of those it had.
fn index_words(
    transaction: &Connection,
    number: i64,
    replaces: bool,
    words: &str,
) -> rusqlite::Result<()> {
    if replaces {
        transaction
            .prepare_cached("DELETE FROM document_text WHERE rowid = ?")?
            .execute([number])?;
    }
    if !words.is_empty() {
        transaction
            .prepare_cached("INSERT INTO document_text (rowid, words) VALUES (?, ?)")?
            .execute((number, words))?;
    }
    Ok(())
}
