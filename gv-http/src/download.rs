//! Downloads into a file that go on where they were cut.

use crate::fetch::content_range_start;
use crate::{
    Call, CallError, Content, Destination, Event, Exchange, Failure, FileTarget, Jitter, Method,
    Moment, Request, Response, RetryPolicy, Step, redacted_url,
};
use std::path::PathBuf;
use std::time::Duration;

/// A file that was downloaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Downloaded {
    /// The file.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// The media type the service stated, in lower case.
    pub media_type: String,
    /// How often the download went on after a cut.
    pub resumed: u32,
}

/// Why a download has no file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DownloadError {
    /// The address does not lead to the file, or no longer.
    #[error("{url} answered with status {status}{}", if matches!(*status, 401 | 403 | 404 | 410) { "; the address has expired or never led to a file" } else { "" })]
    Status {
        /// The address, without its query.
        url: String,
        /// The status.
        status: u16,
    },
    /// What came is not of the kind that was asked for.
    #[error("{url} answered with {given:?} instead of {wanted}")]
    WrongType {
        /// The address, without its query.
        url: String,
        /// The media type that came.
        given: String,
        /// The media types that are taken.
        wanted: String,
    },
    /// The file is empty.
    #[error("{url} answered with an empty file")]
    Empty {
        /// The address, without its query.
        url: String,
    },
    /// There was no answer.
    #[error("{url}: {source}")]
    Call {
        /// The address, without its query.
        url: String,
        /// Why.
        source: CallError,
    },
}

impl DownloadError {
    /// Whether a fresh address may lead to the file.
    pub const fn is_expired(&self) -> bool {
        matches!(self, Self::Status { status: 401 | 403 | 404 | 410, .. })
    }
}

/// A download of one address into one file.
///
/// A body that is cut goes on after the bytes that came (`Range`, with `If-Range` where the service gave a strong
/// `ETag` or a `Last-Modified`; without either it starts anew). Cuts do not use up retries as long as bytes keep coming.
/// The address carries no key; redirects are followed up to five times.
#[derive(Debug, Clone)]
pub struct Download {
    url: String,
    target: FileTarget,
    timeout: Duration,
    idle_timeout: Duration,
    policy: RetryPolicy,
    jitter: Jitter,
    call: Call,
    validator: Option<String>,
    resumed: u32,
    after_wait: Option<u64>,
}

/// Cuts that are survived where the download can go on after the bytes that came.
const MAX_CUTS: u32 = 100;

impl Download {
    /// A download of `url` into `target`; [`FileTarget::resume_from`] is set by the download itself.
    pub fn new(
        url: impl Into<String>,
        target: FileTarget,
        policy: RetryPolicy,
        jitter: Jitter,
    ) -> Self {
        let url = url.into();
        let target = FileTarget { resume_from: 0, ..target };
        let first = Request::new(Method::Get, url.clone());
        Self {
            call: Call::new(first, policy.clone(), jitter.clone()),
            url,
            target,
            timeout: Duration::from_secs(1800),
            idle_timeout: Duration::from_secs(30),
            policy,
            jitter,
            validator: None,
            resumed: 0,
            after_wait: None,
        }
    }

    /// The download with other times: for each attempt, and without a byte coming.
    #[must_use]
    pub const fn timeouts(mut self, attempt: Duration, idle: Duration) -> Self {
        self.timeout = attempt;
        self.idle_timeout = idle;
        self
    }

    fn begin(&mut self, now: Moment, received: u64) -> Step<Result<Downloaded, DownloadError>> {
        self.target.resume_from = received;
        let mut request = Request::new(Method::Get, self.url.clone());
        request.destination = Destination::File(self.target.clone());
        request.timeout = self.timeout;
        request.idle_timeout = self.idle_timeout;
        request.max_redirects = 5;
        if received > 0 {
            let validator = self.validator.clone().unwrap_or_default();
            let fields = request
                .headers
                .set("Range", &format!("bytes={received}-"))
                .and_then(|()| request.headers.set("If-Range", &validator));
            if fields.is_err() {
                return self.begin(now, 0);
            }
        }
        self.jitter.unit();
        self.call = Call::new(request, self.policy.clone(), self.jitter.clone());
        let step = self.call.step(now, Event::Start);
        self.take(now, step)
    }

