//! The Runway client against the service on the loopback address.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that unwraps fails where it should")]

use gv_gen::http::{Cancel, RetryPolicy};
use gv_gen::journal::{Books, Phase};
use gv_gen::runway_gen3::{
    AspectRatio, GenerationRequest, GenerationResult, GenerationStatus, ImageInput, RetryAdvice,
    RunwayClient, RunwayOptions, TaskStatus,
};
use gv_gen::testing::{RUNWAY_KEY, RunwayService};
use gv_gen::{Error, RefusalKind, Result};
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

fn options(service: &RunwayService, books: Books) -> RunwayOptions {
    RunwayOptions::new(books)
        .api_key(RUNWAY_KEY)
        .base_url(service.url())
        .poll_interval(Duration::from_millis(5))
        .retries(RetryPolicy::default().max_retries(2).base(Duration::from_millis(5)))
}

struct Set {
    service: RunwayService,
    folder: tempfile::TempDir,
}

impl Set {
    fn new() -> Self {
        Self { service: RunwayService::start(), folder: tempfile::tempdir().unwrap() }
    }

    fn books(&self) -> Books {
        Books::open(self.folder.path()).unwrap()
    }

    fn client(&self) -> RunwayClient {
        RunwayClient::new(options(&self.service, self.books())).unwrap()
    }

    fn generate(&self, prompt: &str) -> Result<GenerationResult> {
        self.client().generate_video(&GenerationRequest::new(prompt), &Cancel::new())
    }

    fn paid(&self) -> usize {
        self.service.created().len()
    }

    fn spent(&self) -> u64 {
        self.books().read(|ledger| ledger.spent(None)).unwrap()
    }

    fn last_phase(&self) -> Phase {
        self.books().read(|ledger| ledger.entries().last().unwrap().phase.clone()).unwrap()
    }
}

#[test]
fn a_video_is_generated_downloaded_and_accounted_for() {
    let set = Set::new();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&seen);
    let options = options(&set.service, set.books())
        .on_progress(move |p| into.lock().unwrap().push((p.status, p.progress)));
    let client = RunwayClient::new(options).unwrap();
    let request = GenerationRequest::new("a cup #throttled=2 #pending=1 #running=2").seed(7);
    let result = client.generate_video(&request, &Cancel::new()).unwrap();
    assert_eq!(result.status, GenerationStatus::Completed);
    assert_eq!((result.cost_credits, result.billed, result.cached), (60.0, true, false));
    assert_eq!(result.task_id, set.service.created()[0]);
    assert!(result.urls[0].contains("_jwt=") && result.generation_time > 0.0);
    assert_eq!(std::fs::read(&result.files[0]).unwrap(), set.service.video());
    let states: Vec<TaskStatus> = seen.lock().unwrap().iter().map(|(status, _)| *status).collect();
    use TaskStatus::{Pending, Running, Succeeded, Throttled};
    assert_eq!(states, [Throttled, Throttled, Pending, Running, Running, Succeeded]);
    assert_eq!(seen.lock().unwrap()[4].1, Some(2.0 / 3.0));
    assert_eq!(set.spent(), 600_000);
}

#[test]
fn the_same_request_is_paid_once_unless_a_fresh_one_is_asked_for() {
    let set = Set::new();
    let first = set.generate("a cup").unwrap();
    let again = set.generate("a cup").unwrap();
    assert_eq!((set.paid(), again.cached, again.cost_credits), (1, true, 0.0));
    assert_eq!((again.task_id, again.files.clone()), (first.task_id, first.files));
    assert!(again.urls[0].contains("_jwt="));
    std::fs::remove_file(&again.files[0]).unwrap();
    let refetched = set.generate("a cup").unwrap();
    assert_eq!(std::fs::read(&refetched.files[0]).unwrap(), set.service.video());
    assert_eq!(set.paid(), 1);
    let fresh = GenerationRequest::new("a cup").fresh(true);
    assert!(!set.client().generate_video(&fresh, &Cancel::new()).unwrap().cached);
    assert_eq!((set.paid(), set.spent()), (2, 1_200_000));
}

