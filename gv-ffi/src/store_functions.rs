//! A store of the program's own.
//!
//! The program keeps documents and logs; filters, orders, searches and all rules are the library's. A document is a JSON
//! object with an id and a version in a named collection; a log is a sequence of entries with a key each.

use crate::argument::{Place, Visible, json, object_mut, record, text};
use crate::call::{Failure, c_string, caught, guard, take_explanation};
use crate::callback::Userdata;
use crate::status::{GV_CONFLICT, GV_OK, GV_TIMEOUT, GV_TRANSPORT, gv_status};
use crate::store::gv_store;
use geminivideo::patterns::store::{
    Applied, Change, Document, Entry, Expect, Filtered, LeastStore,
};
use geminivideo::patterns::{Error, Result};
use serde_json::Value;
use std::ffi::{CString, c_char, c_void};
use std::mem::size_of;
use std::path::Path;
use std::sync::Arc;

/// Writes a document: version 1 where there is none, else one more than its version.
pub const GV_STORE_PUT: u32 = 0;
/// Removes a document; where there is none and that is allowed, nothing happens.
pub const GV_STORE_DELETE: u32 = 1;
/// Adds an entry to a log, unless its key is there.
pub const GV_STORE_APPEND: u32 = 2;

/// Anything may be there, or nothing.
pub const GV_EXPECT_ANY: u32 = 0;
/// There must be no such document.
pub const GV_EXPECT_ABSENT: u32 = 1;
/// The document must have the version expected_version.
pub const GV_EXPECT_VERSION: u32 = 2;

/// One change of a batch; lent for the call.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_store_change {
    /// sizeof(gv_store_change) of the library that runs; the same for every change of a batch.
    pub struct_size: u32,
    /// What to do: GV_STORE_PUT, ..._DELETE or ..._APPEND.
    pub kind: u32,
    /// What must be there before: GV_EXPECT_...; not for GV_STORE_APPEND.
    pub expect: u32,
    /// 0; keeps what follows in place.
    pub reserved: u32,
    /// The version for GV_EXPECT_VERSION.
    pub expected_version: u64,
    /// Which collection, or which log: lower-case letters, digits and underscores.
    pub collection: *const c_char,
    /// Which document, or the key of the entry: 1 to 512 bytes.
    pub id: *const c_char,
    /// The JSON object; NULL for GV_STORE_DELETE.
    pub body: *const c_char,
    /// When it happened, in milliseconds since 1970; GV_STORE_APPEND only.
    pub at_ms: i64,
}

/// A program's store. All functions may be called by several threads at once; a C++ exception must not leave one.
///
/// They return GV_OK; GV_CONFLICT where a document is not as expected (apply only); GV_TRANSPORT or GV_TIMEOUT where trying
/// again may help; any other status where the store cannot be used. gv_explain says why.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_store_functions {
    /// sizeof(gv_store_functions).
    pub struct_size: u32,
    /// 0; keeps what follows in place.
    pub reserved: u32,
    /// Its name in messages, without a password.
    pub name: *const c_char,
    /// Applies len changes, all or none, durably before it returns; batches of several threads do not interleave. For each
    /// change in turn it calls gv_store_reply_applied.
    pub apply: Option<
        unsafe extern "C-unwind" fn(
            changes: *const gv_store_change,
            len: usize,
            reply: *mut gv_store_reply,
            userdata: *mut c_void,
        ) -> gv_status,
    >,
    /// Hands a document to gv_store_reply_document; where there is none it hands over nothing.
    pub get: Option<
        unsafe extern "C-unwind" fn(
            collection: *const c_char,
            id: *const c_char,
            reply: *mut gv_store_reply,
            userdata: *mut c_void,
        ) -> gv_status,
    >,
    /// Hands every document of a collection to gv_store_reply_document, in any order.
    pub each: Option<
        unsafe extern "C-unwind" fn(
            collection: *const c_char,
            reply: *mut gv_store_reply,
            userdata: *mut c_void,
        ) -> gv_status,
    >,
    /// Hands up to limit entries of a log that come after a sequence number, 0 for the beginning, to gv_store_reply_entry,
    /// in their order.
    pub read_log: Option<
        unsafe extern "C-unwind" fn(
            log: *const c_char,
            after: u64,
            limit: usize,
            reply: *mut gv_store_reply,
            userdata: *mut c_void,
        ) -> gv_status,
    >,
    /// Copies the store into a new file; may be NULL: the store then has tools of its own for that.
    pub backup: Option<
        unsafe extern "C-unwind" fn(path: *const c_char, userdata: *mut c_void) -> gv_status,
    >,
    /// Handed to every function.
    pub userdata: *mut c_void,
    /// Called once, when nothing uses userdata any more; may be NULL.
    pub drop: Option<unsafe extern "C-unwind" fn(userdata: *mut c_void)>,
}

