//! The ElevenLabs client against the service on the loopback address.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that unwraps fails where it should")]

use gv_gen::elevenlabs_voice::{
    CaptionOptions, CloneRequest, ElevenLabsClient, ElevenLabsOptions, VoiceOver, VoiceOverRequest,
    VoiceSettings,
};
use gv_gen::http::{Cancel, Chunks, RetryPolicy};
use gv_gen::journal::{Books, Phase};
use gv_gen::testing::{ELEVENLABS_KEY, ElevenLabsService};
use gv_gen::{Error, RefusalKind, Result};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const VOICE: &str = "abcdefghij0123456789";

struct Set {
    service: ElevenLabsService,
    folder: tempfile::TempDir,
}

impl Set {
    fn new() -> Self {
        Self { service: ElevenLabsService::start(), folder: tempfile::tempdir().unwrap() }
    }

    fn books(&self) -> Books {
        Books::open(self.folder.path()).unwrap()
    }

    fn options(&self) -> ElevenLabsOptions {
        ElevenLabsOptions::new(self.books())
            .api_key(ELEVENLABS_KEY)
            .base_url(self.service.url() + "/v1")
            .timeout(Duration::from_millis(1500))
            .retries(RetryPolicy::default().max_retries(2).base(Duration::from_millis(5)))
    }

    fn client(&self) -> ElevenLabsClient {
        ElevenLabsClient::new(self.options()).unwrap()
    }

    fn say(&self, request: &VoiceOverRequest) -> Result<VoiceOver> {
        self.client().generate_voiceover(request, &Cancel::new())
    }

    fn text(&self, text: &str) -> Result<VoiceOver> {
        self.say(&VoiceOverRequest::new(text, VOICE))
    }

    fn spent(&self) -> u64 {
        self.books().read(|ledger| ledger.spent(None)).unwrap()
    }
}

#[test]
fn a_text_is_spoken_measured_and_accounted_for() {
    let set = Set::new();
    let request =
        VoiceOverRequest::new("Fünfzehn Zeich.", "josh").settings(VoiceSettings::default());
    let spoken = set.say(&request).unwrap();
    assert_eq!((spoken.characters_used, spoken.billed_characters, spoken.billed), (15, 8, true));
    assert!((spoken.duration_seconds - 1.0).abs() < 0.03, "{}", spoken.duration_seconds);
    assert_eq!(spoken.request_ids, ["req1"]);
    assert_eq!(std::fs::read(&spoken.files[0]).unwrap(), spoken.audio);
    assert!((spoken.cost_usd - 0.0008).abs() < 1e-9);
    assert_eq!(set.spent(), 800);
    assert!(spoken.notes.iter().any(|note| note.contains("deprecated")), "{:?}", spoken.notes);
}

#[test]
fn the_same_text_is_paid_once_unless_a_fresh_one_is_asked_for() {
    let set = Set::new();
    let first = set.text("Hello there.").unwrap();
    let again = set.text("Hello there.").unwrap();
    assert_eq!((again.cached, again.billed_characters, again.cost_usd), (true, 0, 0.0));
    assert_eq!((&again.audio, set.service.spoken()), (&first.audio, 1));
    assert!(!set.say(&VoiceOverRequest::new("Hello there.", VOICE).fresh(true)).unwrap().cached);
    assert!(!set.say(&VoiceOverRequest::new("Hello there.", "adam")).unwrap().cached);
    assert_eq!(set.service.spoken(), 3);
    std::fs::write(&first.files[0], b"damaged").unwrap();
    assert!(!set.text("Hello there.").unwrap().cached);
}

#[test]
fn every_format_that_comes_is_measured() {
    let set = Set::new();
    for format in ["mp3_44100_128", "pcm_16000", "pcm_44100", "wav_44100", "ulaw_8000", "alaw_8000"]
    {
        let request =
            VoiceOverRequest::new("Thirty characters are two sec.", VOICE).output_format(format);
        let spoken = set.say(&request).unwrap();
        assert!(
            (spoken.duration_seconds - 2.0).abs() < 0.03,
            "{format}: {}",
            spoken.duration_seconds
        );
    }
}

