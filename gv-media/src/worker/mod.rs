//! A decoder process: started on one file, read within limits, gone when dropped.

mod complaints;
#[cfg(unix)]
mod unix;

use crate::nut::Input;
use crate::{Error, MediaOptions, Result};
use complaints::Complaints;
use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How long a wait lasts before the cancel flag and the limits are looked at again.
const TICK: Duration = Duration::from_millis(50);

/// A running process whose standard output is read.
#[derive(Debug)]
pub(crate) struct Worker {
    child: Child,
    stdout: ChildStdout,
    complaints: Complaints,
    limits: MediaOptions,
    started: Instant,
    memory_checked: Instant,
    ended: Option<ExitStatus>,
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// By itself, with success.
    Success,
    /// By itself, reporting failure.
    Failure,
    /// By a signal, whose number is given.
    #[cfg_attr(not(unix), expect(dead_code, reason = "only Unix has signals"))]
    Signal(i32),
}

impl Worker {
    /// Starts `program`, with `input` as its standard input.
    pub(crate) fn spawn<A: AsRef<OsStr>>(
        program: &Path,
        args: impl IntoIterator<Item = A>,
        input: Option<File>,
        limits: &MediaOptions,
    ) -> Result<Self> {
        let unusable = |error: std::io::Error| Error::FfmpegUnusable {
            path: program.into(),
            reason: error.to_string(),
        };
        let mut command = Command::new(program);
        command.args(args).env("AV_LOG_FORCE_NOCOLOR", "1");
        command.stdin(input.map_or_else(Stdio::null, Stdio::from));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        #[cfg(unix)]
        unix::prepare(&mut command);
        let mut child = command.spawn().map_err(unusable)?;
        let pipes = child.stdout.take().zip(child.stderr.take());
        let drained = pipes.map(|(stdout, stderr)| (stdout, Complaints::drain(stderr)));
        let Some((stdout, Ok(complaints))) = drained else {
            reap(&mut child);
            return Err(Error::FfmpegUnusable {
                path: program.into(),
                reason: "its pipes cannot be read".into(),
            });
        };
        #[cfg(unix)]
        unix::limit(&child, &stdout, limits);
        let started = Instant::now();
        Ok(Self {
            child,
            stdout,
            complaints,
            limits: limits.clone(),
            started,
            memory_checked: started,
            ended: None,
        })
    }

    /// Reads what the process has sent; 0 at the end of its output.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`], [`Error::TimeLimit`] and [`Error::MemoryLimit`], whichever comes first;
    /// [`Error::BadStream`] where the pipe itself fails.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let waiting_since = Instant::now();
        loop {
            self.check(waiting_since)?;
            #[cfg(unix)]
            if !unix::readable(&self.stdout, TICK) {
                continue;
            }
            match Read::read(&mut self.stdout, buffer) {
                Ok(count) => return Ok(count),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::BadStream { reason: error.to_string() }),
            }
        }
    }

    /// Waits for the process to end, as it does once its output has ended.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub(crate) fn finish(&mut self) -> Result<Exit> {
        let waiting_since = Instant::now();
        let mut pause = Duration::from_micros(200);
        let status = loop {
            if let Some(status) = self.ended {
                break status;
            }
            match self.child.try_wait() {
                Ok(Some(status)) => self.ended = Some(status),
                Ok(None) => {
                    self.check(waiting_since)?;
                    std::thread::sleep(pause);
                    pause = (pause * 2).min(TICK);
                }
                Err(error) => return Err(Error::BadStream { reason: error.to_string() }),
            }
        };
        self.complaints.settle();
        Ok(exit(status))
    }

    fn check(&mut self, waiting_since: Instant) -> Result<()> {
        self.limits.cancel.check()?;
        let now = Instant::now();
        let silence = self.limits.silence_limit;
        if now.saturating_duration_since(waiting_since) > silence {
            return Err(Error::TimeLimit { what: "silence", limit: silence });
        }
        if let Some(limit) = self.limits.time_limit
            && now.saturating_duration_since(self.started) > limit
        {
            return Err(Error::TimeLimit { what: "time", limit });
        }
        if now.saturating_duration_since(self.memory_checked) > TICK {
            self.memory_checked = now;
            let limit = self.limits.memory_limit;
            if resident_bytes(self.child.id()).is_some_and(|held| held > limit) {
                return Err(Error::MemoryLimit { limit });
            }
        }
        Ok(())
    }

    /// Number of lines that the process has written to its standard error.
    pub(crate) fn complaints(&self) -> u64 {
        self.complaints.count()
    }

    /// What the process has written to its standard error, in short.
    pub(crate) fn reason(&self) -> String {
        self.complaints.summary()
    }

    /// Number of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Input for Worker {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        Self::read(self, buffer)
    }
}

