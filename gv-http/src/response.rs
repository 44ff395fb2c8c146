//! Answers.

use crate::Headers;
use std::path::{Path, PathBuf};

/// Status and header fields of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Head {
    /// The status code, 100 to 599.
    pub status: u16,
    /// The header fields.
    pub headers: Headers,
}

impl Head {
    /// The `Content-Length`, where there is one that can be read.
    pub fn content_length(&self) -> Option<u64> {
        self.headers.get("content-length")?.trim().parse().ok()
    }

    /// The media type without its parameters, in lower case; empty where there is none.
    pub fn media_type(&self) -> String {
        let value = self.headers.get("content-type").unwrap_or("");
        value.split(';').next().unwrap_or("").trim().to_ascii_lowercase()
    }

    /// Whether the status is 200 to 299.
    pub const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }
}

/// Where the body of an answer is.
#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    /// In memory.
    Bytes(Vec<u8>),
    /// In a file, complete.
    File {
        /// The file.
        path: PathBuf,
        /// Its size in bytes.
        bytes: u64,
    },
    /// Handed to the caller piece by piece.
    Streamed {
        /// Bytes handed over.
        bytes: u64,
    },
}

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
            Self::File { path, bytes } => write!(f, "File({}, {bytes} bytes)", path.display()),
            Self::Streamed { bytes } => write!(f, "Streamed({bytes} bytes)"),
        }
    }
}

/// An answer, complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Status and header fields.
    pub head: Head,
    /// The body.
    pub content: Content,
}

impl Response {
    /// The status code.
    pub const fn status(&self) -> u16 {
        self.head.status
    }

    /// The body's bytes; empty where it went into a file or to the caller.
    pub fn bytes(&self) -> &[u8] {
        match &self.content {
            Content::Bytes(bytes) => bytes,
            Content::File { .. } | Content::Streamed { .. } => &[],
        }
    }

    /// The file the body went into.
    pub fn file(&self) -> Option<&Path> {
        match &self.content {
            Content::File { path, .. } => Some(path),
            Content::Bytes(_) | Content::Streamed { .. } => None,
        }
    }

    /// The beginning of the body as one line of text fit for a message: at most `limit` characters.
    pub fn excerpt(&self, limit: usize) -> String {
        let text = String::from_utf8_lossy(self.bytes());
        let line: Vec<&str> = text.split_whitespace().take(limit).collect();
        let line = line.join(" ").replace(|c: char| c.is_control(), "\u{fffd}");
        match line.char_indices().nth(limit) {
            Some((at, _)) => format!("{}…", &line[..at]),
            None => line,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_one_short_line() {
        let body = b"<html>\r\n  <b>502</b>\x07\n\xff</html>".to_vec();
        let response = Response { head: Head::default(), content: Content::Bytes(body) };
        assert_eq!(response.excerpt(100), "<html> <b>502</b>\u{fffd} \u{fffd}</html>");
        assert_eq!(response.excerpt(6), "<html>…");
        assert_eq!(response.excerpt(0), "");
    }

    #[test]
    fn lengths_and_types_that_cannot_be_read_are_not_invented() {
        let mut head = Head::default();
        assert_eq!((head.content_length(), head.media_type().as_str()), (None, ""));
        head.headers.add_received("Content-Length", "-1");
        head.headers.add_received("Content-Type", "Video/MP4; codecs=x");
        assert_eq!((head.content_length(), head.media_type().as_str()), (None, "video/mp4"));
    }
}