#[test]
fn a_long_script_is_stitched_and_its_captions_follow_the_audio() {
    let set = Set::new();
    let script = "This sentence is spoken many times over. ".repeat(300);
    let request = VoiceOverRequest::new(script.trim(), VOICE)
        .model("eleven_multilingual_v2")
        .timestamps(true);
    let spoken = set.say(&request).unwrap();
    assert_eq!(spoken.request_ids.len(), 2);
    let second = &set.service.received()[1];
    assert!(String::from_utf8_lossy(&second.body).contains(r#""previous_request_ids":["req1"]"#));
    let alignment = spoken.alignment.unwrap();
    let words = alignment.words();
    assert_eq!(words.len(), 7 * 300);
    assert!(words.windows(2).all(|pair| pair[0].end <= pair[1].start + 1e-9));
    let last = words.last().unwrap();
    assert!(last.end <= spoken.duration_seconds && spoken.duration_seconds - last.end < 0.1);
    let captions = alignment.captions(&CaptionOptions::default());
    assert_eq!(captions.len(), 300);
    assert!(alignment.srt(&CaptionOptions::default()).starts_with("1\n00:00:00,000 --> "));
    assert!(set.say(&request).unwrap().cached);
}

#[test]
fn a_script_that_fails_in_the_middle_pays_for_the_rest_alone() {
    let set = Set::new();
    let first = "A quiet sentence that goes well. ".repeat(310);
    let script = format!("{first}And #fail=503 once.");
    let none = ElevenLabsClient::new(set.options().retries(RetryPolicy::none())).unwrap();
    let request = VoiceOverRequest::new(script, VOICE).model("eleven_multilingual_v2");
    let error = none.generate_voiceover(&request, &Cancel::new()).unwrap_err();
    assert!(matches!(error, Error::Refused { status: 503, .. }), "{error}");
    assert_eq!(set.service.spoken(), 1);
    let spoken = set.say(&request).unwrap();
    assert_eq!((set.service.spoken(), spoken.characters_used > 10_000), (2, true));
    assert!(spoken.billed_characters < 1000, "{}", spoken.billed_characters);
}

#[test]
fn refusals_are_told_apart_and_cost_nothing() {
    let set = Set::new();
    for (kind, wanted) in [
        ("busy", RefusalKind::RateLimit),
        ("quota", RefusalKind::Quota),
        ("credits", RefusalKind::Quota),
        ("plan", RefusalKind::Plan),
        ("voice", RefusalKind::NotFound),
        ("permissions", RefusalKind::Permission),
    ] {
        let error = set.text(&format!("Say #fail={kind}")).unwrap_err();
        assert!(matches!(&error, Error::Refused { kind, .. } if *kind == wanted), "{error}");
    }
    let tries = set.service.received().len();
    assert_eq!(tries, 3 + 5);
    assert_eq!((set.spent(), set.service.spoken()), (0, 0));
}

#[test]
fn limits_are_waited_out() {
    let set = Set::new();
    for kind in ["429", "concurrent", "503"] {
        assert!(set.text(&format!("Say #fail={kind}")).is_ok(), "{kind}");
    }
    let start = Instant::now();
    set.text("Say #fail=429-after").unwrap();
    assert!(start.elapsed() >= Duration::from_secs(1));
    assert_eq!(set.service.spoken(), 4);
}

#[test]
fn what_may_have_been_spoken_is_not_asked_for_again() {
    let set = Set::new();
    for kind in ["502-page", "drop", "cut", "slow", "huge"] {
        let text = format!("Say #fail={kind}");
        let before = set.service.received().len();
        let error = set.text(&text).unwrap_err();
        assert!(matches!(error, Error::Unanswered { .. }), "{kind}: {error}");
        assert!(matches!(set.text(&text).unwrap_err(), Error::Uncertain { .. }), "{kind}");
        std::thread::sleep(Duration::from_millis(1600));
        assert_eq!(set.service.received().len(), before + 1, "{kind}");
    }
    assert_eq!(set.books().read(|ledger| ledger.open().count()).unwrap(), 5);
}

#[test]
fn a_page_and_audio_that_ends_in_a_frame_do_not_pass_for_speech() {
    let set = Set::new();
    for (kind, why) in [("page", "text/html"), ("truncated", "middle of a frame")] {
        let error = set.text(&format!("Say #fail={kind}")).unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
    let paid = |phase: &Phase| matches!(phase, Phase::Settled(..));
    assert!(
        set.books()
            .read(|ledger| ledger.entries().iter().all(|e| paid(&e.phase) && e.cost > 0))
            .unwrap()
    );
}

#[test]
fn a_stream_comes_piece_by_piece_and_is_whole() {
    let set = Set::new();
    let pieces = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&pieces);
    let request = VoiceOverRequest::new("A longer text, to be heard as it comes.", VOICE).stream(
        Chunks::new(move |bytes| {
            into.lock().unwrap().push(bytes.to_vec());
            ControlFlow::Continue(())
        }),
    );
    let spoken = set.say(&request).unwrap();
    let pieces = pieces.lock().unwrap();
    assert!(pieces.len() > 1 && pieces.concat() == spoken.audio);
    assert!(set.service.received()[0].path().ends_with("/stream"));
    assert!(set.text("A longer text, to be heard as it comes.").unwrap().cached);
}

#[test]
fn voices_are_listed_page_by_page() {
    let set = Set::new();
    let voices = set.client().get_available_voices(&Cancel::new()).unwrap();
    assert_eq!(voices.len(), 230);
    assert_eq!(voices[229]["name"], "Voice 229");
    assert_eq!(set.service.received().len(), 3);
}

#[test]
fn a_clone_is_sent_whole_again_after_a_refusal() {
    let set = Set::new();
    let mp3 = vec![0xff, 0xfb, 0x90, 0xc0, 0, 0];
    let request = CloneRequest::new("Brand #retry", vec![mp3.clone(); 2]).description("voice");
    let id = set.client().clone_voice(&request, &Cancel::new()).unwrap();
    assert_eq!(id, "clonedvoice000000001");
    let received = set.service.received();
    assert_eq!(received.len(), 2);
    assert_eq!(received[0].body, received[1].body);
    let full = CloneRequest::new("Brand #full", vec![mp3]);
    let error = set.client().clone_voice(&full, &Cancel::new()).unwrap_err();
    assert!(error.to_string().contains("no slot is free"), "{error}");
}

#[test]
fn a_preset_that_the_account_does_not_have_says_what_is_known_about_it() {
    let set = Set::new();
    let error = set.say(&VoiceOverRequest::new("Say #fail=voice", "rachel")).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("replaced by Janet") && text.contains("override the presets"), "{text}");
    let error = set.say(&VoiceOverRequest::new("x", "missing0123456789abc")).unwrap_err();
    assert!(matches!(error, Error::Refused { status: 404, .. }), "{error}");
}

#[test]
fn ads_and_languages_choose_voice_settings_and_model() {
    let set = Set::new();
    let client = set.client();
    let ad = client.ad_voiceover("Stop scrolling!", "energetic_male").unwrap();
    client.generate_voiceover(&ad, &Cancel::new()).unwrap();
    let german = client.multilingual("Guten Tag.", "bella", "de").unwrap();
    let spoken = client.generate_voiceover(&german, &Cancel::new()).unwrap();
    assert_eq!(spoken.model_used, "eleven_flash_v2_5");
    let received = set.service.received();
    assert!(received[0].path().contains("TxGEqnHWrfWFTfGW9XjX"));
    assert!(String::from_utf8_lossy(&received[1].body).contains(r#""language_code":"de""#));
    assert!(client.multilingual("x", "bella", "xx").is_err());
    assert!(client.ad_voiceover("x", "angry").is_err());
    assert_eq!(client.subscription(&Cancel::new()).unwrap().character_limit, 100_000);
}

#[test]
fn what_breaks_a_rule_is_not_sent() {
    let set = Set::new();
    for request in [
        VoiceOverRequest::new("", VOICE),
        VoiceOverRequest::new("x".repeat(200_000), VOICE),
        VoiceOverRequest::new("x", "nobody"),
        VoiceOverRequest::new("x", VOICE).output_format("flac"),
        VoiceOverRequest::new("x", VOICE).language("xx"),
        VoiceOverRequest::new("x", VOICE)
            .settings(VoiceSettings { stability: 2.0, ..VoiceSettings::default() }),
    ] {
        assert!(matches!(set.say(&request), Err(Error::InvalidInput { .. })));
    }
    let mut capped = set.options();
    capped.books = set.books().cap(Some(100));
    let capped = ElevenLabsClient::new(capped).unwrap();
    let error =
        capped.generate_voiceover(&VoiceOverRequest::new("too dear", VOICE), &Cancel::new());
    assert!(matches!(error, Err(Error::SpendingCap { .. })));
    assert!(set.service.received().is_empty());
    let broken = ElevenLabsClient::new(set.options().api_key("a\nb"));
    assert!(broken.unwrap_err().to_string().contains("line break"));
}
