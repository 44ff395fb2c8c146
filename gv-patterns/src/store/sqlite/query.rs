//! From filters to SQL.

use crate::store::filter::Operand;
use crate::store::{Collection, Condition, Filter};
use rusqlite::types::Value as Sql;

/// A field's value as SQLite sees it; written the same in indexes and queries, so that they meet.
pub(super) fn column(field: &str) -> String {
    format!("(body ->> '$.{field}')")
}

/// The statement that makes an index for documents found by the first fields, ordered by the last.
pub(super) fn make_index(collection: &Collection, fields: &[&str]) -> String {
    let columns: Vec<String> = fields.iter().map(|field| column(field)).collect();
    // Written as `select` orders, so that SQLite reads the index from its beginning and stops.
    let carried: String =
        collection.carried_by(fields).map(|field| format!(", {}", column(field))).collect();
    format!(
        "CREATE INDEX IF NOT EXISTS {} ON document ({} DESC, id{carried}) WHERE collection = '{}';",
        index_name(collection, fields),
        columns.join(", "),
        collection.name,
    )
}

/// The index in whose order a filter's documents come. It is named in the query: SQLite's own choice goes by conditions
/// alone, and then sorts all that meets them for a few.
pub(super) fn index_for(collection: &Collection, filter: &Filter) -> Option<String> {
    collection.index_in_order(filter).map(|fields| index_name(collection, fields))
}

fn index_name(collection: &Collection, fields: &[&str]) -> String {
    format!("\"{}_by_{}\"", collection.name, fields.join("_"))
}

/// Makes the query of a filter and the values for its question marks.
pub(super) fn select(
    what: &str,
    collection: &str,
    filter: &Filter,
    ordered: bool,
    index: Option<String>,
) -> (String, Vec<Sql>) {
    let by = index.map(|name| format!(" INDEXED BY {name}")).unwrap_or_default();
    // The name is checked; as a literal it lets SQLite use the collection's own indexes.
    let mut sql = format!("SELECT {what} FROM document{by} WHERE collection = '{collection}'");
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
