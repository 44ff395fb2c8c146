//! The real transport: ureq over rustls.

use crate::fetch::host_of;
use crate::{
    Body, Cancel, Error, Failure, Head, Headers, Method, Reached, Request, Result, Sink, Transport,
};
use ::ureq::tls::{RootCerts, TlsConfig};
use ::ureq::{Agent, Proxy, SendBody, Timeout, http};
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How a [`UreqTransport`] connects.
#[derive(Clone)]
#[non_exhaustive]
pub struct UreqOptions {
    /// Time for finding and reaching a host, TLS included.
    pub connect_timeout: Duration,
    /// A proxy in place of what `ALL_PROXY`, `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` say; an empty text is no proxy.
    pub proxy: Option<String>,
    /// Open connections kept for later requests.
    pub max_idle_connections: usize,
    /// Name and version that the service sees.
    pub user_agent: String,
}

impl Default for UreqOptions {
    /// 5 s to connect, the environment's proxy, 64 open connections.
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            proxy: None,
            max_idle_connections: 64,
            user_agent: concat!("geminivideo/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

impl UreqOptions {
    /// The options with another time to connect.
    #[must_use]
    pub const fn connect_timeout(mut self, value: Duration) -> Self {
        self.connect_timeout = value;
        self
    }

    /// The options with a proxy; an empty text is no proxy.
    #[must_use]
    pub fn proxy(mut self, value: impl Into<String>) -> Self {
        self.proxy = Some(value.into());
        self
    }
}

impl std::fmt::Debug for UreqOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UreqOptions")
            .field("connect_timeout", &self.connect_timeout)
            .field("proxy", &self.proxy.as_deref().map(without_password))
            .finish_non_exhaustive()
    }
}

/// HTTP/1.1 over blocking sockets, with the system's root certificates and connections that are kept.
///
/// Clones share their connections. Nothing is compressed, no cookie is kept.
#[derive(Debug, Clone)]
pub struct UreqTransport {
    agent: Agent,
}

impl UreqTransport {
    /// A transport with these options.
    ///
    /// # Errors
    ///
    /// [`Error::Proxy`] where the proxy's address cannot be used.
    pub fn new(options: &UreqOptions) -> Result<Self> {
        let proxy = match options.proxy.as_deref() {
            None => Proxy::try_from_env(),
            Some("") => None,
            Some(address) => Some(Proxy::new(address).map_err(|error| Error::Proxy {
                given: without_password(address),
                reason: error.to_string(),
            })?),
        };
        let tls = TlsConfig::builder()
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .root_certs(RootCerts::PlatformVerifier)
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .proxy(proxy)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(options.user_agent.as_str())
            .accept_encoding("identity")
            .timeout_connect(Some(options.connect_timeout))
            .timeout_resolve(Some(options.connect_timeout))
            .max_idle_connections(options.max_idle_connections)
            .max_idle_connections_per_host(options.max_idle_connections)
            .build();
        Ok(Self { agent: Agent::new_with_config(config) })
    }

    fn run(
        &self,
        builder: http::request::Builder,
        body: SendBody<'_>,
        request: &Request,
    ) -> std::result::Result<http::Response<::ureq::Body>, Stop> {
        let built = builder.body(body).map_err(|error| Stop::Bad(error.to_string()))?;
        let configured = self
            .agent
            .configure_request(built)
            .timeout_global(Some(request.timeout))
            .timeout_per_read(Some(request.idle_timeout))
            .timeout_per_write(Some(request.idle_timeout))
            .max_redirects(request.allowed_redirects())
            .allow_non_standard_methods(true)
            .build();
        self.agent.run(configured).map_err(Stop::Before)
    }