#[test]
fn failures_are_results_and_say_what_another_attempt_is_worth() {
    let set = Set::new();
    for (code, advice, cost) in [
        ("SAFETY.INPUT.TEXT", RetryAdvice::Never, 60.0),
        ("SAFETY.OUTPUT.VIDEO", RetryAdvice::Never, 0.0),
        ("INPUT_PREPROCESSING.SAFETY.TEXT", RetryAdvice::Never, 0.0),
        ("INPUT_PREPROCESSING.INTERNAL", RetryAdvice::Later, 0.0),
        ("INTERNAL.BAD_OUTPUT.CODE01", RetryAdvice::AfterChange, 0.0),
        ("ASSET.INVALID", RetryAdvice::AfterChange, 0.0),
        ("THIRD_PARTY.UNAVAILABLE", RetryAdvice::Later, 0.0),
        ("INTERNAL", RetryAdvice::Later, 0.0),
        ("", RetryAdvice::Later, 0.0),
    ] {
        let result = set.generate(&format!("a cup #fail={code}")).unwrap();
        assert_eq!(
            (result.status, result.retry),
            (GenerationStatus::Failed, Some(advice)),
            "{code}"
        );
        assert_eq!(result.cost_credits, cost, "{code}");
        assert!(result.error.unwrap().contains("The task failed."));
        assert_eq!(result.failure_code.as_deref(), Some(code).filter(|code| !code.is_empty()));
    }
    let paid = set.paid();
    let again = set.generate("a cup #fail=SAFETY.INPUT.TEXT").unwrap();
    assert_eq!((set.paid(), again.cached), (paid, true));
    assert!(again.error.unwrap().contains("would fail and be paid again"));
    set.generate("a cup #fail=INTERNAL").unwrap();
    assert_eq!(set.paid(), paid + 1);
}

#[test]
fn a_task_that_somebody_cancels_or_we_cancel_ends() {
    let set = Set::new();
    let result = set.generate("a cup #cancelled").unwrap();
    assert_eq!(
        (result.status, result.task_status),
        (GenerationStatus::Failed, TaskStatus::Cancelled)
    );
    let short = options(&set.service, set.books()).max_wait(Duration::from_millis(30));
    let client = RunwayClient::new(short).unwrap();
    let endless = GenerationRequest::new("a cup #running=100000");
    let result = client.generate_video(&endless, &Cancel::new()).unwrap();
    assert_eq!(result.status, GenerationStatus::Processing);
    assert!(result.error.unwrap().contains("resume"));
    assert_eq!(client.open_tasks().unwrap(), std::slice::from_ref(&result.task_id));
    client.cancel_task(&result.task_id, &Cancel::new()).unwrap();
    let ended = client.resume(&result.task_id, &Cancel::new()).unwrap();
    assert_eq!(ended.task_status, TaskStatus::Cancelled);
    assert!(client.open_tasks().unwrap().is_empty());
    client.cancel_task("no-such-task", &Cancel::new()).unwrap();
    let queued = GenerationRequest::new("a cup #throttled=100000");
    let result = client.generate_video(&queued, &Cancel::new()).unwrap();
    assert_eq!(result.status, GenerationStatus::Pending);
}

#[test]
fn an_unheard_of_state_is_an_error_and_not_waited_for() {
    let set = Set::new();
    let error = set.generate("a cup #state=HIBERNATING").unwrap_err();
    assert!(error.to_string().contains("HIBERNATING"), "{error}");
    assert!(matches!(error, Error::Protocol { task: Some(_), .. }));
}