impl Input for &mut Worker {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        Worker::read(self, buffer)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if self.ended.is_none() {
            reap(&mut self.child);
        }
    }
}

fn reap(child: &mut Child) {
    #[cfg(unix)]
    unix::kill_group(child);
    if let Err(error) = child.kill().and_then(|()| child.wait()) {
        log::warn!("cannot end the decoder process {}: {error}", child.id());
    }
}

fn exit(status: ExitStatus) -> Exit {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return Exit::Signal(signal);
    }
    if status.success() { Exit::Success } else { Exit::Failure }
}

/// Memory that a process holds; `None` where the system does not tell.
fn resident_bytes(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, limits: &MediaOptions) -> Worker {
        Worker::spawn(Path::new("/bin/sh"), ["-c", script], None, limits).unwrap()
    }

    fn read_to_end(worker: &mut Worker) -> Result<Vec<u8>> {
        let (mut all, mut buffer) = (Vec::new(), [0; 4096]);
        loop {
            match worker.read(&mut buffer)? {
                0 => return Ok(all),
                count => all.extend_from_slice(&buffer[..count]),
            }
        }
    }

    #[test]
    fn output_exit_and_complaints_are_told_apart() {
        let mut worker = shell("echo out; echo bad >&2; exit 3", &MediaOptions::default());
        assert_eq!(read_to_end(&mut worker).unwrap(), b"out\n");
        assert_eq!(worker.finish(), Ok(Exit::Failure));
        assert_eq!((worker.complaints(), worker.reason().as_str()), (1, "bad"));
    }

    #[test]
    fn a_silent_process_meets_the_silence_limit() {
        let limits = MediaOptions::default().silence_limit(Duration::from_millis(120));
        let mut worker = shell("sleep 60", &limits);
        let error = worker.read(&mut [0; 8]).unwrap_err();
        assert_eq!(error, Error::TimeLimit { what: "silence", limit: Duration::from_millis(120) });
    }

    #[test]
    fn a_busy_process_meets_the_time_limit() {
        let limits = MediaOptions::default().time_limit(Some(Duration::from_millis(150)));
        let mut worker = shell("while :; do echo x; done", &limits);
        let error = read_to_end(&mut worker).unwrap_err();
        assert!(matches!(error, Error::TimeLimit { what: "time", .. }), "{error}");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_process_that_grows_meets_the_memory_limit() {
        let limits = MediaOptions::default().memory_limit(30 << 20);
        let mut worker = shell("x=x; while :; do x=$x$x; done", &limits);
        assert_eq!(worker.read(&mut [0; 8]), Err(Error::MemoryLimit { limit: 30 << 20 }));
    }

    #[test]
    fn a_waiting_reader_is_cancelled_within_100_ms() {
        let limits = MediaOptions::default();
        let (cancel, mut worker) = (limits.cancel.clone(), shell("sleep 60", &limits));
        let canceller = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(80));
            cancel.cancel();
            Instant::now()
        });
        assert_eq!(worker.read(&mut [0; 8]), Err(Error::Cancelled));
        let late = canceller.join().unwrap().elapsed();
        assert!(late < Duration::from_millis(100), "{late:?}");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_dropped_worker_leaves_neither_process_nor_zombie_nor_grandchild() {
        let mut worker = shell("sleep 60 & echo $!; wait", &MediaOptions::default());
        let mut buffer = [0; 16];
        let count = worker.read(&mut buffer).unwrap();
        let grandchild = String::from_utf8_lossy(&buffer[..count]).trim().to_owned();
        let child = worker.id();
        drop(worker);
        assert!(!Path::new(&format!("/proc/{child}")).exists());
        let gone = (0..100).any(|_| {
            std::thread::sleep(Duration::from_millis(10));
            let stat = std::fs::read_to_string(format!("/proc/{grandchild}/stat"));
            stat.map_or(true, |stat| stat.contains(") Z "))
        });
        assert!(gone);
    }

    #[test]
    fn a_signal_is_told_from_a_failure() {
        let mut worker = shell("kill -9 $$", &MediaOptions::default());
        assert_eq!(read_to_end(&mut worker).unwrap(), b"");
        assert_eq!(worker.finish(), Ok(Exit::Signal(9)));
    }
}