    fn take(
        &mut self,
        now: Moment,
        step: Step<Result<Response, CallError>>,
    ) -> Step<Result<Downloaded, DownloadError>> {
        match step {
            Step::Send(request) => Step::Send(request),
            Step::Wait(time) => Step::Wait(time),
            Step::Done(Ok(response)) => self.judge(now, response),
            Step::Done(Err(source)) => {
                Step::Done(Err(DownloadError::Call { url: self.shown(), source }))
            }
        }
    }

    fn judge(
        &mut self,
        now: Moment,
        response: Response,
    ) -> Step<Result<Downloaded, DownloadError>> {
        let status = response.status();
        let media_type = response.head.media_type();
        match response.content {
            Content::File { bytes: 0, .. } => {
                Step::Done(Err(DownloadError::Empty { url: self.shown() }))
            }
            Content::File { path, bytes } => {
                Step::Done(Ok(Downloaded { path, bytes, media_type, resumed: self.resumed }))
            }
            _ if status == 416 && self.target.resume_from > 0 => self.begin(now, 0),
            _ if status == 206
                && self.target.resume_from > 0
                && content_range_start(&response.head) != Some(self.target.resume_from) =>
            {
                self.begin(now, 0)
            }
            _ if response.head.is_success() => Step::Done(Err(DownloadError::WrongType {
                url: self.shown(),
                given: media_type,
                wanted: self.target.media_types.join(", "),
            })),
            _ => Step::Done(Err(DownloadError::Status { url: self.shown(), status })),
        }
    }

    fn shown(&self) -> String {
        redacted_url(&self.url)
    }

    fn survives(&self, validator: Option<&str>) -> bool {
        let limit = if validator.is_some() { MAX_CUTS } else { self.policy.max_retries };
        self.resumed < limit
    }
}

impl Exchange for Download {
    type Output = Result<Downloaded, DownloadError>;

    fn step(&mut self, now: Moment, event: Event) -> Step<Self::Output> {
        match (event, self.after_wait.take()) {
            (Event::Start, _) => self.begin(now, 0),
            (Event::Woken, Some(from)) => self.begin(now, from),
            (Event::Failed(Failure::Cut { received, head: Some(head), .. }), _)
                if received > 0
                    && head.is_success()
                    && self.survives(validator(&head).as_deref()) =>
            {
                let before = if head.status == 206 { self.target.resume_from } else { 0 };
                let there = before.saturating_add(received);
                self.validator = validator(&head);
                self.resumed += 1;
                let from = if self.validator.is_some() { there } else { 0 };
                log::info!("{} was cut after {there} bytes, going on after {from}", self.shown());
                self.after_wait = Some(from);
                Step::Wait(self.policy.base)
            }
            (event, _) => {
                let step = self.call.step(now, event);
                self.take(now, step)
            }
        }
    }
}