    fn exchange(
        &self,
        request: &Request,
        sink: &mut dyn Sink,
        cancel: &Cancel,
        sent: &AtomicU64,
    ) -> std::result::Result<(), Stop> {
        let mut builder =
            http::Request::builder().method(request.method.as_str()).uri(&request.url);
        for (name, value) in request.headers.iter() {
            builder = builder.header(name, value);
        }
        let carries = !matches!(request.body, Body::Empty) || request.method == Method::Post;
        if carries {
            builder = builder.header("Content-Length", request.body.len());
        }
        let answered = if carries {
            let mut reader = Counted { inner: request.body.reader(), sent, failed: None };
            let answered = self.run(builder, SendBody::from_reader(&mut reader), request);
            if let Some(error) = reader.failed {
                return Err(Stop::Unreadable(error.to_string()));
            }
            answered
        } else {
            self.run(builder, SendBody::none(), request)
        };
        let mut response = answered?;
        let mut headers = Headers::new();
        for (name, value) in response.headers() {
            headers.add_received(name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
        }
        let status = response.status().as_u16();
        sink.head(Head { status, headers }).map_err(Stop::Sink)?;
        let mut body = response.body_mut().with_config().limit(u64::MAX).reader();
        let mut buffer = vec![0; 64 << 10];
        loop {
            if cancel.is_cancelled() {
                return Err(Stop::Sink(Failure::Cancelled { reached: Reached::MaybeSent }));
            }
            match body.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(count) => sink.chunk(&buffer[..count]).map_err(Stop::Sink)?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Stop::During(error.to_string())),
            }
        }
    }
}

enum Stop {
    Bad(String),
    Unreadable(String),
    Before(::ureq::Error),
    During(String),
    Sink(Failure),
}

impl Transport for UreqTransport {
    fn name(&self) -> &str {
        "ureq 3"
    }

    fn send(
        &self,
        request: &Request,
        sink: &mut dyn Sink,
        cancel: &Cancel,
    ) -> std::result::Result<(), Failure> {
        let host = host_of(&request.url);
        let sent = AtomicU64::new(0);
        let started = Instant::now();
        let result = self.exchange(request, sink, cancel, &sent);
        let whole = request.body.len();
        let handed_over = sent.load(Ordering::Relaxed);
        let reached =
            if whole > 0 && handed_over < whole { Reached::NotSent } else { Reached::MaybeSent };
        log::debug!(
            "{} {}: {handed_over} bytes sent, {:.1} ms",
            request.method.as_str(),
            crate::redacted_url(&request.url),
            started.elapsed().as_secs_f64() * 1000.0
        );
        result.map_err(|stop| match stop {
            Stop::Sink(failure) => failure,
            Stop::Bad(reason) => Failure::Local {
                what: format!("the request to {host} cannot be sent"),
                reason,
                reached: Reached::NotSent,
            },
            Stop::Unreadable(reason) => Failure::Local {
                what: format!("the body for {host} cannot be read"),
                reason,
                reached: Reached::NotSent,
            },
            Stop::During(reason) => {
                Failure::Cut { host, received: 0, announced: None, reason, head: None }
            }
            Stop::Before(error) => before(error, host, request, reached),
        })
    }
}

fn before(error: ::ureq::Error, host: String, request: &Request, reached: Reached) -> Failure {
    use ::ureq::Error as E;
    match error {
        E::Timeout(Timeout::Resolve | Timeout::Connect) => {
            Failure::Connect { host, reason: "no connection in time".to_owned() }
        }
        E::Timeout(at) => {
            let (phase, limit, reached) = match at {
                Timeout::PerRead => ("no byte came", request.idle_timeout, Reached::MaybeSent),
                Timeout::PerWrite => ("no byte was taken", request.idle_timeout, reached),
                Timeout::SendRequest | Timeout::SendBody => ("sending", request.timeout, reached),
                _ => ("the whole request", request.timeout, reached),
            };
            Failure::Timeout { host, phase, limit, reached }
        }
        E::Io(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            Failure::Connect { host, reason: error.to_string() }
        }
        E::Io(error) => Failure::Broken { host, reason: error.to_string(), reached },
        E::HostNotFound => Failure::Connect { host, reason: "host not found".to_owned() },
        E::ConnectionFailed => Failure::Connect { host, reason: "connection failed".to_owned() },
        E::Tls(reason) => Failure::Connect { host, reason: format!("TLS: {reason}") },
        E::Rustls(error) => Failure::Connect { host, reason: format!("TLS: {error}") },
        E::ConnectProxyFailed(reason) => Failure::Connect {
            host,
            reason: format!("the proxy refused: {}", without_password(&reason)),
        },
        E::InvalidProxyUrl | E::TlsRequired | E::RequireHttpsOnly(_) => Failure::Connect {
            host,
            reason: "the proxy or TLS settings do not allow it".to_owned(),
        },
        E::BadUri(_) | E::Http(_) => Failure::Local {
            what: format!("the request to {host} cannot be sent"),
            reason: "its URL or a header field is malformed".to_owned(),
            reached: Reached::NotSent,
        },
        E::Protocol(error) => Failure::Protocol { host, reason: error.to_string() },
        E::LargeResponseHeader(given, allowed) => Failure::Protocol {
            host,
            reason: format!("header fields of {given} bytes, allowed are {allowed}"),
        },
        other => Failure::Broken { host, reason: other.to_string(), reached },
    }
}

