//! A connection and what the server has prepared for it.

use postgres::types::ToSql;
use postgres::{Client, GenericClient, NoTls, Row, Statement};
use std::collections::HashMap;

/// Prepared statements that a connection keeps before it forgets all of them.
const MOST_STATEMENTS: usize = 256;

/// A connection.
pub(super) struct Session {
    pub(super) client: Client,
    pub(super) statements: Statements,
    /// Whether the server avoids sorting.
    in_order: bool,
}

/// What the server has parsed and planned for a connection, by text.
#[derive(Default)]
pub(super) struct Statements(HashMap<String, Statement>);

impl Session {
    pub(super) fn open(address: &str) -> Result<Self, postgres::Error> {
        let client = Client::connect(address, NoTls)?;
        Ok(Self { client, statements: Statements::default(), in_order: false })
    }

    /// Has the server read an index in the order that is asked for rather than sort, or leaves it the choice. It does not
    /// know how conditions on fields of documents go together, expects one document where thousands meet them, and then
    /// fetches all of them to sort out a few.
    pub(super) fn prefer_order(&mut self, in_order: bool) -> Result<(), postgres::Error> {
        if self.in_order != in_order {
            let set = if in_order { "SET enable_sort = off" } else { "RESET enable_sort" };
            self.client.batch_execute(set)?;
            self.in_order = in_order;
        }
        Ok(())
    }

    pub(super) fn query(
        &mut self,
        sql: &str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, postgres::Error> {
        self.statements.query(&mut self.client, sql, values)
    }
}

impl Statements {
    /// Runs a query on the connection that the statements belong to, or in its transaction.
    pub(super) fn query(
        &mut self,
        client: &mut impl GenericClient,
        sql: &str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, postgres::Error> {
        let statement = self.prepare(client, sql)?;
        client.query(&statement, values)
    }

    pub(super) fn prepare(
        &mut self,
        client: &mut impl GenericClient,
        sql: &str,
    ) -> Result<Statement, postgres::Error> {
        if let Some(known) = self.0.get(sql) {
            return Ok(known.clone());
        }
        if self.0.len() >= MOST_STATEMENTS {
            self.0.clear();
        }
        let statement = client.prepare(sql)?;
        self.0.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}
