//! What a program plugs in: an ad platform, a model, a log.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail where they should")]
#![allow(unsafe_code, reason = "the tests call what C calls")]

mod called;

use called::message;
use geminivideo::optimize::Money;
use geminivideo::optimize::platform::{AdPlatformClient, AdState, DryRunClient};
use gv_ffi::ad_platform::*;
use gv_ffi::analyze::*;
use gv_ffi::executor::*;
use gv_ffi::log::*;
use gv_ffi::status::*;
use gv_ffi::variation_generator::*;
use serde_json::{Value, json};
use std::ffi::{CStr, CString, c_char, c_void};
use std::mem::{MaybeUninit, size_of};
use std::ptr::{null, null_mut};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

fn told(ask: impl FnOnce(*mut *mut c_char) -> gv_status) -> Result<Value, gv_status> {
    let mut text = null_mut();
    match ask(&raw mut text) {
        GV_OK => {
            let value = unsafe { CStr::from_ptr(text) }.to_str().unwrap().to_owned();
            unsafe { gv_string_free(text) };
            Ok(serde_json::from_str(&value).unwrap())
        }
        status => Err(status),
    }
}

fn id(pointer: *const c_char) -> String {
    unsafe { CStr::from_ptr(pointer) }.to_str().unwrap().to_owned()
}

fn client<'a>(userdata: *mut c_void) -> &'a DryRunClient {
    unsafe { &*userdata.cast::<DryRunClient>() }
}

fn outcome(result: geminivideo::optimize::Result<()>) -> gv_status {
    match result {
        Ok(()) => GV_OK,
        Err(error) => {
            let why = CString::new(error.to_string()).unwrap();
            unsafe { gv_explain(why.as_ptr()) };
            GV_PLATFORM
        }
    }
}

unsafe extern "C-unwind" fn state(
    ad: *const c_char,
    told: *mut gv_ad_state,
    userdata: *mut c_void,
) -> gv_status {
    outcome(client(userdata).state(&id(ad)).map(|state| {
        let told = unsafe { &mut *told };
        told.running = u32::from(state.running);
        told.daily_budget_cents = state.daily_budget.map_or(GV_NO_CENTS, Money::cents);
        for (place, byte) in told.budget_owner.iter_mut().zip(state.budget_owner.bytes()) {
            *place = byte as c_char;
        }
    }))
}

unsafe extern "C-unwind" fn pause(ad: *const c_char, userdata: *mut c_void) -> gv_status {
    outcome(client(userdata).pause(&id(ad)))
}

unsafe extern "C-unwind" fn resume(ad: *const c_char, userdata: *mut c_void) -> gv_status {
    outcome(client(userdata).resume(&id(ad)))
}

unsafe extern "C-unwind" fn set_budget(
    ad: *const c_char,
    before: *const gv_ad_state,
    cents: i64,
    userdata: *mut c_void,
) -> gv_status {
    assert_eq!(unsafe { &*before }.running, 1);
    let ad = id(ad);
    let state = client(userdata).state(&ad).unwrap();
    outcome(client(userdata).set_daily_budget(&ad, &state, Money::from_cents(cents)))
}

unsafe extern "C-unwind" fn silent(_: *const c_char, _: *mut c_void) -> gv_status {
    GV_TIMEOUT
}

unsafe extern "C-unwind" fn panics(_: *const c_char, _: *mut c_void) -> gv_status {
    panic!("the line is dead");
}

unsafe extern "C-unwind" fn unterminated(
    _: *const c_char,
    told: *mut gv_ad_state,
    _: *mut c_void,
) -> gv_status {
    unsafe { (*told).budget_owner = [b'x' as c_char; 128] };
    GV_OK
}

fn functions(client: &DryRunClient) -> gv_ad_platform_functions {
    gv_ad_platform_functions {
        struct_size: size_of::<gv_ad_platform_functions>() as u32,
        budget_changes_per_hour: 0,
        name: c"mine".as_ptr(),
        state: Some(state),
        pause: Some(pause),
        resume: Some(resume),
        set_daily_budget: Some(set_budget),
        insights: None,
        userdata: std::ptr::from_ref(client).cast_mut().cast(),
        drop: None,
    }
}

fn platform(functions: &gv_ad_platform_functions) -> *mut gv_ad_platform {
    let mut platform = null_mut();
    assert_eq!(unsafe { gv_ad_platform_new(functions, &raw mut platform) }, GV_OK, "{}", message());
    platform
}

fn ads() -> DryRunClient {
    let ad = |cents| AdState {
        budget_owner: "set".into(),
        ..AdState::running(Money::from_cents(cents))
    };
    DryRunClient::new([
        ("a", ad(5000)),
        ("b", AdState { budget_owner: "other".into(), ..ad(5000) }),
    ])
}

