//! A store that a program plugs in keeps to the contract of all stores; what it says is said on.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail where they should")]
#![allow(unsafe_code, reason = "the tests call what C calls")]

mod called;

use called::message;
use geminivideo::patterns::testing::store_suite;
use geminivideo::patterns::{Error, store};
use gv_ffi::ad_insights::*;
use gv_ffi::ad_platform::*;
use gv_ffi::status::*;
use gv_ffi::store::*;
use gv_ffi::store_functions::*;
use gv_ffi::winning_patterns_db::*;
use std::ffi::{CStr, CString, c_char, c_void};
use std::mem::{MaybeUninit, size_of};
use std::ptr::{null, null_mut};
use std::sync::Mutex;

fn read(text: *const c_char) -> String {
    unsafe { CStr::from_ptr(text) }.to_str().unwrap().to_owned()
}

/// What a program might keep: documents and entries in two lists.
#[derive(Debug, Default, Clone)]
struct Kept {
    documents: Vec<(String, CString, u64, CString)>,
    entries: Vec<(String, u64, CString, i64, CString)>,
}

type Own = Mutex<Kept>;

fn own<'a>(userdata: *mut c_void) -> &'a Own {
    unsafe { &*userdata.cast::<Own>() }
}

impl Kept {
    fn change(&mut self, change: &gv_store_change, reply: *mut gv_store_reply) -> gv_status {
        let (name, id) = (read(change.collection), read(change.id));
        let id = CString::new(id).unwrap();
        if change.kind == GV_STORE_APPEND {
            let there = self.entries.iter().find(|entry| entry.0 == name && entry.2 == id);
            if let Some(&(_, sequence, ..)) = there {
                return unsafe { gv_store_reply_applied(reply, sequence, 1) };
            }
            let sequence = self.entries.len() as u64 + 1;
            let body = CString::new(read(change.body)).unwrap();
            self.entries.push((name, sequence, id, change.at_ms, body));
            return unsafe { gv_store_reply_applied(reply, sequence, 0) };
        }
        let place =
            self.documents.iter().position(|document| document.0 == name && document.1 == id);
        let version = place.map_or(0, |place| self.documents[place].2);
        let expected = match change.expect {
            GV_EXPECT_ANY => true,
            GV_EXPECT_ABSENT => version == 0,
            _ => version == change.expected_version,
        };
        if !expected {
            unsafe { gv_explain(c"another version".as_ptr()) };
            return GV_CONFLICT;
        }
        if change.kind == GV_STORE_DELETE {
            self.documents.retain(|document| document.0 != name || document.1 != id);
            return unsafe { gv_store_reply_applied(reply, 0, 0) };
        }
        let body = CString::new(read(change.body)).unwrap();
        self.documents.retain(|document| document.0 != name || document.1 != id);
        self.documents.push((name, id, version + 1, body));
        unsafe { gv_store_reply_applied(reply, version + 1, 0) }
    }
}

unsafe extern "C-unwind" fn apply(
    changes: *const gv_store_change,
    len: usize,
    reply: *mut gv_store_reply,
    userdata: *mut c_void,
) -> gv_status {
    let mut kept = own(userdata).lock().unwrap();
    let mut next = kept.clone();
    for change in unsafe { std::slice::from_raw_parts(changes, len) } {
        let status = next.change(change, reply);
        if status != GV_OK {
            return status;
        }
    }
    *kept = next;
    GV_OK
}

unsafe extern "C-unwind" fn get(
    collection: *const c_char,
    id: *const c_char,
    reply: *mut gv_store_reply,
    userdata: *mut c_void,
) -> gv_status {
    let (name, wanted) = (read(collection), read(id));
    for (collection, id, version, body) in &own(userdata).lock().unwrap().documents {
        if *collection == name && id.to_str().unwrap() == wanted {
            return unsafe { gv_store_reply_document(reply, id.as_ptr(), *version, body.as_ptr()) };
        }
    }
    GV_OK
}

unsafe extern "C-unwind" fn each(
    collection: *const c_char,
    reply: *mut gv_store_reply,
    userdata: *mut c_void,
) -> gv_status {
    let name = read(collection);
    for (collection, id, version, body) in own(userdata).lock().unwrap().clone().documents {
        if collection == name {
            unsafe { gv_store_reply_document(reply, id.as_ptr(), version, body.as_ptr()) };
        }
    }
    GV_OK
}

unsafe extern "C-unwind" fn read_log(
    log: *const c_char,
    after: u64,
    limit: usize,
    reply: *mut gv_store_reply,
    userdata: *mut c_void,
) -> gv_status {
    let name = read(log);
    let kept = own(userdata).lock().unwrap();
    let here = kept.entries.iter().filter(|entry| entry.0 == name && entry.1 > after);
    for (_, sequence, key, at, body) in here.take(limit) {
        let (key, body) = (key.as_ptr(), body.as_ptr());
        unsafe { gv_store_reply_entry(reply, *sequence, key, *at, body) };
    }
    GV_OK
}

