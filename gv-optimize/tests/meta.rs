//! The Meta client against a server that behaves as Meta's Marketing API does.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail where they should")]

use gv_http::{UreqOptions, UreqTransport};
use gv_optimize::platform::meta::{MetaClient, MetaOptions};
use gv_optimize::platform::{
    AdPlatformClient, AdState, Change, ChangeJournal, DateRange, DryRunClient, Executor, Limits,
    Outcome, Phase,
};
use gv_optimize::testing::{Fault, MetaServer, platform_suite};
use gv_optimize::{Error, Money};
use std::sync::Arc;
use std::time::Duration;

fn client(server: &MetaServer) -> MetaClient {
    let mut options = MetaOptions::new().unwrap();
    options.access_token = Some("TOK|EN".to_owned());
    options.app_secret = Some("APPSECRET".to_owned());
    options.ad_account = Some("9".to_owned());
    options.base_url = Some(server.url());
    options.back_off = Duration::from_millis(2);
    options.poll = Duration::from_millis(2);
    options.timeout = Duration::from_millis(500);
    options.max_wait = Duration::from_secs(5);
    let transport = UreqTransport::new(&UreqOptions::default().proxy("")).unwrap();
    MetaClient::new(options, Arc::new(transport)).unwrap()
}

fn cents(value: i64) -> Money {
    Money::from_cents(value)
}

#[test]
fn both_clients_keep_the_contract_of_the_seam() {
    let server = MetaServer::start();
    platform_suite(&client(&server), "11", "99");
    let ads = [("11", AdState::running(cents(5000)))];
    platform_suite(&DryRunClient::new(ads), "11", "99");
    for request in server.received() {
        assert!(!request.target.contains("TOK"), "the token is in a header: {}", request.target);
    }
}

#[test]
fn a_budget_is_found_where_it_lives() {
    let server = MetaServer::start();
    let client = client(&server);
    let of_campaign = client.state("13").unwrap();
    assert_eq!(of_campaign.budget_owner, "31");
    assert_eq!(of_campaign.daily_budget, Some(cents(8000)));
    client.set_daily_budget("13", &of_campaign, cents(9000)).unwrap();
    assert_eq!(client.state("13").unwrap().daily_budget, Some(cents(9000)));
    assert_eq!(server.received().last().unwrap().path(), "/v26.0/31");
}

#[test]
fn figures_come_page_by_page_and_as_a_job() {
    let server = MetaServer::start();
    let client = client(&server);
    let days = DateRange { since: "2026-11-01".into(), until: "2026-11-07".into() };
    let rows = client.insights(&days).unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!((rows[0].spend, rows[0].conversions, rows[0].revenue), (350.5, 20, 1400.25));
    assert_eq!((rows[1].conversions, rows[1].revenue), (0, 0.0));
    server.fail([Fault::TooMuch]);
    assert_eq!(client.insights(&days).unwrap(), rows);
    assert!(server.received().iter().any(|request| request.path() == "/v26.0/77/insights"));
}

#[test]
fn reads_outlive_what_passes() {
    let server = MetaServer::start();
    let client = client(&server);
    let slow = Fault::Slow(Duration::from_millis(900));
    server.fail([Fault::Html, Fault::Down, Fault::CutAfter, slow]);
    assert!(client.state("11").unwrap().running);
    server.fail([Fault::Expired]);
    let error = client.state("11").unwrap_err();
    assert!(matches!(error, Error::Platform { code: Some((190, Some(463))), .. }), "{error}");
}

#[test]
fn a_change_that_was_cut_off_is_looked_up_and_not_repeated() {
    let server = MetaServer::start();
    let (client, journal) = (client(&server), ChangeJournal::in_memory());
    let executor = Executor::new(&client, &journal, Limits::default());
    let change = Change::budget("11", cents(5000), cents(6000));
    client.state("12").unwrap();
    server.fail([Fault::Used(1), Fault::Used(1), Fault::CutAfter]);
    let run = executor.apply(std::slice::from_ref(&change)).unwrap();
    assert_eq!(run.steps[0].outcome, Outcome::Done);
    let posts = server.received().iter().filter(|request| request.method == "POST").count();
    assert_eq!(posts, 1);
    assert_eq!(executor.apply(&[change]).unwrap().steps[0].outcome, Outcome::AlreadySo);
    executor.revert(&run.run).unwrap();
    assert_eq!(client.state("11").unwrap().daily_budget, Some(cents(5000)));
}

#[test]
fn what_the_platform_refuses_ends_the_run_with_its_words() {
    let server = MetaServer::strict();
    let (client, journal) = (client(&server), ChangeJournal::in_memory());
    let state = client.state("11").unwrap();
    for cents in 5001..5005 {
        client.set_daily_budget("11", &state, Money::from_cents(cents)).unwrap();
    }
    let executor = Executor::new(&client, &journal, Limits::default());
    let run = executor.apply(&[Change::budget("11", cents(5004), cents(6000))]).unwrap();
    let Outcome::Failed(why) = &run.steps[0].outcome else { panic!("{run:?}") };
    assert!(why.contains("613/1487632") && why.contains("3600 s"), "{why}");
    assert_eq!(journal.changes()[0].phase, Phase::Failed);
    let low = executor.apply(&[Change::budget("12", cents(5000), cents(50))]).unwrap();
    assert!(matches!(&low.steps[0].outcome, Outcome::Failed(why) if why.contains("1885272")));
}

#[test]
fn a_wrong_token_is_named_and_not_shown() {
    let server = MetaServer::start();
    let mut options = MetaOptions::new().unwrap();
    options.access_token = Some("WRONG".to_owned());
    options.base_url = Some(server.url());
    let transport = UreqTransport::new(&UreqOptions::default().proxy("")).unwrap();
    let client = MetaClient::new(options, Arc::new(transport)).unwrap();
    let error = client.pause("11").unwrap_err();
    assert!(matches!(error, Error::Platform { code: Some((190, None)), .. }), "{error}");
    assert!(!format!("{error} {error:?} {client:?}").contains("WRONG"));
}
