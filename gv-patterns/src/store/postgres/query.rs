//! From filters to SQL.

use crate::Result;
use crate::store::filter::{Operand, check_name};
use crate::store::{Collection, Condition, Filter};
use postgres::types::ToSql;

/// The values for a query's parameters.
pub(super) type Values = Vec<Box<dyn ToSql + Sync>>;

/// The columns of an index for documents found by the first fields, ordered by the last.
pub(super) fn index(collection: &Collection, fields: &[&str]) -> String {
    let column = |field: &str| format!("(body->'{field}')");
    let columns: Vec<String> = fields.iter().map(|field| column(field)).collect();
    let carried: String =
        collection.carried_by(fields).map(|field| format!(", {}", column(field))).collect();
    // Written as `select` orders, so that the server reads the index from its beginning and stops.
    format!("{} DESC NULLS LAST, id{carried}", columns.join(", "))
}

/// Makes the part of a query from `WHERE` on, up to the order, and the values for its parameters.
fn matching(collection: &str, filter: &Filter) -> Result<(String, Values)> {
    filter.check()?;
    check_name("collection", collection)?;
    // The name is checked; as a literal it lets the server use the collection's own indexes.
    let mut sql = format!("WHERE collection = '{collection}'");
    let mut values: Values = Vec::new();
    for condition in &filter.conditions {
        let place = values.len() + 1;
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
    Ok((sql, values))
}

/// Borrows values as a query takes them.
pub(super) fn parameters(values: &Values) -> Vec<&(dyn ToSql + Sync)> {
    values.iter().map(|value| &**value).collect()
}

/// Makes the query that counts what a filter finds.
pub(super) fn count(collection: &str, filter: &Filter) -> Result<(String, Values)> {
    let (matching, values) = matching(collection, filter)?;
    Ok((format!("SELECT count(*) FROM gv_document {matching}"), values))
}

/// Makes the query of a filter.
pub(super) fn select(what: &str, collection: &str, filter: &Filter) -> Result<(String, Values)> {
    let (matching, values) = matching(collection, filter)?;
    let order = match &filter.order {
        Some(order) if order.descending => {
            format!("body->'{}' DESC NULLS LAST, id", order.field)
        }
        Some(order) => {
            format!("nullif(body->'{}', 'null'::jsonb) ASC NULLS LAST, id", order.field)
        }
        None => "id".into(),
    };
    let mut sql = format!("SELECT {what} FROM gv_document {matching} ORDER BY {order}");
    if let Some(limit) = filter.limit {
        sql += &format!(" LIMIT {limit}");
    }
    if filter.offset > 0 {
        sql += &format!(" OFFSET {}", filter.offset);
    }
    Ok((sql, values))
}
