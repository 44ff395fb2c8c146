//! Ad platforms: Meta's, and the program's own.

use crate::ad_insights::gv_ad_insights;
use crate::argument::{Place, Visible, blank, free, object, optional_json, record, text};
use crate::call::{Failure, c_string, caught, guard, take_explanation};
use crate::callback::Userdata;
use crate::exchange::seconds;
use crate::status::{GV_OK, GV_TIMEOUT, GV_TRANSPORT, gv_status};
use crate::transport::{gv_transport, transport_or_own};
use geminivideo::optimize::platform::meta::{MetaClient, MetaOptions};
use geminivideo::optimize::platform::{AdInsight, AdPlatformClient, AdState, DateRange};
use geminivideo::optimize::{Error, Money, Result};
use serde::Deserialize;
use std::ffi::{CStr, c_char, c_void};
use std::sync::Arc;

/// There is no such amount.
pub const GV_NO_CENTS: i64 = i64::MIN;

/// What a platform says about an ad.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_ad_state {
    /// sizeof(gv_ad_state) of the library that runs.
    pub struct_size: u32,
    /// Whether the ad is switched on: 0 or 1.
    pub running: u32,
    /// Daily budget of what owns it; GV_NO_CENTS where there is none, as with a lifetime budget.
    pub daily_budget_cents: i64,
    /// Id of what the budget belongs to, such as an ad set; ads may share it. NUL-terminated.
    pub budget_owner: [c_char; 128],
    /// Currency of the budget; empty where not known. NUL-terminated.
    pub currency: [c_char; 8],
}

unsafe impl Visible for gv_ad_state {
    fn initial() -> Self {
        Self { daily_budget_cents: GV_NO_CENTS, ..blank() }
    }
}

/// A program's platform. All functions may be called by several threads at once; a C++ exception must not leave one.
///
/// They return GV_OK; GV_TRANSPORT where nothing was changed because the platform was not reached; GV_TIMEOUT where a
/// change was sent and nobody saw the answer, which is never a success and never repeated blindly; any other status
/// where the platform refuses. gv_explain says why. Changes may be repeated: the second call changes nothing.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_ad_platform_functions {
    /// sizeof(gv_ad_platform_functions).
    pub struct_size: u32,
    /// Budget changes of one owner that the platform takes within an hour; 0 for any number.
    pub budget_changes_per_hour: u32,
    /// Its name, for the journal.
    pub name: *const c_char,
    /// Reads whether an ad runs and what its budget is; state is set to nothing before.
    pub state: Option<
        unsafe extern "C-unwind" fn(
            ad_id: *const c_char,
            state: *mut gv_ad_state,
            userdata: *mut c_void,
        ) -> gv_status,
    >,
    /// Switches an ad off.
    pub pause: Option<
        unsafe extern "C-unwind" fn(ad_id: *const c_char, userdata: *mut c_void) -> gv_status,
    >,
    /// Switches an ad on.
    pub resume: Option<
        unsafe extern "C-unwind" fn(ad_id: *const c_char, userdata: *mut c_void) -> gv_status,
    >,
    /// Sets the daily budget that an ad spends from; state is what was read just before.
    pub set_daily_budget: Option<
        unsafe extern "C-unwind" fn(
            ad_id: *const c_char,
            state: *const gv_ad_state,
            budget_cents: i64,
            userdata: *mut c_void,
        ) -> gv_status,
    >,
    /// Adds the figures of the account's ads from one day to another, both included and written "2026-03-01", to found with
    /// gv_ad_insights_add; found is lent for the call. May be NULL: the platform then gives no figures.
    pub insights: Option<
        unsafe extern "C-unwind" fn(
            since: *const c_char,
            until: *const c_char,
            found: *mut gv_ad_insights,
            userdata: *mut c_void,
        ) -> gv_status,
    >,
    /// Handed to every function.
    pub userdata: *mut c_void,
    /// Called once, when nothing uses userdata any more; may be NULL.
    pub drop: Option<unsafe extern "C-unwind" fn(userdata: *mut c_void)>,
}

unsafe impl Visible for gv_ad_platform_functions {}

/// An ad platform; threads may share it. What was made with it keeps it after gv_ad_platform_free.
pub struct gv_ad_platform(Arc<dyn AdPlatformClient>);

impl std::fmt::Debug for gv_ad_platform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("gv_ad_platform").field(&self.0.name()).finish()
    }
}