unsafe impl Visible for gv_store_functions {}

/// Where a program's store puts what it found; lent for the call, and used by its thread only.
pub struct gv_store_reply(Answer);

enum Answer {
    Changes { changes: usize, applied: Vec<Applied>, kinds: Vec<u32> },
    Documents(*mut (dyn FnMut(Document) + 'static)),
    Entries(Vec<Entry>),
}

impl std::fmt::Debug for gv_store_reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("gv_store_reply")
    }
}

/// Makes a store out of a program's functions. On an error drop is not called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_store_new(
    functions: *const gv_store_functions,
    store: *mut *mut gv_store,
) -> gv_status {
    guard(|| unsafe {
        let given = record("functions", functions)?;
        let missing = |name: &str| Failure::invalid(format!("functions.{name} is NULL"));
        let name = text("functions.name", given.name)?.to_owned();
        let apply = given.apply.ok_or_else(|| missing("apply"))?;
        let get = given.get.ok_or_else(|| missing("get"))?;
        let each = given.each.ok_or_else(|| missing("each"))?;
        let read_log = given.read_log.ok_or_else(|| missing("read_log"))?;
        let place = Place::new("store", store)?;
        let functions = Functions {
            name,
            apply,
            get,
            each,
            read_log,
            backup: given.backup,
            userdata: Userdata::new(given.userdata, given.drop),
        };
        place.give(gv_store(Arc::new(Filtered::new(functions))));
        Ok(())
    })
}

/// Says what became of the next change of a batch: number is the version of the document (GV_STORE_PUT), the sequence number
/// of the entry (GV_STORE_APPEND, larger than those of all entries before it), or 0. was_there is 1 where the entry's key was
/// there before; number is then that entry's, and it was not touched.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_store_reply_applied(
    reply: *mut gv_store_reply,
    number: u64,
    was_there: u32,
) -> gv_status {
    guard(|| unsafe {
        let Answer::Changes { changes, applied, kinds } = &mut object_mut("reply", reply)?.0 else {
            return Err(Failure::invalid("no changes are being applied"));
        };
        let Some(&kind) = kinds.get(applied.len()) else {
            return Err(Failure::invalid(format!("there are only {changes} changes")));
        };
        applied.push(match (kind, was_there) {
            (GV_STORE_PUT, 0) => Applied::Put { version: number },
            (GV_STORE_DELETE, 0) => Applied::Deleted,
            (GV_STORE_APPEND, 0) => Applied::Appended { sequence: number },
            (GV_STORE_APPEND, 1) => Applied::Duplicate { sequence: number },
            _ => {
                let message = format!("was_there is {was_there}, allowed is 0, or 1 for an entry");
                return Err(Failure::invalid(message));
            }
        });
        Ok(())
    })
}

/// Hands over a document. body is the JSON object as it was put.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_store_reply_document(
    reply: *mut gv_store_reply,
    id: *const c_char,
    version: u64,
    body: *const c_char,
) -> gv_status {
    guard(|| unsafe {
        let Answer::Documents(visit) = &mut object_mut("reply", reply)?.0 else {
            return Err(Failure::invalid("no documents are asked for"));
        };
        let id = text("id", id)?.to_owned();
        let body: Value = json("body", body)?;
        (**visit)(Document { id, version, body });
        Ok(())
    })
}

