//! When a request is sent again.

use crate::{Failure, Moment, Reached, Repeat, Response, retry_after};
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// Numbers between 0 and 1 that spread retries; the same seed gives the same numbers.
///
/// SplitMix64 (Steele, Lea, Flood: *Fast splittable pseudorandom number generators*, 2014).
#[derive(Debug, Clone)]
pub struct Jitter(u64);

impl Jitter {
    /// Numbers that follow from a seed.
    pub const fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// Numbers that differ from process to process and from call to call.
    pub fn from_entropy() -> Self {
        Self(RandomState::new().hash_one(0u8))
    }

    /// The next number, at least 0 and less than 1.
    pub fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Which answers and failures are tried again, how often, and after what time.
///
/// The `n`th retry (from 0) waits `min(base * 2^n, cap)`, shortened by up to `jitter` of itself, unless the service
/// names a time, which is kept to the millisecond.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// Attempts after the first.
    pub max_retries: u32,
    /// The wait before the first retry.
    pub base: Duration,
    /// The longest wait that grows out of `base`.
    pub cap: Duration,
    /// The part of a wait that is left to chance, 0 to 1.
    pub jitter: f64,
    /// The longest time a service may ask for; if it asks for more, its answer is final.
    pub max_retry_after: Duration,
}

impl Default for RetryPolicy {
    /// 4 retries, 0.5 s doubling up to 8 s, shortened by up to a quarter; a service may ask for 60 s.
    fn default() -> Self {
        Self {
            max_retries: 4,
            base: Duration::from_millis(500),
            cap: Duration::from_secs(8),
            jitter: 0.25,
            max_retry_after: Duration::from_secs(60),
        }
    }
}

/// Whether to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The outcome is final.
    Final,
    /// Try again after this time.
    Retry(Duration),
}

impl RetryPolicy {
    /// A policy of no retries.
    pub fn none() -> Self {
        Self { max_retries: 0, ..Self::default() }
    }

    /// The policy with another number of retries.
    #[must_use]
    pub const fn max_retries(mut self, value: u32) -> Self {
        self.max_retries = value;
        self
    }

    /// The policy with another first wait.
    #[must_use]
    pub const fn base(mut self, value: Duration) -> Self {
        self.base = value;
        self
    }

    /// The policy with another longest wait.
    #[must_use]
    pub const fn cap(mut self, value: Duration) -> Self {
        self.cap = value;
        self
    }

    /// Judges an answer to the attempt `attempt` (from 0).
    ///
    /// Retried are 408, 409, 425, 429 and 500 to 599, unless `x-should-retry` says otherwise. A request that
    /// [may be paid twice](Repeat::MayPayTwice) is retried after 429, and after 503 where `rejected` proves that the
    /// service itself refused it; another error, or a gateway's page, leaves open whether the work was begun.
    pub fn judge_response(
        &self,
        attempt: u32,
        response: &Response,
        repeat: Repeat,
        rejected: bool,
        now: Moment,
        jitter: &mut Jitter,
    ) -> Verdict {
        let status = response.status();
        let told = response.head.headers.get("x-should-retry").map(str::trim);
        let worth_it = match told {
            Some("true") => !response.head.is_success(),
            Some("false") => false,
            _ => matches!(status, 408 | 409 | 425 | 429 | 500..=599),
        };
        let safe = match repeat {
            Repeat::Harmless => true,
            Repeat::MayPayTwice => status == 429 || (status == 503 && rejected),
        };
        if !worth_it || !safe || attempt >= self.max_retries {
            return Verdict::Final;
        }
        match retry_after(&response.head.headers, now) {
            Some(asked) if asked > self.max_retry_after => Verdict::Final,
            Some(asked) if !asked.is_zero() => Verdict::Retry(asked),
            _ => Verdict::Retry(self.wait(attempt, jitter)),
        }
    }

    /// Judges a failure of the attempt `attempt` (from 0).
    ///
    /// Retried is what a network does. A request that may be paid twice is retried only where it cannot have been
    /// acted on.
    pub fn judge_failure(
        &self,
        attempt: u32,
        failure: &Failure,
        repeat: Repeat,
        jitter: &mut Jitter,
    ) -> Verdict {
        let safe = repeat == Repeat::Harmless || failure.reached() == Reached::NotSent;
        if failure.is_transient() && safe && attempt < self.max_retries {
            Verdict::Retry(self.wait(attempt, jitter))
        } else {
            Verdict::Final
        }
    }

    fn wait(&self, attempt: u32, jitter: &mut Jitter) -> Duration {
        let grown = self.base.saturating_mul(1u32.checked_shl(attempt).unwrap_or(u32::MAX));
        let shorter = self.jitter.clamp(0.0, 1.0) * jitter.unit();
        grown.min(self.cap).mul_f64(if shorter.is_nan() { 1.0 } else { 1.0 - shorter })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Content, Head};

    fn response(status: u16, fields: &[(&str, &str)]) -> Response {
        let mut head = Head { status, ..Head::default() };
        for (name, value) in fields {
            head.headers.add_received(name, value);
        }
        Response { head, content: Content::Bytes(Vec::new()) }
    }

