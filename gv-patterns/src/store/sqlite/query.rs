//! From filters to SQL.

use crate::store::filter::Operand;
use crate::store::{Condition, Filter};
use rusqlite::types::Value as Sql;

/// A field's value as SQLite sees it; written the same in indexes and queries, so that they meet.
pub(super) fn column(field: &str) -> String {
    format!("(body ->> '$.{field}')")
}

/// Makes the query of a filter and the values for its question marks.
pub(super) fn select(
    what: &str,
    collection: &str,
    filter: &Filter,
    ordered: bool,
) -> (String, Vec<Sql>) {
    // The name is checked; as a literal it lets SQLite use the collection's own indexes.
    let mut sql = format!("SELECT {what} FROM document WHERE collection = '{collection}'");
    let mut values = Vec::new();
    for condition in &filter.conditions {
        let (field, sign, value) = match condition {
            Condition::Equals(field, Operand::Text(text)) => (field, "=", Sql::Text(text.clone())),
            Condition::Equals(field, Operand::Number(number)) => (field, "=", Sql::Real(*number)),
            Condition::Equals(field, Operand::Bool(yes)) => {
                (field, "=", Sql::Integer(i64::from(*yes)))
            }
            Condition::AtLeast(field, number) => (field, ">=", Sql::Real(*number)),
            Condition::AtMost(field, number) => (field, "<=", Sql::Real(*number)),
        };
        sql += &format!(" AND {} {sign} ?", column(field));
        // A text is larger than any number in SQLite, and is not meant.
        if sign == ">=" {
            sql += &format!(" AND {} < ''", column(field));
        }
        values.push(value);
    }
    if !ordered {
        return (sql, values);
    }
    match &filter.order {
        Some(order) if order.descending => {
            sql += &format!(" ORDER BY {} DESC, id", column(&order.field));
        }
        Some(order) => {
            sql += &format!(" ORDER BY {} ASC NULLS LAST, id", column(&order.field));
        }
        None => sql += " ORDER BY id",
    }
    if filter.limit.is_some() || filter.offset > 0 {
        sql += " LIMIT ? OFFSET ?";
        values.push(Sql::Integer(filter.limit.map_or(-1, clamp)));
        values.push(Sql::Integer(clamp(filter.offset)));
    }
    (sql, values)
}

pub(super) fn clamp(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
