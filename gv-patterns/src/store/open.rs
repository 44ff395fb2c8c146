//! From an address to a store.

use super::{Sqlite, Store};
use crate::Result;
use std::path::PathBuf;
use std::sync::Arc;

/// Opens the store at an address: `sqlite:///absolute/path`, `sqlite:relative/path`, a plain path,
/// `:memory:`, or `postgresql://user:password@host/database` (feature `postgres`).
///
/// A path that is a folder, or ends in a separator, means the file `geminivideo.db` in it; folders are
/// made where they are missing.
///
/// # Errors
///
/// [`Error::InvalidParameter`](crate::Error::InvalidParameter) for another scheme, [`Error::FeatureOff`](crate::Error::FeatureOff), and those of the engine.
pub fn open(address: &str) -> Result<Arc<dyn Store>> {
    if address == ":memory:" || address == "sqlite::memory:" || address == "sqlite://" {
        return Ok(Arc::new(Sqlite::in_memory()?));
    }
    if address.starts_with("postgresql://") || address.starts_with("postgres://") {
        return open_postgres(address);
    }
    let path = match address.split_once("://") {
        Some(("sqlite", path)) => path,
        Some((scheme, _)) => {
            return Err(crate::error::parameter(
                "store address",
                format!("of the scheme {scheme}"),
                "sqlite:///path, postgresql://host/database, a path, or :memory:",
            ));
        }
        None => address.strip_prefix("sqlite:").unwrap_or(address),
    };
    if path.is_empty() {
        return Err(crate::error::parameter(
            "store address",
            "empty",
            "sqlite:///path, postgresql://host/database, a path, or :memory:",
        ));
    }
    let mut file = PathBuf::from(path);
    if file.is_dir() || path.ends_with(std::path::MAIN_SEPARATOR) || path.ends_with('/') {
        file.push("geminivideo.db");
    }
    Ok(Arc::new(Sqlite::open(&file)?))
}

#[cfg(feature = "postgres")]
fn open_postgres(address: &str) -> Result<Arc<dyn Store>> {
    Ok(Arc::new(super::Postgres::open(address)?))
}

#[cfg(not(feature = "postgres"))]
fn open_postgres(address: &str) -> Result<Arc<dyn Store>> {
    let address = without_password(address);
    Err(crate::Error::FeatureOff { address, feature: "postgres" })
}

/// The address with the password left out.
pub(super) fn without_password(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    let rest = rest.split('?').next().unwrap_or(rest);
    match rest.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}@{host}")
        }
        None => format!("{scheme}://{rest}"),
    }
}

/// Opens the store that the environment names: `PATTERNS_DB_PATH` (an address as for [`open`]), else
/// `geminivideo.db` in `GV_DATA_DIR`, else in the user's data folder (`XDG_DATA_HOME`, or
/// `~/.local/share`).
///
/// # Errors
///
/// Those of [`open`]; [`Error::InvalidParameter`](crate::Error::InvalidParameter) where none of the variables is set and there is no home
/// folder.
pub fn open_default() -> Result<Arc<dyn Store>> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    if let Some(address) = set("PATTERNS_DB_PATH") {
        return open(&address.to_string_lossy());
    }
    let folder = match (set("GV_DATA_DIR"), set("XDG_DATA_HOME"), set("HOME"), set("APPDATA")) {
        (Some(folder), ..) => PathBuf::from(folder),
        (None, Some(data), ..) => PathBuf::from(data).join("geminivideo"),
        (None, None, Some(home), _) => PathBuf::from(home).join(".local/share/geminivideo"),
        (None, None, None, Some(data)) => PathBuf::from(data).join("geminivideo"),
        (None, None, None, None) => {
            return Err(crate::error::parameter(
                "PATTERNS_DB_PATH",
                "not set, and there is no home folder",
                "an address of a store",
            ));
        }
    };
    Ok(Arc::new(Sqlite::open(&folder.join("geminivideo.db"))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_stands_in_an_error() {
        for address in [
            "postgresql://ann:s3cret@db.example/ads",
            "postgres://ann:s3c@ret@db.example:5432/ads?password=s3cret",
        ] {
            let shown = without_password(address);
            assert!(!shown.contains("s3c") && shown.contains("db.example"), "{shown}");
        }
    }

    #[test]
    fn an_unknown_scheme_is_refused_with_the_known_ones() {
        let error = open("mysql://host/ads").unwrap_err();
        assert!(error.to_string().contains("of the scheme mysql"), "{error}");
    }
}