fn functions(own: &Own) -> gv_store_functions {
    gv_store_functions {
        struct_size: size_of::<gv_store_functions>() as u32,
        reserved: 0,
        name: c"two lists".as_ptr(),
        apply: Some(apply),
        get: Some(get),
        each: Some(each),
        read_log: Some(read_log),
        backup: None,
        userdata: std::ptr::from_ref(own).cast_mut().cast(),
        drop: None,
    }
}

fn opened(functions: &gv_store_functions) -> *mut gv_store {
    let mut store = null_mut();
    let status = unsafe { gv_store_new(functions, &raw mut store) };
    assert_eq!(status, GV_OK, "{}", message());
    store
}

#[test]
fn a_store_in_c_keeps_to_the_contract_of_all_stores() {
    let own = Own::default();
    let store = opened(&functions(&own));
    unsafe {
        store_suite((*store).store());
        gv_store_free(store);
    }
}

#[test]
fn patterns_are_kept_in_it_and_outlive_the_handle() {
    let own = Own::default();
    let store = opened(&functions(&own));
    let pattern =
        c"{\"source_platform\": \"meta\", \"ad_format\": \"video\", \"industry\": \"homeware\",
        \"objective\": \"conversions\", \"hook_pattern\": {\"hook_type\": \"question\"}}";
    let (mut db, mut id, mut found) = (null_mut(), null_mut(), null_mut());
    unsafe {
        assert_eq!(gv_patterns_db_new(store, &raw mut db), GV_OK, "{}", message());
        gv_store_free(store);
        let status = gv_patterns_db_add(db, pattern.as_ptr(), &raw mut id);
        assert_eq!(status, GV_OK, "{}", message());
        assert_eq!(gv_patterns_db_get(db, id, &raw mut found), GV_OK, "{}", message());
        assert!(read(found).contains("homeware"));
        gv_string_free(id);
        gv_string_free(found);
        gv_patterns_db_free(db);
    }
    assert!(!own.lock().unwrap().documents.is_empty());
}

unsafe extern "C-unwind" fn full(
    _: *const gv_store_change,
    _: usize,
    _: *mut gv_store_reply,
    _: *mut c_void,
) -> gv_status {
    unsafe { gv_explain(c"the disk is full".as_ptr()) };
    GV_STORAGE
}

unsafe extern "C-unwind" fn unreachable_now(
    _: *const gv_store_change,
    _: usize,
    _: *mut gv_store_reply,
    _: *mut c_void,
) -> gv_status {
    GV_TIMEOUT
}

unsafe extern "C-unwind" fn tells_nothing(
    _: *const gv_store_change,
    _: usize,
    _: *mut gv_store_reply,
    _: *mut c_void,
) -> gv_status {
    GV_OK
}

unsafe extern "C-unwind" fn tells_too_much(
    _: *const gv_store_change,
    _: usize,
    reply: *mut gv_store_reply,
    _: *mut c_void,
) -> gv_status {
    unsafe {
        assert_eq!(gv_store_reply_applied(reply, 1, 7), GV_INVALID_INPUT);
        assert_eq!(gv_store_reply_applied(reply, 1, 0), GV_OK);
        gv_store_reply_applied(reply, 2, 0)
    }
}

unsafe extern "C-unwind" fn panics(
    _: *const gv_store_change,
    _: usize,
    _: *mut gv_store_reply,
    _: *mut c_void,
) -> gv_status {
    panic!("page 9 is torn");
}

#[test]
fn what_a_store_in_c_fails_with_is_told_and_never_taken_for_success() {
    let own = Own::default();
    let batch = [store::Change::append("log", "key", 0, serde_json::json!({}))];
    for (function, said, transient) in [
        (full as unsafe extern "C-unwind" fn(_, _, _, _) -> _, "the disk is full", false),
        (unreachable_now, "its function ends with 302", true),
        (tells_nothing, "it tells of 0 of 1 changes", false),
        (tells_too_much, "its function ends with 100", false),
        (panics, "page 9 is torn", true),
    ] {
        let opened = opened(&gv_store_functions { apply: Some(function), ..functions(&own) });
        let error = unsafe { (*opened).store().apply(&batch) }.unwrap_err();
        let Error::Unusable { problem, transient: given, .. } = &error else { panic!("{error:?}") };
        assert!(problem.contains(said) && *given == transient, "{error:?}");
        unsafe { gv_store_free(opened) };
    }
    let mut none = null_mut();
    unsafe {
        let blind = gv_store_functions { each: None, ..functions(&own) };
        assert_eq!(gv_store_new(&raw const blind, &raw mut none), GV_INVALID_INPUT);
        assert_eq!(message(), "functions.each is NULL");
        assert_eq!(gv_store_new(null(), &raw mut none), GV_INVALID_INPUT);
        assert_eq!(gv_store_reply_applied(null_mut(), 0, 0), GV_INVALID_INPUT);
        let opened = opened(&functions(&own));
        let status = gv_store_backup(opened, c"copy".as_ptr());
        assert_eq!(status, GV_STORAGE);
        assert!(message().contains("tools of its own"), "{}", message());
        gv_store_free(opened);
    }
}

