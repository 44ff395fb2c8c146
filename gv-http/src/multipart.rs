//! Forms with files (`multipart/form-data`, RFC 7578).

use crate::{Error, Result};
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;

/// What a part holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartContent {
    /// Bytes; clones share them.
    Bytes(Arc<[u8]>),
    /// A file, read while it is sent.
    File {
        /// The file.
        path: PathBuf,
        /// Its size in bytes when the form was made.
        bytes: u64,
    },
}

/// One part of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    name: String,
    file: Option<(String, String)>,
    content: PartContent,
}

impl Part {
    /// A text field: it carries `Content-Disposition` and nothing else.
    pub fn text(name: impl Into<String>, value: &str) -> Self {
        Self { name: name.into(), file: None, content: PartContent::Bytes(value.as_bytes().into()) }
    }

    /// A file that is in memory.
    pub fn bytes(
        name: impl Into<String>,
        file_name: impl Into<String>,
        media_type: impl Into<String>,
        bytes: impl Into<Arc<[u8]>>,
    ) -> Self {
        Self {
            name: name.into(),
            file: Some((file_name.into(), media_type.into())),
            content: PartContent::Bytes(bytes.into()),
        }
    }

    /// A file on the disk, which is read while it is sent.
    ///
    /// # Errors
    ///
    /// [`Error::UnreadableFile`] where it is no file or its size cannot be found.
    pub fn path(
        name: impl Into<String>,
        file_name: impl Into<String>,
        media_type: impl Into<String>,
        path: impl Into<PathBuf>,
    ) -> Result<Self> {
        let path = path.into();
        let size = |path: &PathBuf| {
            let meta = File::open(path)?.metadata()?;
            if meta.is_file() {
                Ok(meta.len())
            } else {
                Err(io::Error::other("it is not a regular file"))
            }
        };
        let bytes =
            size(&path).map_err(|source| Error::UnreadableFile { path: path.clone(), source })?;
        Ok(Self {
            name: name.into(),
            file: Some((file_name.into(), media_type.into())),
            content: PartContent::File { path, bytes },
        })
    }

    fn len(&self) -> u64 {
        match &self.content {
            PartContent::Bytes(bytes) => bytes.len() as u64,
            PartContent::File { bytes, .. } => *bytes,
        }
    }

    fn head(&self, boundary: &str) -> String {
        let mut head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"",
            quoted(&self.name)
        );
        if let Some((file_name, media_type)) = &self.file {
            head += &format!(
                "; filename=\"{}\"\r\nContent-Type: {}",
                quoted(file_name),
                line(media_type)
            );
        }
        head + "\r\n\r\n"
    }
}

/// A form; it can be read any number of times and always yields every part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Multipart {
    boundary: String,
    parts: Vec<Part>,
}

impl Multipart {
    /// A form of these parts in this order, with a boundary that no part in memory contains.
    pub fn new(parts: Vec<Part>) -> Self {
        let random = RandomState::new();
        let mut counter = 0u64;
        loop {
            let boundary = format!(
                "geminivideo-{:016x}{:016x}",
                random.hash_one(counter),
                random.hash_one(!counter)
            );
            if !parts.iter().any(|part| contains(part, boundary.as_bytes())) {
                return Self { boundary, parts };
            }
            counter += 1;
        }
    }

    /// The `Content-Type` of the form.
    pub fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    /// The parts.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The number of bytes of the form.
    pub fn len(&self) -> u64 {
        self.parts
            .iter()
            .map(|part| part.head(&self.boundary).len() as u64 + part.len() + 2)
            .sum::<u64>()
            + self.tail().len() as u64
    }

    /// Whether the form has no parts.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Reads the form from its beginning.
    ///
    /// A file that is no longer of the size it had is an error: its length was announced.
    pub fn reader(&self) -> impl Read + Send + '_ {
        Reader { form: self, part: 0, piece: 0, current: None, failed: false }
    }

    fn tail(&self) -> String {
        format!("--{}--\r\n", self.boundary)
    }
}

fn contains(part: &Part, needle: &[u8]) -> bool {
    match &part.content {
        PartContent::Bytes(bytes) => bytes.windows(needle.len()).any(|w| w == needle),
        PartContent::File { .. } => false,
    }
}

fn quoted(text: &str) -> String {
    text.replace('\r', "%0D").replace('\n', "%0A").replace('"', "%22")
}