/// Hands over an entry of a log.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_store_reply_entry(
    reply: *mut gv_store_reply,
    sequence: u64,
    key: *const c_char,
    at_ms: i64,
    body: *const c_char,
) -> gv_status {
    guard(|| unsafe {
        let Answer::Entries(entries) = &mut object_mut("reply", reply)?.0 else {
            return Err(Failure::invalid("no entries are asked for"));
        };
        let key = text("key", key)?.to_owned();
        let body: Value = json("body", body)?;
        entries.push(Entry { sequence, key, at: at_ms, body });
        Ok(())
    })
}

/// A program's functions as an engine.
#[derive(Debug)]
struct Functions {
    name: String,
    apply: unsafe extern "C-unwind" fn(
        *const gv_store_change,
        usize,
        *mut gv_store_reply,
        *mut c_void,
    ) -> gv_status,
    get: unsafe extern "C-unwind" fn(
        *const c_char,
        *const c_char,
        *mut gv_store_reply,
        *mut c_void,
    ) -> gv_status,
    each: unsafe extern "C-unwind" fn(*const c_char, *mut gv_store_reply, *mut c_void) -> gv_status,
    read_log: unsafe extern "C-unwind" fn(
        *const c_char,
        u64,
        usize,
        *mut gv_store_reply,
        *mut c_void,
    ) -> gv_status,
    backup: Option<unsafe extern "C-unwind" fn(*const c_char, *mut c_void) -> gv_status>,
    userdata: Userdata,
}

impl Functions {
    /// Calls a function; its status, or panic, becomes the error it stands for.
    fn ask(&self, call: impl FnOnce(*mut c_void) -> gv_status) -> Result<()> {
        drop(take_explanation());
        let status = caught(|| Ok(call(self.userdata.pointer())));
        let said = take_explanation();
        let (problem, transient) = match status {
            Ok(GV_OK) => return Ok(()),
            Ok(GV_CONFLICT) => {
                return Err(Error::Conflict {
                    collection: self.name.clone(),
                    id: "a document of the batch".into(),
                    expected: "what the change says".into(),
                    found: said.unwrap_or_else(|| "something else".into()),
                });
            }
            Ok(status) => {
                let message = said.unwrap_or_else(|| format!("its function ends with {status}"));
                (message, matches!(status, GV_TRANSPORT | GV_TIMEOUT))
            }
            // A function that fails in the middle may have changed something.
            Err(panic) => (panic.message, true),
        };
        Err(self.unusable(problem, transient))
    }

    fn unusable(&self, problem: impl Into<String>, transient: bool) -> Error {
        Error::Unusable { store: self.name.clone(), problem: problem.into(), transient }
    }
}

impl LeastStore for Functions {
    fn describe(&self) -> String {
        self.name.clone()
    }

    fn apply(&self, changes: &[Change]) -> Result<Vec<Applied>> {
        let texts: Vec<Texts> = changes.iter().map(Texts::of).collect();
        let given: Vec<gv_store_change> =
            changes.iter().zip(&texts).map(|(change, texts)| texts.lend(change)).collect();
        let mut reply = gv_store_reply(Answer::Changes {
            changes: changes.len(),
            applied: Vec::new(),
            kinds: given.iter().map(|change| change.kind).collect(),
        });
        self.ask(|userdata| unsafe {
            (self.apply)(given.as_ptr(), given.len(), &raw mut reply, userdata)
        })?;
        match reply.0 {
            Answer::Changes { applied, .. } if applied.len() == changes.len() => Ok(applied),
            Answer::Changes { applied, .. } => {
                let problem = format!("it tells of {} of {} changes", applied.len(), changes.len());
                Err(self.unusable(problem, false))
            }
            _ => Ok(Vec::new()),
        }
    }

