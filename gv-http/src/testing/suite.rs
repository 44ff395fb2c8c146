//! What every transport must keep to.

use super::{Answer, Received, Server};
use crate::{
    Cancel, Chunks, Destination, Failure, Method, Multipart, Part, Reached, Request, Transport,
    fetch,
};
use std::net::TcpListener;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

fn answer(request: &Received) -> Answer {
    match request.path() {
        "/echo" => {
            let mut shown = format!("{} {}\n", request.method, request.target);
            for (name, value) in &request.headers {
                shown += &format!("{}: {value}\n", name.to_ascii_lowercase());
            }
            Answer::status(200).body(&[shown.as_bytes(), b"\n", &request.body].concat())
        }
        "/404" => Answer::status(404).json("{\"error\":\"no\"}"),
        "/500" => Answer::status(500).body(b"<html>"),
        "/204" => Answer::status(204),
        "/gzip" => Answer::status(200).header("Content-Encoding", "gzip").body(b"\x1f\x8bnot gzip"),
        "/chunked" => Answer::status(200).chunked().body(&[7; 200_000]),
        "/short" => Answer::status(200).announce(100).body(b"ten bytes."),
        "/short-chunks" => Answer::status(200).chunked().close().body(b"ten bytes."),
        "/garbage" => Answer::raw(b"SSH-2.0-OpenSSH_9\r\n"),
        "/nothing" => Answer::raw(b""),
        "/slow-head" => Answer::status(200).delay(Duration::from_secs(2)).body(b"x"),
        "/slow-body" => Answer::status(200).slow(1, Duration::from_millis(100)).body(&[b'x'; 40]),
        "/redirect" => Answer::status(302).header("Location", "/echo"),
        _ => Answer::status(200),
    }
}

/// Checks a transport against the contract of [`Transport`].
///
/// # Panics
///
/// Where it is not kept; the message says how.
#[expect(
    clippy::unwrap_used,
    reason = "a conformance suite ends the test at the line that was wrong"
)]
pub fn transport_suite(transport: &dyn Transport) {
    let server = Server::start(answer);
    let get = |path: &str| Request::new(Method::Get, server.url(path));
    let send = |request: &Request| fetch(transport, request, &Cancel::new());
    assert!(!transport.name().is_empty());

    let mut request = get("/echo?a=1+2&b=%C3%A9");
    request.headers.set("X-One", "1").unwrap();
    request.headers.set_secret("X-Key", "secret").unwrap();
    let text = String::from_utf8(send(&request).unwrap().bytes().to_vec()).unwrap();
    assert!(text.starts_with("GET /echo?a=1+2&b=%C3%A9\n"), "the target is sent as it is: {text}");
    assert!(text.contains("\nx-one: 1\nx-key: secret\n"), "fields keep their order: {text}");
    assert!(!text.contains("content-length"), "a GET carries no body: {text}");

    let request = Request::new(Method::Post, server.url("/echo")).json("{\"a\":\"é\"}").unwrap();
    let text = String::from_utf8(send(&request).unwrap().bytes().to_vec()).unwrap();
    assert!(text.contains("\ncontent-length: 10\n"), "the length is announced: {text}");
    assert!(text.ends_with("\n\n{\"a\":\"é\"}"), "the body is sent as it is: {text}");

    let form = Multipart::new(vec![
        Part::text("name", "n"),
        Part::bytes("files", "a.mp3", "audio/mpeg", vec![0u8; 300_000]),
    ]);
    let size = form.len();
    let request = Request::new(Method::Post, server.url("/echo")).multipart(form).unwrap();
    for _ in 0..2 {
        let echoed = send(&request).unwrap();
        let text = String::from_utf8_lossy(echoed.bytes()).into_owned();
        assert!(text.contains(&format!("\ncontent-length: {size}\n")), "forms have a length");
        assert!(text.contains("name=\"name\"\r\n\r\nn\r\n"), "every sending has every field");
    }

    let mut empty = Request::new(Method::Post, server.url("/echo"));
    empty.timeout = Duration::from_secs(5);
    let text = String::from_utf8(send(&empty).unwrap().bytes().to_vec()).unwrap();
    assert!(text.contains("\ncontent-length: 0\n"), "an empty POST has a length: {text}");

    for (path, status) in [("/404", 404), ("/500", 500), ("/204", 204)] {
        assert_eq!(send(&get(path)).unwrap().status(), status, "a status is an answer");
    }
    assert_eq!(send(&get("/gzip")).unwrap().bytes(), b"\x1f\x8bnot gzip", "bodies stay coded");
    assert_eq!(send(&get("/chunked")).unwrap().bytes(), [7; 200_000], "chunks are joined");

    for path in ["/short", "/short-chunks"] {
        let failure = send(&get(path)).unwrap_err();
        assert!(matches!(failure, Failure::Cut { received: 10, .. }), "{path}: {failure:?}");
    }
    for path in ["/garbage", "/nothing"] {
        let request = Request::new(Method::Post, server.url(path)).json("{}").unwrap();
        let failure = send(&request).unwrap_err();
        assert_eq!(failure.reached(), Reached::MaybeSent, "{path}: {failure:?}");
    }

    let mut slow = Request::new(Method::Post, server.url("/slow-head")).json("{}").unwrap();
    slow.timeout = Duration::from_millis(200);
    let start = Instant::now();
    let failure = send(&slow).unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(2), "the timeout is kept");
    assert!(
        matches!(failure, Failure::Timeout { reached: Reached::MaybeSent, .. }),
        "a timeout after sending: {failure:?}"
    );

    let unused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let refused = Request::new(Method::Post, format!("http://{unused}/")).json("{}").unwrap();
    let failure = send(&refused).unwrap_err();
    assert!(matches!(failure, Failure::Connect { .. }), "no connection: {failure:?}");

    assert_eq!(
        send(&get("/redirect")).unwrap().status(),
        302,
        "redirects are not followed unasked"
    );
    let mut follows = get("/redirect");
    follows.max_redirects = 3;
    assert_eq!(send(&follows).unwrap().status(), 200, "redirects are followed where asked");
    follows.headers.set_secret("X-Key", "k").unwrap();
    assert_eq!(send(&follows).unwrap().status(), 302, "a secret is not carried along");

    let cancel = Cancel::new();
    let (pieces, switch) = (Arc::new(AtomicUsize::new(0)), cancel.clone());
    let counted = Arc::clone(&pieces);
    let mut cancelled = get("/slow-body");
    cancelled.destination = Destination::Chunks {
        to: Chunks::new(move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
            switch.cancel();
            ControlFlow::Continue(())
        }),
        limit: 1000,
    };
    let failure = fetch(transport, &cancelled, &cancel).unwrap_err();
    assert!(matches!(failure, Failure::Cancelled { .. }), "cancelled: {failure:?}");
    assert!(pieces.load(Ordering::SeqCst) < 10, "cancelling ends the transfer soon");

    let statuses = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| statuses.lock().unwrap().push(send(&get("/404")).map(|r| r.status())));
        }
    });
    assert_eq!(statuses.into_inner().unwrap(), vec![Ok(404); 8], "many threads at once");
}