fn line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

struct Reader<'a> {
    form: &'a Multipart,
    part: usize,
    piece: u8,
    current: Option<Box<dyn Read + Send + 'a>>,
    failed: bool,
}

impl<'a> Reader<'a> {
    fn open(&self) -> io::Result<Option<Box<dyn Read + Send + 'a>>> {
        let text =
            |text: String| Box::new(io::Cursor::new(text.into_bytes())) as Box<dyn Read + Send>;
        let Some(part) = self.form.parts.get(self.part) else {
            return Ok((self.part == self.form.parts.len() && self.piece == 0)
                .then(|| text(self.form.tail())));
        };
        Ok(Some(match (self.piece, &part.content) {
            (0, _) => text(part.head(&self.form.boundary)),
            (1, PartContent::Bytes(bytes)) => Box::new(&bytes[..]),
            (1, PartContent::File { path, bytes }) => {
                let file = File::open(path)?;
                if file.metadata()?.len() != *bytes {
                    return Err(io::Error::other(format!(
                        "{} changed its size while it was being sent",
                        path.display()
                    )));
                }
                Box::new(Exactly { file, left: *bytes })
            }
            _ => text("\r\n".to_owned()),
        }))
    }
}

impl Read for Reader<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        loop {
            if self.failed {
                return Err(io::Error::other("the form could not be read"));
            }
            if self.current.is_none() {
                match self.open() {
                    Ok(Some(piece)) => self.current = Some(piece),
                    Ok(None) => return Ok(0),
                    Err(error) => {
                        self.failed = true;
                        return Err(error);
                    }
                }
            }
            let Some(piece) = self.current.as_mut() else { return Ok(0) };
            let count = piece.read(buf)?;
            if count > 0 {
                return Ok(count);
            }
            self.current = None;
            self.piece += 1;
            if self.piece == 3 && self.part < self.form.parts.len() {
                self.piece = 0;
                self.part += 1;
            }
        }
    }
}

struct Exactly {
    file: File,
    left: u64,
}

impl Read for Exactly {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let most = buf.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        if most == 0 {
            return Ok(0);
        }
        let count = self.file.read(&mut buf[..most])?;
        if count == 0 {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "a file became shorter while it was being sent",
            ));
        }
        self.left -= count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(form: &Multipart) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        form.reader().read_to_end(&mut out).map(|_| out)
    }

    #[test]
    fn parts_come_in_order_and_every_reading_yields_all_of_them() {
        let form = Multipart::new(vec![
            Part::text("name", "Brand \"A\""),
            Part::bytes("files", "a\".mp3", "audio/mpeg", &b"\r\n--x"[..]),
        ]);
        let b = &form.boundary;
        let wanted = format!(
            "--{b}\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nBrand \"A\"\r\n\
             --{b}\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a%22.mp3\"\r\n\
             Content-Type: audio/mpeg\r\n\r\n\r\n--x\r\n--{b}--\r\n"
        );
        for _ in 0..2 {
            let bytes = read(&form).unwrap();
            assert_eq!(String::from_utf8(bytes.clone()).unwrap(), wanted);
            assert_eq!(form.len(), bytes.len() as u64);
        }
    }

    #[test]
    fn an_empty_form_is_its_end() {
        let form = Multipart::new(Vec::new());
        assert_eq!(read(&form).unwrap(), format!("--{}--\r\n", form.boundary).into_bytes());
    }

    #[test]
    fn a_file_is_streamed_and_one_that_changed_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v.bin");
        std::fs::write(&path, vec![7; 100_000]).unwrap();
        let form = Multipart::new(vec![Part::path("file", "v.bin", "x/y", &path).unwrap()]);
        assert_eq!(read(&form).unwrap().len() as u64, form.len());
        std::fs::write(&path, b"short").unwrap();
        assert!(read(&form).unwrap_err().to_string().contains("changed its size"));
        assert!(Part::path("file", "x", "x/y", folder.path()).is_err());
        assert!(Part::path("file", "x", "x/y", folder.path().join("none")).is_err());
    }

    #[test]
    fn a_name_cannot_end_its_line() {
        let head = Part::bytes("n", "a\r\nX: y", "t/t\r\nX: y", &b""[..]).head("b");
        assert_eq!(head.matches("\r\n").count(), 4, "{head}");
    }
}