fn validator(head: &crate::Head) -> Option<String> {
    let strong = |tag: &&str| tag.starts_with('"');
    let tag = head.headers.get("etag").map(str::trim).filter(strong);
    tag.or_else(|| head.headers.get("last-modified").map(str::trim)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Reply, ScriptedTransport};
    use crate::{Cancel, drive};
    use std::path::Path;

    fn download(path: &Path) -> Download {
        let target = FileTarget {
            path: path.to_owned(),
            limit: 1000,
            media_types: vec!["video/", "application/octet-stream"],
            resume_from: 9,
        };
        let policy = RetryPolicy::default().max_retries(2).base(Duration::from_millis(1));
        Download::new("https://h/v.mp4?_jwt=SECRET", target, policy, Jitter::seeded(1))
    }

    fn video(status: u16, body: &[u8]) -> Reply {
        Reply::status(status)
            .header("Content-Type", "video/mp4")
            .header("ETag", "\"v1\"")
            .body(body)
    }

    fn run(
        replies: impl IntoIterator<Item = Reply>,
    ) -> (Result<Downloaded, DownloadError>, Option<Vec<u8>>, Vec<Request>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v.mp4");
        let transport = ScriptedTransport::new(replies);
        let result = drive(&mut download(&path), &transport, &Cancel::new());
        (result, std::fs::read(&path).ok(), transport.requests())
    }

    #[test]
    fn a_cut_download_goes_on_after_the_bytes_that_came() {
        let rest = |from: usize, body: &[u8]| {
            video(206, body).header("Content-Range", &format!("bytes {from}-8/9"))
        };
        let (result, file, requests) =
            run([video(200, b"abc").cut(), rest(3, b"def").cut(), rest(6, b"ghi")]);
        let result = result.unwrap();
        assert_eq!(file.unwrap(), b"abcdefghi");
        assert_eq!((result.bytes, result.resumed), (9, 2));
        assert_eq!(requests[0].headers.get("range"), None);
        assert_eq!(requests[1].headers.get("range"), Some("bytes=3-"));
        assert_eq!(requests[2].headers.get("range"), Some("bytes=6-"));
        assert_eq!(requests[2].headers.get("if-range"), Some("\"v1\""));
    }

    #[test]
    fn a_file_that_changed_meanwhile_is_taken_anew() {
        let (result, file, _) = run([video(200, b"abc").cut(), video(200, b"ABCDEF")]);
        assert_eq!((result.unwrap().bytes, file.unwrap()), (6, b"ABCDEF".to_vec()));
        let (result, file, _) =
            run([video(200, b"abc").cut(), Reply::status(416), video(200, b"ABCDEF")]);
        assert_eq!((result.unwrap().bytes, file.unwrap()), (6, b"ABCDEF".to_vec()));
        let odd = video(206, b"XY").header("Content-Range", "bytes 1-2/9");
        let (result, file, _) = run([video(200, b"abc").cut(), odd, video(200, b"ABCDEF")]);
        assert_eq!((result.unwrap().bytes, file.unwrap()), (6, b"ABCDEF".to_vec()));
    }

    #[test]
    fn without_a_validator_the_file_is_taken_anew_and_not_for_ever() {
        let plain = || Reply::status(200).header("Content-Type", "video/mp4").body(b"abc");
        let (result, file, requests) = run([plain().cut(), plain()]);
        assert_eq!((result.unwrap().bytes, file.unwrap()), (3, b"abc".to_vec()));
        assert_eq!(requests[1].headers.get("range"), None);
        let (result, file, requests) = run((0..9).map(|_| plain().cut()));
        assert!(matches!(result, Err(DownloadError::Call { .. })), "{result:?}");
        assert!(file.is_none());
        assert!(requests.len() <= 6, "{}", requests.len());
    }

    #[test]
    fn an_expired_address_a_page_and_an_empty_file_are_told_apart() {
        for status in [401, 403, 404, 410] {
            let (result, _, _) = run([Reply::status(status)]);
            let error = result.unwrap_err();
            assert!(error.is_expired(), "{error}");
            assert!(!error.to_string().contains("SECRET"), "{error}");
        }
        let page = Reply::status(200).header("Content-Type", "text/html").body(b"<html>");
        let error = run([page]).0.unwrap_err();
        assert!(matches!(&error, DownloadError::WrongType { given, .. } if given == "text/html"));
        assert!(!error.is_expired());
        assert!(matches!(run([video(200, b"")]).0, Err(DownloadError::Empty { .. })));
        let (result, _, requests) = run((0..9).map(|_| Reply::status(500)));
        assert!(matches!(result, Err(DownloadError::Status { status: 500, .. })));
        assert_eq!(requests.len(), 3);
    }

    #[test]
    fn a_file_over_the_limit_is_refused_at_its_announcement() {
        let huge = video(200, b"x").header("Content-Length", "5368709120");
        let error = run([huge]).0.unwrap_err();
        assert!(error.to_string().contains("5368709120 bytes announced"), "{error}");
    }
}
