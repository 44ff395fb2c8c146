//! Runs Meta's Marketing API on the loopback address until it is killed, for tests in other languages.
//!
//! Prints one line of JSON with its address, token and app secret. On the port `stats`, `GET /_stats` says what the budgets
//! are and `GET /_received` what was asked.

use gv_http::testing::{Answer, Received, Server};
use gv_optimize::testing::{META_SECRET, META_TOKEN, MetaServer};
use serde_json::json;
use std::io::Write;
use std::sync::Arc;

fn shown(request: &Received) -> serde_json::Value {
    json!({
        "method": request.method,
        "target": request.target,
        "headers": request.headers,
        "body": String::from_utf8_lossy(&request.body),
    })
}

fn main() -> std::io::Result<()> {
    let meta = Arc::new(MetaServer::start());
    let seen = Arc::clone(&meta);
    let stats = Server::start_on("127.0.0.1:0", false, move |request| {
        let body = match request.path() {
            "/_stats" => json!({"budgets": seen.budgets()}),
            "/_received" => seen.received().iter().map(shown).collect(),
            _ => return Answer::status(404),
        };
        Answer::status(200).json(&body.to_string())
    });
    let line = json!({"url": meta.url(), "token": META_TOKEN, "secret": META_SECRET, "stats": stats.url("")});
    let mut out = std::io::stdout();
    writeln!(out, "{line}")?;
    out.flush()?;
    loop {
        std::thread::park();
    }
}