fn change(kind: u32, ad_id: &CStr, cents: i64, assumed: i64) -> gv_change {
    let mut change = MaybeUninit::uninit();
    unsafe {
        gv_change_init(change.as_mut_ptr());
        let mut change = change.assume_init();
        (change.kind, change.ad_id) = (kind, ad_id.as_ptr());
        (change.budget_cents, change.assumed_cents) = (cents, assumed);
        change
    }
}

#[test]
fn a_platform_in_c_keeps_to_the_contract_of_all_platforms() {
    let client = ads();
    let platform = platform(&functions(&client));
    let seen = unsafe { &*platform }.client();
    let before = seen.state("a").unwrap();
    assert_eq!((before.running, before.daily_budget), (true, Some(Money::from_cents(5000))));
    assert_eq!(before.budget_owner, "set");
    for _ in 0..2 {
        seen.pause("a").unwrap();
        assert!(!seen.state("a").unwrap().running);
    }
    seen.resume("a").unwrap();
    seen.set_daily_budget("a", &before, Money::from_cents(6050)).unwrap();
    assert_eq!(seen.state("a").unwrap().daily_budget, Some(Money::from_cents(6050)));
    let missing = seen.state("nowhere").unwrap_err().to_string();
    assert!(missing.contains("nowhere"), "{missing}");
    unsafe { gv_ad_platform_free(platform) };
}

#[test]
fn changes_are_previewed_made_capped_and_undone() {
    let client = ads();
    let platform = platform(&functions(&client));
    let mut executor = null_mut();
    unsafe {
        let status = gv_executor_new(platform, null(), 2000, GV_NO_CENTS, &raw mut executor);
        assert_eq!(status, GV_OK, "{}", message());
        gv_ad_platform_free(platform);
        let changes = [
            change(GV_CHANGE_BUDGET, c"a", 6000, 5000),
            change(GV_CHANGE_PAUSE, c"b", GV_NO_CENTS, GV_NO_CENTS),
        ];
        let preview = told(|out| gv_executor_preview(executor, changes.as_ptr(), 2, out)).unwrap();
        assert_eq!(preview["steps"][0]["outcome"], "planned", "{preview}");
        assert_eq!(client.states()["a"].daily_budget, Some(Money::from_cents(5000)));
        let run = told(|out| gv_executor_apply(executor, changes.as_ptr(), 2, out)).unwrap();
        assert_eq!(run["steps"][0]["outcome"], "done", "{run}");
        assert_eq!(client.states()["a"].daily_budget, Some(Money::from_cents(6000)));
        assert!(!client.states()["b"].running);
        let name = CString::new(run["run"].as_str().unwrap()).unwrap();
        told(|out| gv_executor_revert(executor, name.as_ptr(), out)).unwrap();
        assert_eq!(client.states()["a"].daily_budget, Some(Money::from_cents(5000)));
        assert!(client.states()["b"].running);
        let much = [change(GV_CHANGE_BUDGET, c"a", 900_000, GV_NO_CENTS)];
        let capped = told(|out| gv_executor_apply(executor, much.as_ptr(), 1, out));
        assert_eq!(capped, Err(GV_CONFLICT));
        assert!(message().contains("20.00 is allowed"), "{}", message());
        assert_eq!(client.states()["a"].daily_budget, Some(Money::from_cents(5000)));
        for (wrong, said) in [
            (change(9, c"a", 1, 1), "changes[0].kind is 9"),
            (change(GV_CHANGE_BUDGET, c"a", GV_NO_CENTS, 1), "budget_cents is not set"),
            (change(GV_CHANGE_BUDGET, c"a", -5, 1), "changes[0].budget_cents is -5"),
        ] {
            let refused = told(|out| gv_executor_apply(executor, &raw const wrong, 1, out));
            assert_eq!(refused, Err(GV_INVALID_INPUT));
            assert!(message().contains(said), "{}", message());
        }
        gv_executor_free(executor);
    }
}

#[test]
fn a_platform_that_is_silent_or_panics_leaves_the_outcome_unknown() {
    let client = ads();
    for (function, said) in [
        (silent as unsafe extern "C-unwind" fn(_, _) -> _, "no answer arrived"),
        (panics, "the line is dead"),
    ] {
        let mut functions = functions(&client);
        functions.pause = Some(function);
        let platform = platform(&functions);
        let error = unsafe { &*platform }.client().pause("a").unwrap_err();
        assert!(matches!(error, geminivideo::optimize::Error::Unanswered { .. }), "{error:?}");
        assert!(error.to_string().contains(said), "{error}");
        unsafe { gv_ad_platform_free(platform) };
    }
    let mut functions = functions(&client);
    functions.state = Some(unterminated);
    let platform = platform(&functions);
    let error = unsafe { &*platform }.client().state("a").unwrap_err().to_string();
    assert!(error.contains("budget_owner is no NUL-terminated UTF-8"), "{error}");
    functions.resume = None;
    let mut none = null_mut();
    unsafe {
        assert_eq!(gv_ad_platform_new(&raw const functions, &raw mut none), GV_INVALID_INPUT);
        assert_eq!(message(), "functions.resume is NULL");
        gv_ad_platform_free(platform);
    }
}

