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
}

/// What the server has parsed and planned for a connection, by text.
#[derive(Default)]
pub(super) struct Statements(HashMap<String, Statement>);

impl Session {
    pub(super) fn open(address: &str) -> Result<Self, postgres::Error> {
        let client = Client::connect(address, NoTls)?;
        Ok(Self { client, statements: Statements::default() })
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