fn without_password(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((before, host)) => match before.split_once("://") {
            Some((scheme, _)) => format!("{scheme}://{host}"),
            None => host.to_owned(),
        },
        None => address.to_owned(),
    }
}

struct Counted<'a> {
    inner: Box<dyn Read + Send + 'a>,
    sent: &'a AtomicU64,
    failed: Option<io::Error>,
}

impl Read for Counted<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self.inner.read(buf) {
            Ok(count) => {
                self.sent.fetch_add(count as u64, Ordering::Relaxed);
                Ok(count)
            }
            Err(error) => {
                let again = io::Error::new(error.kind(), error.to_string());
                self.failed = Some(error);
                Err(again)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Answer, Server, transport_suite};
    use crate::{Destination, fetch};

    fn transport() -> UreqTransport {
        UreqTransport::new(&UreqOptions::default().proxy("")).unwrap()
    }

    #[test]
    fn it_keeps_the_contract_of_the_seam() {
        transport_suite(&transport());
    }

    #[test]
    fn a_certificate_nobody_vouches_for_and_a_server_without_tls_are_no_connection() {
        let server = Server::start(|_| Answer::status(200));
        let url = server.url("/").replace("http://", "https://");
        let request = Request::new(Method::Post, url).json("{}").unwrap();
        let failure = fetch(&transport(), &request, &Cancel::new()).unwrap_err();
        assert_eq!(failure.reached(), Reached::NotSent, "{failure:?}");
        assert!(server.received().is_empty());
    }

    #[test]
    fn a_proxy_is_asked_and_its_password_is_not_shown() {
        let proxy = Server::start(|_| Answer::status(200).body(b"through the proxy"));
        let address = proxy.url("");
        let with = UreqTransport::new(&UreqOptions::default().proxy(address)).unwrap();
        let request = Request::new(Method::Get, "http://ads.invalid/x");
        let reply = fetch(&with, &request, &Cancel::new());
        let seen = proxy.received();
        assert!(seen.iter().any(|r| r.target.contains("ads.invalid")), "{reply:?} {seen:?}");
        let options = UreqOptions::default().proxy("bad://u:pw@h");
        let error = UreqTransport::new(&options).unwrap_err();
        let shown = format!("{error} {error:?} {options:?}");
        assert!(shown.contains("bad://h") && !shown.contains("pw"), "{shown}");
    }

    #[test]
    fn connections_are_kept() {
        let server = Server::start(|_| Answer::status(200).body(b"x"));
        let transport = transport();
        for _ in 0..5 {
            let request = Request::new(Method::Get, server.url("/"));
            fetch(&transport, &request, &Cancel::new()).unwrap();
        }
        assert_eq!(server.connections(), 1);
    }

    #[test]
    fn a_body_of_5_gb_is_refused_at_once() {
        let server = Server::start(|_| Answer::status(200).announce(5 << 30).body(b"x"));
        let mut request = Request::new(Method::Get, server.url("/"));
        request.destination = Destination::Memory { limit: 1 << 20 };
        let start = Instant::now();
        let failure = fetch(&transport(), &request, &Cancel::new()).unwrap_err();
        assert!(matches!(failure, Failure::TooLarge { .. }), "{failure:?}");
        assert!(start.elapsed() < Duration::from_secs(5));
    }
}
