//! What every ad platform client must keep to.

use crate::Money;
use crate::platform::{AdPlatformClient, DateRange};

/// Checks a client against the contract of [`AdPlatformClient`].
///
/// `ad` is a running ad whose budget belongs to it or its ad set and is 50.00; `missing` is the id of no ad.
///
/// # Panics
///
/// Where the contract is not kept; the message says how.
#[expect(
    clippy::unwrap_used,
    reason = "a conformance suite ends the test at the line that was wrong"
)]
pub fn platform_suite(client: &dyn AdPlatformClient, ad: &str, missing: &str) {
    assert!(!client.name().is_empty());
    let before = client.state(ad).unwrap();
    assert!(before.running, "the ad runs at first");
    assert_eq!(before.daily_budget, Some(Money::from_cents(5000)));
    assert!(!before.budget_owner.is_empty(), "a budget belongs to something");
    for _ in 0..2 {
        client.pause(ad).unwrap();
        assert!(!client.state(ad).unwrap().running, "a pause is seen, and may be repeated");
    }
    for _ in 0..2 {
        client.resume(ad).unwrap();
        assert!(client.state(ad).unwrap().running, "a resumption is seen, and may be repeated");
    }
    for _ in 0..2 {
        client.set_daily_budget(ad, &before, Money::from_cents(6050)).unwrap();
        let after = client.state(ad).unwrap();
        assert_eq!(after.daily_budget, Some(Money::from_cents(6050)), "budgets are exact");
    }
    client.set_daily_budget(ad, &before, Money::from_cents(5000)).unwrap();
    assert_eq!(client.state(ad).unwrap(), before, "all is as it was");
    assert!(client.state(missing).is_err(), "an ad that is not there is an error");
    assert!(client.pause(missing).is_err(), "an ad that is not there cannot be paused");
    let days = DateRange { since: "2026-11-01".into(), until: "2026-11-07".into() };
    for row in client.insights(&days).unwrap() {
        assert!(!row.ad_id.is_empty() && row.spend >= 0.0 && row.revenue >= 0.0);
    }
}