#[test]
fn refusals_are_repeated_and_what_may_have_been_taken_is_not() {
    let set = Set::new();
    for kind in ["429", "503"] {
        let result = set.generate(&format!("a cup #create={kind}")).unwrap();
        assert_eq!(result.status, GenerationStatus::Completed, "{kind}");
    }
    let start = Instant::now();
    set.generate("a cup #create=429-after").unwrap();
    assert!(start.elapsed() >= Duration::from_secs(1));
    assert_eq!((set.paid(), set.spent()), (3, 1_800_000));
    for kind in ["502-page", "503-page", "500", "drop"] {
        let prompt = format!("a cup #create={kind}");
        let posts = || {
            set.service
                .received()
                .iter()
                .filter(|r| r.body.len() > 2 && String::from_utf8_lossy(&r.body).contains(&prompt))
                .count()
        };
        let error = set.generate(&prompt).unwrap_err();
        assert!(matches!(error, Error::Unanswered { .. }), "{kind}: {error}");
        assert!(matches!(set.last_phase(), Phase::Unanswered(_)));
        let error = set.generate(&prompt).unwrap_err();
        assert!(matches!(error, Error::Uncertain { .. }), "{kind}: {error}");
        assert_eq!(posts(), 1, "{kind}");
    }
    assert_eq!(set.spent(), 1_800_000 + 4 * 600_000);
}

#[test]
fn a_slow_creation_is_not_sent_twice() {
    let set = Set::new();
    let short = options(&set.service, set.books()).timeout(Duration::from_millis(300));
    let client = RunwayClient::new(short).unwrap();
    let error = client
        .generate_video(&GenerationRequest::new("a cup #create=slow"), &Cancel::new())
        .unwrap_err();
    assert!(matches!(error, Error::Unanswered { .. }), "{error}");
    assert_eq!(set.paid(), 1);
}

#[test]
fn what_was_refused_for_good_costs_nothing_and_says_why() {
    let set = Set::new();
    let error = set.generate("a cup #create=credits").unwrap_err();
    assert!(matches!(error, Error::Refused { kind: RefusalKind::Quota, .. }), "{error}");
    let wrong = options(&set.service, set.books()).api_key("key_wrong");
    let error = RunwayClient::new(wrong)
        .unwrap()
        .generate_video(&GenerationRequest::new("a cup"), &Cancel::new())
        .unwrap_err();
    assert!(matches!(error, Error::Refused { kind: RefusalKind::Key, .. }), "{error}");
    assert!(!format!("{error} {error:?}").contains("key_wrong"));
    assert_eq!((set.paid(), set.spent()), (0, 0));
}

#[test]
fn looks_that_go_wrong_do_not_lose_the_task() {
    let set = Set::new();
    for kind in ["502-page", "drop"] {
        let result = set.generate(&format!("a cup #poll={kind}")).unwrap();
        assert_eq!(result.status, GenerationStatus::Completed, "{kind}");
    }
    let error = set.generate("a cup #poll=nonsense").unwrap_err();
    let Error::Protocol { task: Some(task), .. } = error else { panic!("{error}") };
    assert_eq!(
        set.client().resume(&task, &Cancel::new()).unwrap().status,
        GenerationStatus::Completed
    );
    assert_eq!(set.paid(), 3);
}

#[test]
fn outputs_are_fetched_whatever_happens_on_the_way() {
    let set = Set::new();
    for kind in ["expired", "cut", "slow"] {
        let result = set.generate(&format!("a cup #output={kind}")).unwrap();
        assert_eq!(std::fs::read(&result.files[0]).unwrap(), set.service.video(), "{kind}");
    }
    let ranged = set.service.received().iter().filter(|r| r.header("range").is_some()).count();
    assert_eq!(ranged, 1);
    for (kind, why) in
        [("gone", "403"), ("page", "text/html"), ("empty", "empty"), ("huge", "5497558138880")]
    {
        let result = set.generate(&format!("a cup #output={kind}")).unwrap();
        assert_eq!(result.status, GenerationStatus::Completed);
        assert!(result.files.is_empty());
        assert!(result.notes.iter().any(|note| note.contains(why)), "{kind}: {:?}", result.notes);
        assert!(!result.notes.concat().contains("_jwt"));
    }
}

