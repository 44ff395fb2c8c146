//! Sending one request and putting its answer where it belongs.

use crate::{
    Cancel, Content, Destination, Failure, FileTarget, Head, Reached, Repeat, Request, Response,
    Sink, Transport,
};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Seek, SeekFrom, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// Bytes of an error's body that are kept.
const ERROR_LIMIT: usize = 64 << 10;

/// Sends a request over a transport; the answer, its body where [`Request::destination`] says.
///
/// A request that [may be paid twice](crate::Repeat::MayPayTwice) is not cancelled once it is under way: its answer says
/// what was paid for.
///
/// # Errors
///
/// The [`Failure`] that kept the answer from coming in full. Bytes of a file that came before it stay in the part
/// file.
pub fn fetch(
    transport: &dyn Transport,
    request: &Request,
    cancel: &Cancel,
) -> Result<Response, Failure> {
    if cancel.is_cancelled() {
        return Err(Failure::Cancelled { reached: Reached::NotSent });
    }
    let mut receiver = Receiver {
        host: host_of(&request.url),
        destination: &request.destination,
        head: None,
        received: 0,
        store: Store::Kept { bytes: Vec::new(), limit: 0, is_error: true },
    };
    let never = Cancel::new();
    let cancel = if request.repeat == Repeat::MayPayTwice { &never } else { cancel };
    match transport.send(request, &mut receiver, cancel) {
        Ok(()) => receiver.finish(),
        Err(failure) => Err(receiver.named(failure)),
    }
}

/// The host of a URL, for messages.
pub(crate) fn host_of(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
    authority.rsplit('@').next().unwrap_or("").to_owned()
}

/// The file bytes go into before they are complete.
pub(crate) fn part_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}

struct Receiver<'a> {
    host: String,
    destination: &'a Destination,
    head: Option<Head>,
    received: u64,
    store: Store<'a>,
}

enum Store<'a> {
    Kept { bytes: Vec<u8>, limit: u64, is_error: bool },
    File { file: File, target: &'a FileTarget, bytes: u64 },
    Handed { to: &'a crate::Chunks, bytes: u64, limit: u64 },
}

impl Receiver<'_> {
    fn too_large(&self, limit: u64) -> Failure {
        Failure::TooLarge {
            host: self.host.clone(),
            limit,
            announced: self.head.as_ref().and_then(Head::content_length),
        }
    }

    fn named(self, failure: Failure) -> Failure {
        match (self.head, failure) {
            (Some(head), failure) if failure.is_transient() => Failure::Cut {
                host: self.host,
                received: self.received,
                announced: head.content_length(),
                reason: match failure {
                    Failure::Cut { reason, .. } => reason,
                    other => other.to_string(),
                },
                head: Some(Box::new(head)),
            },
            (_, failure) => failure,
        }
    }

    fn finish(self) -> Result<Response, Failure> {
        let content = match self.store {
            Store::Kept { bytes, .. } => Content::Bytes(bytes),
            Store::Handed { bytes, .. } => Content::Streamed { bytes },
            Store::File { file, target, bytes } => {
                commit(&file, &target.path).map_err(|e| local("cannot store", &target.path, &e))?;
                Content::File { path: target.path.clone(), bytes }
            }
        };
        Ok(Response { head: self.head.unwrap_or_default(), content })
    }
}