    fn judge(status: u16, fields: &[(&str, &str)], repeat: Repeat, rejected: bool) -> Verdict {
        let policy = RetryPolicy { jitter: 0.0, ..RetryPolicy::default() };
        let mut jitter = Jitter::seeded(1);
        policy.judge_response(
            0,
            &response(status, fields),
            repeat,
            rejected,
            Moment::default(),
            &mut jitter,
        )
    }

    const HALF: Verdict = Verdict::Retry(Duration::from_millis(500));

    #[test]
    fn a_request_that_may_be_paid_twice_is_repeated_only_after_a_refusal() {
        use Repeat::{Harmless, MayPayTwice};
        let cases = [
            (200, Harmless, false, Verdict::Final),
            (400, Harmless, false, Verdict::Final),
            (404, Harmless, false, Verdict::Final),
            (408, Harmless, false, HALF),
            (409, Harmless, false, HALF),
            (429, Harmless, false, HALF),
            (500, Harmless, false, HALF),
            (502, Harmless, false, HALF),
            (599, Harmless, false, HALF),
            (429, MayPayTwice, false, HALF),
            (503, MayPayTwice, true, HALF),
            (503, MayPayTwice, false, Verdict::Final),
            (500, MayPayTwice, true, Verdict::Final),
            (502, MayPayTwice, false, Verdict::Final),
            (504, MayPayTwice, true, Verdict::Final),
            (408, MayPayTwice, true, Verdict::Final),
            (409, MayPayTwice, true, Verdict::Final),
        ];
        for (status, repeat, rejected, wanted) in cases {
            assert_eq!(
                judge(status, &[], repeat, rejected),
                wanted,
                "{status} {repeat:?} {rejected}"
            );
        }
    }

    #[test]
    fn the_service_has_the_last_word_about_when_and_whether() {
        let after = |value| judge(429, &[("Retry-After", value)], Repeat::MayPayTwice, false);
        assert_eq!(after("7"), Verdict::Retry(Duration::from_secs(7)));
        assert_eq!(after("0"), HALF);
        assert_eq!(after("60"), Verdict::Retry(Duration::from_secs(60)));
        assert_eq!(after("61"), Verdict::Final);
        assert_eq!(after("later"), HALF);
        let told =
            |status, value| judge(status, &[("x-should-retry", value)], Repeat::Harmless, false);
        assert_eq!(told(400, "true"), HALF);
        assert_eq!(told(503, "false"), Verdict::Final);
        assert_eq!(told(200, "true"), Verdict::Final);
    }

    #[test]
    fn failures_of_the_network_are_tried_again_and_others_are_not() {
        let host = || "h".to_owned();
        let timeout = |reached| Failure::Timeout {
            host: host(),
            phase: "answer",
            limit: Duration::from_secs(1),
            reached,
        };
        let refused = Failure::Connect { host: host(), reason: "refused".into() };
        let large = Failure::TooLarge { host: host(), limit: 1, announced: None };
        let cases = [
            (refused, Repeat::MayPayTwice, true),
            (timeout(Reached::NotSent), Repeat::MayPayTwice, true),
            (timeout(Reached::MaybeSent), Repeat::MayPayTwice, false),
            (timeout(Reached::MaybeSent), Repeat::Harmless, true),
            (large, Repeat::Harmless, false),
            (Failure::Cancelled { reached: Reached::NotSent }, Repeat::Harmless, false),
        ];
        for (failure, repeat, wanted) in cases {
            let verdict =
                RetryPolicy::default().judge_failure(0, &failure, repeat, &mut Jitter::seeded(1));
            assert_eq!(matches!(verdict, Verdict::Retry(_)), wanted, "{failure} {repeat:?}");
        }
    }

    #[test]
    fn waits_double_up_to_the_cap_and_end_with_the_last_retry() {
        let policy = RetryPolicy { jitter: 0.0, ..RetryPolicy::default().max_retries(1000) };
        let mut jitter = Jitter::seeded(0);
        let waits: Vec<f64> = [0, 1, 2, 3, 4, 5, 31, 32, 999]
            .map(|n| policy.wait(n, &mut jitter).as_secs_f64())
            .into();
        assert_eq!(waits, [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0, 8.0, 8.0]);
        let none = RetryPolicy::none();
        let verdict = none.judge_response(
            0,
            &response(503, &[]),
            Repeat::Harmless,
            false,
            Moment::default(),
            &mut jitter,
        );
        assert_eq!(verdict, Verdict::Final);
    }

    #[test]
    fn chance_shortens_a_wait_by_at_most_its_share_and_follows_the_seed() {
        let policy = RetryPolicy::default();
        let waits = |seed| {
            let mut jitter = Jitter::seeded(seed);
            (0..1000).map(|_| policy.wait(0, &mut jitter)).collect::<Vec<_>>()
        };
        let some = waits(7);
        assert_eq!(some, waits(7));
        assert_ne!(some, waits(8));
        let (low, high) = (some.iter().min().unwrap(), some.iter().max().unwrap());
        assert!(*low >= Duration::from_millis(375) && *low < Duration::from_millis(380));
        assert!(*high <= Duration::from_millis(500) && *high > Duration::from_millis(495));
        let odd = RetryPolicy { jitter: f64::NAN, ..RetryPolicy::default() };
        assert_eq!(odd.wait(0, &mut Jitter::seeded(1)), Duration::from_millis(500));
    }
}
