//! A server on the loopback address that answers as it is told, correctly or not.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A request as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The method.
    pub method: String,
    /// Path and query, as on the wire.
    pub target: String,
    /// Header fields in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Received {
    /// The first field of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let field = self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
        field.map(|(_, value)| value.as_str())
    }

    /// The target without its query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or("")
    }

    /// The query, empty where there is none.
    pub fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }
}

/// How a request is answered.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    announced: Option<u64>,
    chunked: bool,
    close: bool,
    delay: Duration,
    piece: Option<(usize, Duration)>,
    raw: Option<Vec<u8>>,
}

impl Answer {
    /// An answer with this status.
    pub fn status(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// Bytes in place of an answer; the connection is closed after them.
    pub fn raw(bytes: &[u8]) -> Self {
        Self { raw: Some(bytes.to_vec()), ..Self::default() }
    }

    /// The answer with a header field.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The answer with a body.
    #[must_use]
    pub fn body(mut self, bytes: &[u8]) -> Self {
        self.body = bytes.to_vec();
        self
    }

    /// The answer with a JSON body and its media type.
    #[must_use]
    pub fn json(self, text: &str) -> Self {
        self.header("Content-Type", "application/json").body(text.as_bytes())
    }

    /// Announces another length than the body has; the connection is closed after the body.
    #[must_use]
    pub const fn announce(mut self, bytes: u64) -> Self {
        self.announced = Some(bytes);
        self.close = true;
        self
    }

    /// Sends the body in chunks.
    #[must_use]
    pub const fn chunked(mut self) -> Self {
        self.chunked = true;
        self
    }

    /// Closes the connection after the body, without a last chunk where it is sent in chunks.
    #[must_use]
    pub const fn close(mut self) -> Self {
        self.close = true;
        self
    }

    /// Answers only after a while.
    #[must_use]
    pub const fn delay(mut self, time: Duration) -> Self {
        self.delay = time;
        self
    }

    /// Sends the body in pieces of this size with a pause after each.
    #[must_use]
    pub const fn slow(mut self, bytes: usize, pause: Duration) -> Self {
        self.piece = Some((bytes, pause));
        self
    }

    fn write(&self, out: &mut TcpStream, method: &str) -> io::Result<bool> {
        std::thread::sleep(self.delay);
        if let Some(raw) = &self.raw {
            out.write_all(raw)?;
            return Ok(false);
        }
        let mut head = format!("HTTP/1.1 {} Status\r\n", self.status);
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        let bodiless = self.status == 204 || self.status == 304 || method == "HEAD";
        if self.chunked {
            head += "Transfer-Encoding: chunked\r\n";
        } else if !bodiless {
            head += &format!(
                "Content-Length: {}\r\n",
                self.announced.unwrap_or(self.body.len() as u64)
            );
        }
        head += "\r\n";
        let mut first = head.into_bytes();
        let size = self.piece.map_or(64 << 10, |(size, _)| size.max(1));
        if bodiless || (self.body.is_empty() && !self.chunked) {
            out.write_all(&first)?;
            return Ok(!self.close);
        }
        for piece in self.body.chunks(size) {
            if self.chunked {
                first.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
                first.extend_from_slice(piece);
                first.extend_from_slice(b"\r\n");
            } else {
                first.extend_from_slice(piece);
            }
            out.write_all(&first)?;
            first.clear();
            if let Some((_, pause)) = self.piece {
                std::thread::sleep(pause);
            }
        }
        if self.chunked && !self.close {
            out.write_all(b"0\r\n\r\n")?;
        }
        Ok(!self.close)
    }
}

/// A server on the loopback address; it ends when it is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    connections: Arc<AtomicUsize>,
    over: Arc<AtomicBool>,
}

impl Server {
    /// Starts a server on a free port; `answer` is called from many threads.
    ///
    /// # Panics
    ///
    /// Where no port can be had.
    pub fn start(answer: impl Fn(&Received) -> Answer + Send + Sync + 'static) -> Self {
        Self::start_on("127.0.0.1:0", true, answer)
    }

    /// Starts a server on an address; `keep` says whether the requests are kept.
    ///
    /// # Panics
    ///
    /// Where the address cannot be had.
    #[expect(clippy::expect_used, reason = "a test server without a port ends the test")]
    pub fn start_on(
        address: &str,
        keep: bool,
        answer: impl Fn(&Received) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).expect("a port on the loopback address");
        let server = Self {
            address: listener.local_addr().expect("a listener has an address"),
            received: Arc::default(),
            connections: Arc::default(),
            over: Arc::default(),
        };
        let (received, connections, over) = (
            Arc::clone(&server.received),
            Arc::clone(&server.connections),
            Arc::clone(&server.over),
        );
        let answer = Arc::new(answer);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if over.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                connections.fetch_add(1, Ordering::SeqCst);
                let (received, answer) = (Arc::clone(&received), Arc::clone(&answer));
                std::thread::spawn(move || {
                    let _ = serve(stream, keep.then_some(&*received), &*answer);
                });
            }
        });
        server
    }

    /// The URL of a path on this server.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The requests so far.
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Connections so far.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(
    mut stream: TcpStream,
    received: Option<&Mutex<Vec<Received>>>,
    answer: &(dyn Fn(&Received) -> Answer + Send + Sync),
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    while let Some(request) = read_request(&mut reader)? {
        let reply = answer(&request);
        if let Some(list) = received {
            list.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
        }
        let stays = request.header("connection") != Some("close");
        if !reply.write(&mut stream, &request.method)? || !stays {
            break;
        }
    }
    stream.shutdown(Shutdown::Both)
}

fn read_request(reader: &mut BufReader<TcpStream>) -> io::Result<Option<Received>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace();
    let (method, target) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let mut request = Received {
        method: method.to_owned(),
        target: target.to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
    };
    loop {
        let mut field = String::new();
        if reader.read_line(&mut field)? == 0 {
            return Ok(None);
        }
        match field.trim_end().split_once(':') {
            Some((name, value)) => {
                request.headers.push((name.to_owned(), value.trim().to_owned()));
            }
            None => break,
        }
    }
    if request.header("transfer-encoding").is_some_and(|v| v.eq_ignore_ascii_case("chunked")) {
        request.body = read_chunks(reader)?;
    } else if let Some(length) = request.header("content-length").and_then(|v| v.parse().ok()) {
        let length: u64 = length;
        reader.take(length).read_to_end(&mut request.body)?;
        if (request.body.len() as u64) < length {
            return Ok(None);
        }
    }
    Ok(Some(request))
}

fn read_chunks(reader: &mut BufReader<TcpStream>) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let size = u64::from_str_radix(line.trim(), 16).unwrap_or(0);
        reader.by_ref().take(size).read_to_end(&mut body)?;
        reader.read_line(&mut line)?;
        if size == 0 {
            return Ok(body);
        }
    }
}