impl Sink for Receiver<'_> {
    fn head(&mut self, head: Head) -> Result<(), Failure> {
        let announced = head.content_length();
        let status = head.status;
        let head = &*self.head.insert(head);
        if !head.is_success() {
            return Ok(());
        }
        let limit = match self.destination {
            Destination::Memory { limit } | Destination::Chunks { limit, .. } => *limit,
            Destination::File(target) => target.limit,
        };
        if announced.is_some_and(|n| n > limit) {
            return Err(self.too_large(limit));
        }
        self.store = match self.destination {
            Destination::Memory { limit } => {
                Store::Kept { bytes: Vec::new(), limit: *limit, is_error: false }
            }
            Destination::Chunks { to, limit } => Store::Handed { to, bytes: 0, limit: *limit },
            Destination::File(target) if wanted(target, head) => {
                let from = if status == 206 { target.resume_from } else { 0 };
                let file = open_part(&target.path, from)
                    .map_err(|e| local("cannot write", &target.path, &e))?;
                Store::File { file, target, bytes: from }
            }
            Destination::File(_) => Store::Kept { bytes: Vec::new(), limit: 0, is_error: true },
        };
        Ok(())
    }

    fn chunk(&mut self, chunk: &[u8]) -> Result<(), Failure> {
        let more = chunk.len() as u64;
        self.received += more;
        let exceeded = match &mut self.store {
            Store::Kept { bytes, is_error: true, .. } => {
                let room = ERROR_LIMIT.saturating_sub(bytes.len());
                bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
                None
            }
            Store::Kept { bytes, limit, is_error: false } => {
                if bytes.len() as u64 + more > *limit {
                    Some(*limit)
                } else {
                    bytes.extend_from_slice(chunk);
                    None
                }
            }
            Store::File { file, target, bytes } => {
                if *bytes + more > target.limit {
                    Some(target.limit)
                } else {
                    file.write_all(chunk).map_err(|e| local("cannot write", &target.path, &e))?;
                    *bytes += more;
                    None
                }
            }
            Store::Handed { to, bytes, limit } => {
                *bytes += more;
                if *bytes > *limit {
                    Some(*limit)
                } else if to.push(chunk) == ControlFlow::Break(()) {
                    return Err(Failure::Cancelled { reached: Reached::MaybeSent });
                } else {
                    None
                }
            }
        };
        exceeded.map_or(Ok(()), |limit| Err(self.too_large(limit)))
    }
}

fn wanted(target: &FileTarget, head: &Head) -> bool {
    let media_type = head.media_type();
    let fits = target.media_types.is_empty()
        || target.media_types.iter().any(|wanted| media_type.starts_with(wanted));
    let place = match head.status {
        206 => content_range_start(head) == Some(target.resume_from),
        status => status == 200,
    };
    fits && place
}

/// Where the piece in a reply with status 206 begins.
pub(crate) fn content_range_start(head: &Head) -> Option<u64> {
    let range = head.headers.get("content-range")?.trim().strip_prefix("bytes ")?;
    range.split('-').next()?.trim().parse().ok()
}

fn open_part(path: &Path, from: u64) -> io::Result<File> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let mut file =
        OpenOptions::new().create(true).truncate(false).write(true).open(part_path(path))?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => {
            return Err(io::Error::other("another download is writing it"));
        }
        Err(TryLockError::Error(error)) if error.kind() != io::ErrorKind::Unsupported => {
            return Err(error);
        }
        _ => {}
    }
    file.set_len(from)?;
    file.seek(SeekFrom::Start(from))?;
    Ok(file)
}