impl gv_ad_platform {
    /// The platform, for Rust programs that link this crate.
    pub fn client(&self) -> &dyn AdPlatformClient {
        &*self.0
    }

    pub(crate) fn share(&self) -> Arc<dyn AdPlatformClient> {
        Arc::clone(&self.0)
    }
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Meta {
    access_token: Option<String>,
    app_secret: Option<String>,
    ad_account: Option<String>,
    base_url: Option<String>,
    timeout: Option<f64>,
    max_retries: Option<u32>,
}

/// Makes a platform out of a program's functions. On an error drop is not called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_ad_platform_new(
    functions: *const gv_ad_platform_functions,
    platform: *mut *mut gv_ad_platform,
) -> gv_status {
    guard(|| unsafe {
        let given = record("functions", functions)?;
        let missing = |name: &str| Failure::invalid(format!("functions.{name} is NULL"));
        let name = text("functions.name", given.name)?.to_owned();
        let state = given.state.ok_or_else(|| missing("state"))?;
        let pause = given.pause.ok_or_else(|| missing("pause"))?;
        let resume = given.resume.ok_or_else(|| missing("resume"))?;
        let set_daily_budget = given.set_daily_budget.ok_or_else(|| missing("set_daily_budget"))?;
        let place = Place::new("platform", platform)?;
        let userdata = Userdata::new(given.userdata, given.drop);
        let (per_hour, insights) = (given.budget_changes_per_hour, given.insights);
        let functions = Functions {
            name,
            per_hour,
            state,
            pause,
            resume,
            set_daily_budget,
            insights,
            userdata,
        };
        place.give(gv_ad_platform(Arc::new(functions)));
        Ok(())
    })
}

/// Meta's Marketing API. options_json is an object with any of access_token, app_secret, ad_account, base_url, timeout
/// (seconds) and max_retries, or NULL; what it leaves out is read from META_ACCESS_TOKEN, META_APP_SECRET and
/// META_AD_ACCOUNT_ID. transport may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_ad_platform_meta(
    options_json: *const c_char,
    transport: *const gv_transport,
    platform: *mut *mut gv_ad_platform,
) -> gv_status {
    guard(|| unsafe {
        let given: Meta = optional_json("options_json", options_json)?;
        let place = Place::new("platform", platform)?;
        let mut options = MetaOptions::new()?;
        options.access_token = given.access_token.or(options.access_token);
        options.app_secret = given.app_secret.or(options.app_secret);
        options.ad_account = given.ad_account.or(options.ad_account);
        options.base_url = given.base_url.or(options.base_url);
        if let Some(timeout) = given.timeout {
            options.timeout = seconds("timeout", timeout)?;
        }
        options.max_retries = given.max_retries.unwrap_or(options.max_retries);
        let client = MetaClient::new(options, transport_or_own(transport)?)?;
        place.give(gv_ad_platform(Arc::new(client)));
        Ok(())
    })
}

/// Frees a platform. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_ad_platform_free(platform: *mut gv_ad_platform) {
    unsafe { free(platform) };
}

/// Reads the figures of the account's ads from a platform, from one day to another, both included and written
/// "2026-03-01" in the account's time zone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_ad_platform_insights(
    platform: *const gv_ad_platform,
    since: *const c_char,
    until: *const c_char,
    insights: *mut *mut gv_ad_insights,
) -> gv_status {
    guard(|| unsafe {
        let platform = object("platform", platform)?;
        let (since, until) = (text("since", since)?.to_owned(), text("until", until)?.to_owned());
        let place = Place::new("insights", insights)?;
        place.give(gv_ad_insights::new(platform.0.insights(&DateRange { since, until })?));
        Ok(())
    })
}

type OfDays = unsafe extern "C-unwind" fn(
    *const c_char,
    *const c_char,
    *mut gv_ad_insights,
    *mut c_void,
) -> gv_status;

type OfAd = unsafe extern "C-unwind" fn(*const c_char, *mut c_void) -> gv_status;

/// A program's functions as a platform.
struct Functions {
    name: String,
    per_hour: u32,
    state: unsafe extern "C-unwind" fn(*const c_char, *mut gv_ad_state, *mut c_void) -> gv_status,
    pause: OfAd,
    resume: OfAd,
    set_daily_budget: unsafe extern "C-unwind" fn(
        *const c_char,
        *const gv_ad_state,
        i64,
        *mut c_void,
    ) -> gv_status,
    insights: Option<OfDays>,
    userdata: Userdata,
}