    fn get(&self, collection: &str, id: &str) -> Result<Option<Document>> {
        let (collection, id) = (c_string(collection), c_string(id));
        let mut found = None;
        let mut take = |document: Document| found = Some(document);
        self.documents(&mut take, |reply, userdata| unsafe {
            (self.get)(collection.as_ptr(), id.as_ptr(), reply, userdata)
        })?;
        Ok(found)
    }

    fn each(&self, collection: &str, visit: &mut dyn FnMut(Document)) -> Result<()> {
        let collection = c_string(collection);
        self.documents(visit, |reply, userdata| unsafe {
            (self.each)(collection.as_ptr(), reply, userdata)
        })
    }

    fn read_log(&self, log: &str, after: u64, limit: usize) -> Result<Vec<Entry>> {
        let log = c_string(log);
        let mut reply = gv_store_reply(Answer::Entries(Vec::new()));
        self.ask(|userdata| unsafe {
            (self.read_log)(log.as_ptr(), after, limit, &raw mut reply, userdata)
        })?;
        let Answer::Entries(mut entries) = reply.0 else { return Ok(Vec::new()) };
        entries.truncate(limit);
        Ok(entries)
    }

    fn backup(&self, path: &Path) -> Result<()> {
        let Some(backup) = self.backup else {
            return Err(self.unusable("it has tools of its own for backups", false));
        };
        let path = c_string(&path.to_string_lossy());
        self.ask(|userdata| unsafe { backup(path.as_ptr(), userdata) })
    }
}

impl Functions {
    fn documents(
        &self,
        visit: &mut dyn FnMut(Document),
        call: impl FnOnce(*mut gv_store_reply, *mut c_void) -> gv_status,
    ) -> Result<()> {
        let visit: *mut dyn FnMut(Document) = visit;
        // The reply does not outlive this call, and neither does whoever the program's function hands it to.
        let visit = unsafe {
            std::mem::transmute::<*mut dyn FnMut(Document), *mut (dyn FnMut(Document) + 'static)>(
                visit,
            )
        };
        let mut reply = gv_store_reply(Answer::Documents(visit));
        self.ask(|userdata| call(&raw mut reply, userdata))
    }
}

/// The texts of a change, NUL-terminated.
struct Texts {
    collection: CString,
    id: CString,
    body: Option<CString>,
}

impl Texts {
    fn of(change: &Change) -> Self {
        let (collection, id, body) = match change {
            Change::Put { collection, id, body, .. } => (collection, id, Some(body)),
            Change::Delete { collection, id, .. } => (collection, id, None),
            Change::Append { log, key, body, .. } => (log, key, Some(body)),
        };
        let body = body.map(|body| c_string(&body.to_string()));
        Self { collection: c_string(collection), id: c_string(id), body }
    }

    fn lend(&self, change: &Change) -> gv_store_change {
        let (expect, expected_version) = match change {
            Change::Put { expect, .. } | Change::Delete { expect, .. } => match expect {
                Expect::Any => (GV_EXPECT_ANY, 0),
                Expect::Absent => (GV_EXPECT_ABSENT, 0),
                Expect::Version(version) => (GV_EXPECT_VERSION, *version),
            },
            Change::Append { .. } => (GV_EXPECT_ANY, 0),
        };
        let (kind, at_ms) = match change {
            Change::Put { .. } => (GV_STORE_PUT, 0),
            Change::Delete { .. } => (GV_STORE_DELETE, 0),
            Change::Append { at, .. } => (GV_STORE_APPEND, *at),
        };
        gv_store_change {
            struct_size: size_of::<gv_store_change>() as u32,
            kind,
            expect,
            reserved: 0,
            expected_version,
            collection: self.collection.as_ptr(),
            id: self.id.as_ptr(),
            body: self.body.as_ref().map_or(std::ptr::null(), |body| body.as_ptr()),
            at_ms,
        }
    }
}