static DROPPED: AtomicUsize = AtomicUsize::new(0);

unsafe extern "C-unwind" fn count_drop(_: *mut c_void) {
    DROPPED.fetch_add(1, Ordering::SeqCst);
}

unsafe extern "C-unwind" fn by_number(
    concept: *const c_char,
    variations: *const c_char,
    len: usize,
    means: *mut f64,
    sds: *mut f64,
    userdata: *mut c_void,
) -> gv_status {
    assert_eq!(serde_json::from_str::<Value>(&id(concept)).unwrap()["id"], "c");
    let list: Vec<Value> = serde_json::from_str(&id(variations)).unwrap();
    assert_eq!(list.len(), len);
    let odd = unsafe { *userdata.cast::<f64>() };
    if odd.is_infinite() {
        unsafe { gv_explain(c"no model is loaded".as_ptr()) };
        return GV_UNAVAILABLE;
    }
    for (place, variation) in list.iter().enumerate() {
        let number = variation["variation_number"].as_f64().unwrap();
        unsafe {
            *means.add(place) = if odd.is_nan() { odd } else { 1.0 / (1.0 + number) };
            *sds.add(place) = 0.1;
        }
    }
    GV_OK
}

#[test]
fn variations_are_ranked_by_a_program_s_model() {
    let concept = CString::new(
        json!({"id": "c", "product": "Cup", "hook_script": "Cold coffee?", "cta_text": "Buy"})
            .to_string(),
    )
    .unwrap();
    for (mut odd, said) in [
        (0.0, None),
        (f64::NAN, Some((GV_MODEL, "NaN"))),
        (f64::INFINITY, Some((GV_CALLBACK, "no model is loaded"))),
    ] {
        let functions = gv_performance_model_functions {
            struct_size: size_of::<gv_performance_model_functions>() as u32,
            basis: GV_BASIS_PRIOR,
            predict: Some(by_number),
            userdata: (&raw mut odd).cast(),
            drop: Some(count_drop),
        };
        let mut generator = null_mut();
        let before = DROPPED.load(Ordering::SeqCst);
        unsafe {
            assert_eq!(gv_variation_generator_new(null(), &raw mut generator), GV_OK);
            let status = gv_variation_generator_set_model(generator, &raw const functions);
            assert_eq!(status, GV_OK, "{}", message());
            let set =
                told(|out| gv_variation_generator_generate(generator, concept.as_ptr(), 4, out));
            match said {
                None => {
                    let set = set.unwrap();
                    assert_eq!(set["basis"], "prior");
                    assert_eq!(set["variations"][0]["predicted_performance"], 0.5);
                }
                Some((status, said)) => {
                    assert_eq!(set, Err(status));
                    assert!(message().contains(said), "{}", message());
                }
            }
            gv_variation_generator_free(generator);
        }
        assert_eq!(DROPPED.load(Ordering::SeqCst), before + 1);
    }
}

static SAID: Mutex<Vec<(u32, String)>> = Mutex::new(Vec::new());

unsafe extern "C-unwind" fn take(
    level: u32,
    part: *const c_char,
    text: *const c_char,
    _: *mut c_void,
) {
    SAID.lock().unwrap().push((level, format!("{}: {}", id(part), id(text))));
}

#[test]
fn what_is_logged_goes_to_the_program_and_nowhere_else() {
    let path = c"nowhere.mp4".as_ptr();
    let provoke = || {
        let functions = gv_ad_platform_functions { pause: Some(panics), ..functions(&ads()) };
        let platform = platform(&functions);
        drop(unsafe { &*platform }.client().pause("a"));
        unsafe { gv_ad_platform_free(platform) };
    };
    unsafe {
        assert_eq!(gv_log_set(9, Some(take), null_mut()), GV_INVALID_INPUT);
        assert_eq!(gv_log_set(GV_LOG_ERROR, Some(take), null_mut()), GV_OK, "{}", message());
        provoke();
        let said = std::mem::take(&mut *SAID.lock().unwrap());
        assert!(
            said.iter()
                .any(|(level, text)| *level == GV_LOG_ERROR && text.contains("the line is dead")),
            "{said:?}"
        );
        assert_eq!(gv_log_set(GV_LOG_TRACE, None, null_mut()), GV_OK);
        provoke();
        assert!(SAID.lock().unwrap().iter().all(|(_, text)| !text.contains("the line is dead")));
        let mut analysis = null_mut();
        assert_eq!(
            gv_analyze_file(path, null(), None, null_mut(), &raw mut analysis),
            GV_NOT_FOUND
        );
    }
}
