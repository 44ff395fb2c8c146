//! The store: where predictions, campaigns, patterns and models are kept.

use crate::argument::{Place, free, object, optional_text, tell_text, text};
use crate::call::guard;
use crate::status::gv_status;
use geminivideo::patterns::store::{self, Store};
use std::ffi::c_char;
use std::path::Path;
use std::sync::Arc;

/// An open store; threads may share it. What was made with it keeps it open after gv_store_free.
#[derive(Debug)]
pub struct gv_store(pub(crate) Arc<dyn Store>);

impl gv_store {
    /// The store, for Rust programs that link this crate.
    pub fn store(&self) -> &dyn Store {
        &*self.0
    }
}

/// Opens a store, and makes it where there is none: a file, "sqlite:///path", ":memory:", "postgresql://user@host/database"
/// where the library was built with its feature postgres, or NULL for the usual place.
///
/// The usual place is the one in PATTERNS_DB_PATH, else geminivideo.db in GV_DATA_DIR, else in the user's data folder.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_store_open(
    address: *const c_char,
    store: *mut *mut gv_store,
) -> gv_status {
    guard(|| unsafe {
        let place = Place::new("store", store)?;
        place.give(gv_store(match optional_text("address", address)? {
            Some(address) => store::open(address)?,
            None => store::open_default()?,
        }));
        Ok(())
    })
}

/// Names the store, without a password. Free the text with gv_string_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_store_describe(
    store: *const gv_store,
    description: *mut *mut c_char,
) -> gv_status {
    unsafe { tell_text("store", store, "description", description, |store| Ok(store.0.describe())) }
}

/// Copies the store into a new file while it is in use.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_store_backup(store: *const gv_store, path: *const c_char) -> gv_status {
    guard(|| unsafe { Ok(object("store", store)?.0.backup(Path::new(text("path", path)?))?) })
}

/// Frees a store. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_store_free(store: *mut gv_store) {
    unsafe { free(store) };
}
