//! What can be wrong with a request before it is sent.

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A header's name or value cannot be sent.
    #[error(
        "header {name} cannot be sent: {problem}; allowed are visible ASCII characters, spaces and tabs"
    )]
    InvalidHeader {
        /// The header's name; its value is not shown.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A URL cannot be used as the address of a service.
    #[error("base URL {url} cannot be used: {rule}")]
    InvalidUrl {
        /// The URL, without its query.
        url: String,
        /// The rule it breaks.
        rule: &'static str,
    },
    /// A part of a multipart body cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    UnreadableFile {
        /// The file.
        path: std::path::PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The TLS library cannot be set up.
    #[error("TLS cannot be set up: {reason}")]
    Tls {
        /// What the library says.
        reason: String,
    },
    /// A proxy address cannot be used.
    #[error("the proxy {given} cannot be used: {reason}")]
    Proxy {
        /// The proxy, without user and password.
        given: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// A result whose error is this crate's.
pub type Result<T, E = Error> = std::result::Result<T, E>;