#[test]
fn pictures_arrive_as_address_data_uri_and_upload() {
    let set = Set::new();
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x02\x80".to_vec();
    png.resize(1000, 0);
    let small = set.folder.path().join("small.png");
    std::fs::write(&small, &png).unwrap();
    png.resize(4 << 20, 0);
    let large = set.folder.path().join("large.png");
    std::fs::write(&large, &png).unwrap();
    let client = set.client();
    for image in [
        ImageInput::parse("https://example.com/bottle.jpg"),
        ImageInput::File(small),
        ImageInput::File(large.clone()),
    ] {
        let request = client.product_shot(image, "on marble").aspect_ratio(AspectRatio::Square);
        let result = client.generate_video(&request, &Cancel::new()).unwrap();
        assert_eq!((result.model_used.as_str(), result.cost_credits), ("gen4_turbo", 25.0));
    }
    assert!(set.service.uploads()[0] > 4 << 20);
    let creations: Vec<String> = set
        .service
        .received()
        .iter()
        .filter(|r| r.path() == "/v1/image_to_video")
        .map(|r| String::from_utf8_lossy(&r.body).chars().take(150).collect())
        .collect();
    assert!(creations[0].contains("https://example.com/bottle.jpg"));
    assert!(creations[1].contains("data:image/png;base64,"));
    assert!(creations[2].contains("runway://"), "{}", creations[2]);
    let request =
        client.product_shot(ImageInput::File(large), "on marble").aspect_ratio(AspectRatio::Square);
    assert!(client.generate_video(&request, &Cancel::new()).unwrap().cached);
    assert_eq!(set.service.uploads().len(), 1);
}

#[test]
fn an_upload_that_fails_is_begun_anew_with_a_fresh_form_and_not_for_ever() {
    let set = Set::new();
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x02\x80".to_vec();
    png.resize(4 << 20, 0);
    let large = set.folder.path().join("large.png");
    std::fs::write(&large, &png).unwrap();
    let client = set.client();
    let request = client.product_shot(ImageInput::File(large), "on marble");
    set.service.fail_uploads(3);
    let refused = client.generate_video(&request, &Cancel::new());
    assert!(matches!(refused, Err(Error::Refused { status: 503, .. })), "{refused:?}");
    assert_eq!((set.paid(), set.spent()), (0, 0));
    set.service.fail_uploads(2);
    let made = client.generate_video(&request, &Cancel::new()).unwrap();
    assert_eq!((made.status, set.paid()), (GenerationStatus::Completed, 1));
}

#[test]
fn a_cap_stops_spending_before_anything_is_sent() {
    let set = Set::new();
    let books = set.books().cap(Some(700_000));
    let client = RunwayClient::new(options(&set.service, books)).unwrap();
    client.generate_video(&GenerationRequest::new("one"), &Cancel::new()).unwrap();
    let before = set.service.received().len();
    let error = client.generate_video(&GenerationRequest::new("two"), &Cancel::new()).unwrap_err();
    assert!(matches!(error, Error::SpendingCap { .. }), "{error}");
    assert_eq!(set.service.received().len(), before);
}

#[test]
fn a_hundred_generations_keep_the_limit_of_five() {
    let set = Set::new();
    let limit = NonZeroUsize::new(5).unwrap();
    let client = RunwayClient::new(options(&set.service, set.books()).concurrency(limit)).unwrap();
    let base = GenerationRequest::new("a cup #running=2");
    let requests = client.variations(&base, 100).unwrap();
    let results = client.generate_all(&requests, &Cancel::new());
    assert!(
        results.iter().all(|r| r.as_ref().is_ok_and(|r| r.status == GenerationStatus::Completed))
    );
    assert_eq!((set.paid(), set.service.most_at_a_time()), (100, 5));
    assert_eq!(set.spent(), 100 * 600_000);
    let again = client.generate_all(&requests, &Cancel::new());
    assert!(again.iter().all(|r| r.as_ref().is_ok_and(|r| r.cached)));
    assert_eq!(set.paid(), 100);
}

#[test]
fn identical_requests_at_the_same_time_are_one_task() {
    let set = Set::new();
    let limit = NonZeroUsize::new(8).unwrap();
    let client = RunwayClient::new(options(&set.service, set.books()).concurrency(limit)).unwrap();
    let requests = vec![GenerationRequest::new("a cup #running=3"); 8];
    let results = client.generate_all(&requests, &Cancel::new());
    assert!(
        results.iter().all(|r| r.as_ref().is_ok_and(|r| r.status == GenerationStatus::Completed))
    );
    assert_eq!((set.paid(), set.spent()), (1, 600_000));
}