unsafe extern "C-unwind" fn no_state(
    _: *const c_char,
    _: *mut gv_ad_state,
    _: *mut c_void,
) -> gv_status {
    GV_NOT_FOUND
}

unsafe extern "C-unwind" fn nothing(_: *const c_char, _: *mut c_void) -> gv_status {
    GV_OK
}

unsafe extern "C-unwind" fn no_budget(
    _: *const c_char,
    _: *const gv_ad_state,
    _: i64,
    _: *mut c_void,
) -> gv_status {
    GV_OK
}

unsafe extern "C-unwind" fn two_ads(
    since: *const c_char,
    until: *const c_char,
    found: *mut gv_ad_insights,
    _: *mut c_void,
) -> gv_status {
    assert_eq!((read(since).as_str(), read(until).as_str()), ("2026-03-01", "2026-03-07"));
    let mut ad = MaybeUninit::uninit();
    unsafe {
        gv_ad_insight_init(ad.as_mut_ptr());
        let mut ad = ad.assume_init();
        assert_eq!(gv_ad_insights_add(found, &raw const ad), GV_INVALID_INPUT);
        (ad.ad_id, ad.campaign_id) = (c"a".as_ptr(), c"spring".as_ptr());
        (ad.spend, ad.impressions, ad.conversions, ad.revenue) = (120.5, 9000, 4, 300.0);
        (ad.first_day, ad.last_day) = (since, until);
        assert_eq!(gv_ad_insights_add(found, &raw const ad), GV_OK);
        ad.spend = f64::NAN;
        assert_eq!(gv_ad_insights_add(found, &raw const ad), GV_INVALID_INPUT);
        (ad.ad_id, ad.campaign_id, ad.spend) = (c"b".as_ptr(), null(), 7.0);
        gv_ad_insights_add(found, &raw const ad)
    }
}

#[test]
fn the_figures_of_a_platform_in_c_are_read() {
    let mut functions = gv_ad_platform_functions {
        struct_size: size_of::<gv_ad_platform_functions>() as u32,
        budget_changes_per_hour: 0,
        name: c"mine".as_ptr(),
        state: Some(no_state),
        pause: Some(nothing),
        resume: Some(nothing),
        set_daily_budget: Some(no_budget),
        insights: Some(two_ads),
        userdata: null_mut(),
        drop: None,
    };
    let (mut platform, mut insights) = (null_mut(), null_mut());
    let (since, until) = (c"2026-03-01".as_ptr(), c"2026-03-07".as_ptr());
    unsafe {
        assert_eq!(gv_ad_platform_new(&raw const functions, &raw mut platform), GV_OK);
        let status = gv_ad_platform_insights(platform, since, until, &raw mut insights);
        assert_eq!(status, GV_OK, "{}", message());
        assert_eq!(gv_ad_insights_len(insights), 2);
        let mut ad = MaybeUninit::<gv_ad_insight>::zeroed().assume_init();
        ad.struct_size = size_of::<gv_ad_insight>() as u32;
        assert_eq!(gv_ad_insights_get(insights, 0, &raw mut ad), GV_OK);
        assert_eq!((read(ad.ad_id).as_str(), read(ad.last_day).as_str()), ("a", "2026-03-07"));
        assert_eq!((ad.spend, ad.impressions, ad.conversions), (120.5, 9000, 4));
        assert_eq!(gv_ad_insights_get(insights, 2, &raw mut ad), GV_NOT_FOUND);
        let mut text = null_mut();
        assert_eq!(gv_ad_insights_json(insights, &raw mut text), GV_OK);
        assert!(read(text).contains("\"campaign_id\":\"spring\""), "{}", read(text));
        gv_string_free(text);
        gv_ad_insights_free(insights);
        gv_ad_platform_free(platform);
        functions.insights = None;
        assert_eq!(gv_ad_platform_new(&raw const functions, &raw mut platform), GV_OK);
        let status = gv_ad_platform_insights(platform, since, until, &raw mut insights);
        assert_eq!(status, GV_PLATFORM);
        assert!(message().contains("it gives no figures"), "{}", message());
        gv_ad_platform_free(platform);
    }
}