/// How errors name a platform of a program's; the journal has its own name.
const PLATFORM: &str = "the program's platform";

impl Functions {
    /// Calls a function; its status becomes the error it stands for.
    fn ask(&self, call: impl FnOnce(*mut c_void) -> gv_status) -> Result<()> {
        drop(take_explanation());
        let status = caught(|| Ok(call(self.userdata.pointer())));
        let said = take_explanation().unwrap_or_else(|| "it gives no reason".into());
        match status {
            Ok(GV_OK) => Ok(()),
            Ok(GV_TRANSPORT) => {
                Err(Error::Transport { platform: PLATFORM, reason: said, timed_out: false })
            }
            Ok(GV_TIMEOUT) => Err(Error::Unanswered { platform: PLATFORM, reason: said }),
            Ok(_) => Err(refusal(said)),
            // A function that fails in the middle may have changed something.
            Err(panic) => Err(Error::Unanswered { platform: PLATFORM, reason: panic.message }),
        }
    }
}

fn refusal(message: String) -> Error {
    Error::Platform { platform: PLATFORM, message, code: None, retry_after: None }
}

impl AdPlatformClient for Functions {
    fn name(&self) -> &str {
        &self.name
    }

    fn budget_changes_per_hour(&self) -> Option<usize> {
        (self.per_hour > 0).then_some(self.per_hour as usize)
    }

    fn state(&self, ad_id: &str) -> Result<AdState> {
        let ad_id = c_string(ad_id);
        let mut told = gv_ad_state::initial();
        self.ask(|userdata| unsafe { (self.state)(ad_id.as_ptr(), &raw mut told, userdata) })?;
        let daily_budget = match told.daily_budget_cents {
            GV_NO_CENTS => None,
            cents @ 0.. => Some(Money::from_cents(cents)),
            odd => return Err(refusal(format!("it gives a budget of {odd} cents"))),
        };
        Ok(AdState {
            running: told.running != 0,
            daily_budget,
            budget_owner: of_field("budget_owner", &told.budget_owner)?,
            currency: of_field("currency", &told.currency)?,
        })
    }

    fn pause(&self, ad_id: &str) -> Result<()> {
        let ad_id = c_string(ad_id);
        self.ask(|userdata| unsafe { (self.pause)(ad_id.as_ptr(), userdata) })
    }

    fn resume(&self, ad_id: &str) -> Result<()> {
        let ad_id = c_string(ad_id);
        self.ask(|userdata| unsafe { (self.resume)(ad_id.as_ptr(), userdata) })
    }

    fn set_daily_budget(&self, ad_id: &str, state: &AdState, budget: Money) -> Result<()> {
        let ad_id = c_string(ad_id);
        let mut told = gv_ad_state::initial();
        told.running = u32::from(state.running);
        told.daily_budget_cents = state.daily_budget.map_or(GV_NO_CENTS, Money::cents);
        to_field(&mut told.budget_owner, &state.budget_owner);
        to_field(&mut told.currency, &state.currency);
        self.ask(|userdata| unsafe {
            (self.set_daily_budget)(ad_id.as_ptr(), &raw const told, budget.cents(), userdata)
        })
    }

    fn insights(&self, days: &DateRange) -> Result<Vec<AdInsight>> {
        let insights = self.insights.ok_or_else(|| refusal("it gives no figures".into()))?;
        let (since, until) = (c_string(&days.since), c_string(&days.until));
        let mut found = gv_ad_insights::default();
        self.ask(|userdata| unsafe {
            insights(since.as_ptr(), until.as_ptr(), &raw mut found, userdata)
        })?;
        Ok(found.into_list())
    }
}

/// A text that a program wrote into a struct.
fn of_field(name: &str, field: &[c_char]) -> Result<String> {
    let bytes: Vec<u8> = field.iter().map(|&byte| byte as u8).collect();
    let text = CStr::from_bytes_until_nul(&bytes).ok().and_then(|text| text.to_str().ok());
    text.map(str::to_owned).ok_or_else(|| refusal(format!("its {name} is no NUL-terminated UTF-8")))
}

/// Writes a text into a struct; one that is too long is cut.
fn to_field(field: &mut [c_char], text: &str) {
    let room = field.len().saturating_sub(1);
    for (place, byte) in field.iter_mut().take(room).zip(text.bytes()) {
        *place = byte as c_char;
    }
}