#[test]
fn cancelling_a_wait_keeps_the_task() {
    let set = Set::new();
    let cancel = Cancel::new();
    let switch = cancel.clone();
    let options = options(&set.service, set.books()).on_progress(move |_| switch.cancel());
    let client = RunwayClient::new(options).unwrap();
    let error =
        client.generate_video(&GenerationRequest::new("a cup #running=3"), &cancel).unwrap_err();
    let Error::Cancelled { task: Some(task) } = error else { panic!("{error}") };
    assert_eq!(set.client().open_tasks().unwrap(), std::slice::from_ref(&task));
    let result = set.generate("a cup #running=3").unwrap();
    assert_eq!((result.task_id, set.paid()), (task, 1));
}

#[test]
fn a_missing_key_and_a_key_with_a_line_break_are_refused_here() {
    let set = Set::new();
    let bad = options(&set.service, Books::in_memory()).api_key("key\nX-Evil: 1");
    let error = RunwayClient::new(bad).unwrap_err();
    assert!(error.to_string().contains("line break"), "{error}");
    let old = RunwayOptions::new(Books::in_memory()).base_url("https://api.runwayml.com/v1");
    assert!(RunwayClient::new(old).unwrap_err().to_string().contains("api.dev.runwayml.com"));
    let mut none = options(&set.service, Books::in_memory());
    none.api_key = None;
    if std::env::var_os("RUNWAY_API_KEY").is_none()
        && std::env::var_os("RUNWAYML_API_SECRET").is_none()
    {
        let client = RunwayClient::new(none).unwrap();
        let error =
            client.generate_video(&GenerationRequest::new("x"), &Cancel::new()).unwrap_err();
        assert!(error.to_string().contains("RUNWAY_API_KEY"), "{error}");
    }
    assert!(set.service.received().is_empty());
}

#[test]
fn the_account_is_read() {
    let set = Set::new();
    let account = set.client().account(&Cancel::new()).unwrap();
    assert_eq!(account.credit_balance, 1234.0);
    assert_eq!(account.tier.models["gen4_turbo"].max_daily_generations, Some(50));
}

const CHILD: &str = "GV_TEST_CRASH_CHILD";

#[test]
fn a_process_that_is_killed_while_it_waits_leaves_one_task_and_one_charge() {
    if let Ok(folder) = std::env::var(CHILD) {
        let url = std::env::var("GV_TEST_CRASH_URL").unwrap();
        let books = Books::open(folder).unwrap();
        let options = RunwayOptions::new(books)
            .api_key(RUNWAY_KEY)
            .base_url(url)
            .poll_interval(Duration::from_millis(20));
        let request = GenerationRequest::new("a cup #running=40");
        let _ = RunwayClient::new(options).unwrap().generate_video(&request, &Cancel::new());
        return;
    }
    let set = Set::new();
    for round in 0..3 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "a_process_that_is_killed_while_it_waits_leaves_one_task_and_one_charge",
            ])
            .env(CHILD, set.folder.path())
            .env("GV_TEST_CRASH_URL", set.service.url())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let polls = || set.service.received().iter().filter(|r| r.method == "GET").count();
        let (before, start) = (polls(), Instant::now());
        while polls() < before + 2 {
            assert!(
                start.elapsed() < Duration::from_secs(30),
                "round {round}: no look at the task"
            );
            std::thread::sleep(Duration::from_millis(5));
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert_eq!(set.paid(), 1);
    let client = set.client();
    let open = client.open_tasks().unwrap();
    assert_eq!(open, set.service.created());
    let result = client.resume(&open[0], &Cancel::new()).unwrap();
    assert_eq!(result.status, GenerationStatus::Completed);
    assert!(Path::new(&result.files[0]).is_file());
    assert_eq!((set.paid(), set.spent()), (1, 600_000));
    assert!(set.generate("a cup #running=40").unwrap().cached);
}