fn commit(file: &File, path: &Path) -> io::Result<()> {
    file.sync_all()?;
    std::fs::rename(part_path(path), path)?;
    if cfg!(unix) {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}

fn local(what: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::Local {
        what: format!("{what} {}", path.display()),
        reason: error.to_string(),
        reached: Reached::MaybeSent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Reply, ScriptedTransport};
    use crate::{Chunks, Method};
    use std::sync::{Arc, Mutex};

    fn get(destination: Destination) -> Request {
        let mut request = Request::new(Method::Get, "https://u:p@h:1/x?t=1");
        request.destination = destination;
        request
    }

    fn file(path: &Path, resume_from: u64) -> Destination {
        Destination::File(FileTarget {
            path: path.to_owned(),
            limit: 100,
            media_types: vec!["video/"],
            resume_from,
        })
    }

    fn run(reply: Reply, destination: Destination) -> Result<Response, Failure> {
        fetch(&ScriptedTransport::new([reply]), &get(destination), &Cancel::new())
    }

    #[test]
    fn an_announced_size_over_the_limit_is_refused_before_a_byte_comes() {
        let reply = Reply::status(200).header("Content-Length", "5368709120").body(b"x");
        let failure = run(reply, Destination::Memory { limit: 1000 }).unwrap_err();
        assert_eq!(
            failure,
            Failure::TooLarge { host: "h:1".into(), limit: 1000, announced: Some(5_368_709_120) }
        );
    }

    #[test]
    fn a_body_that_grows_over_the_limit_is_refused_wherever_it_goes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v.mp4");
        for destination in [
            Destination::Memory { limit: 100 },
            file(&path, 0),
            Destination::Chunks { to: Chunks::new(|_| ControlFlow::Continue(())), limit: 100 },
        ] {
            let reply = Reply::status(200).header("Content-Type", "video/mp4").body(&[0; 101]);
            assert!(matches!(run(reply, destination), Err(Failure::TooLarge { .. })));
        }
        assert!(!path.exists());
    }

    #[test]
    fn the_body_of_an_error_is_kept_in_memory_and_cut() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v.mp4");
        let reply = Reply::status(502).header("Content-Type", "video/mp4").body(&[b'x'; 200_000]);
        let response = run(reply, file(&path, 0)).unwrap();
        assert_eq!(response.bytes().len(), 64 << 10);
        assert!(!path.exists() && !part_path(&path).exists());
    }

    #[test]
    fn a_file_appears_complete_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/v.mp4");
        let video = |body: &[u8]| Reply::status(200).header("Content-Type", "video/mp4").body(body);
        assert!(matches!(run(video(b"abc").cut(), file(&path, 0)), Err(Failure::Cut { .. })));
        assert!(!path.exists());
        assert_eq!(std::fs::read(part_path(&path)).unwrap(), b"abc");
        let response = run(video(b"abcdef"), file(&path, 0)).unwrap();
        assert_eq!(response.content, Content::File { path: path.clone(), bytes: 6 });
        assert_eq!(std::fs::read(&path).unwrap(), b"abcdef");
        assert!(!part_path(&path).exists());
    }

    #[test]
    fn a_partial_reply_goes_on_only_where_the_file_ended() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v.mp4");
        let piece = |range: &str| {
            Reply::status(206)
                .header("Content-Type", "video/mp4")
                .header("Content-Range", range)
                .body(b"def")
        };
        std::fs::write(part_path(&path), b"abcJUNK").unwrap();
        assert!(run(piece("bytes 2-4/6"), file(&path, 3)).unwrap().file().is_none());
        let response = run(piece("bytes 3-5/6"), file(&path, 3)).unwrap();
        assert_eq!(response.content, Content::File { path: path.clone(), bytes: 6 });
        assert_eq!(std::fs::read(&path).unwrap(), b"abcdef");
    }

    #[test]
    fn a_success_of_another_type_is_not_stored() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v.mp4");
        let reply = Reply::status(200).header("Content-Type", "text/html").body(b"<html>");
        assert_eq!(run(reply, file(&path, 0)).unwrap().bytes(), b"<html>");
        assert!(!path.exists());
    }

    #[test]
    fn two_downloads_do_not_write_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v.mp4");
        let held = open_part(&path, 0).unwrap();
        let reply = Reply::status(200).header("Content-Type", "video/mp4").body(b"x");
        let failure = run(reply, file(&path, 0)).unwrap_err();
        assert!(failure.to_string().contains("another download"), "{failure}");
        drop(held);
    }

    #[test]
    fn pieces_reach_the_caller_and_a_break_cancels() {
        let taken = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&taken);
        let to = Chunks::new(move |bytes| {
            into.lock().unwrap().extend_from_slice(bytes);
            ControlFlow::Break(())
        });
        let reply = Reply::status(200).body(b"abc");
        let failure = run(reply, Destination::Chunks { to, limit: 10 }).unwrap_err();
        assert!(matches!(failure, Failure::Cancelled { .. }));
        assert_eq!(*taken.lock().unwrap(), b"abc");
    }
}
