//! What Unix systems offer to hold a process within bounds.

use crate::MediaOptions;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process_group};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::time::Duration;

/// Makes the process the head of a group, so that what it starts can be ended with it and a
/// terminal's interrupt reaches the caller alone.
pub(super) fn prepare(command: &mut Command) {
    command.process_group(0);
}

/// Sets the process's limits and enlarges the pipe; what the system refuses stays as it is.
#[cfg_attr(not(target_os = "linux"), expect(unused_variables, reason = "Linux alone can"))]
pub(super) fn limit(child: &Child, stdout: &impl AsFd, limits: &MediaOptions) {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Resource, Rlimit, prlimit};
        const PIPE_BYTES: usize = 1 << 20;
        const ADDRESS_SPACE_BEYOND_MEMORY: u64 = 8 << 30;
        let _ = rustix::pipe::fcntl_setpipe_size(stdout, PIPE_BYTES);
        let both = |value| Rlimit { current: Some(value), maximum: Some(value) };
        let Some(id) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) else { return };
        let address_space = limits.memory_limit.saturating_add(ADDRESS_SPACE_BEYOND_MEMORY);
        let bounds = [(Resource::As, address_space), (Resource::Core, 0), (Resource::Fsize, 0)];
        for (resource, value) in bounds {
            let _ = prlimit(Some(id), resource, both(value));
        }
    }
}

/// Waits for at most `patience`; whether a read would not block.
pub(super) fn readable(stdout: &impl AsFd, patience: Duration) -> bool {
    let mut fds = [PollFd::new(stdout, PollFlags::IN)];
    let timeout = Timespec {
        tv_sec: patience.as_secs().try_into().unwrap_or(i64::MAX),
        tv_nsec: patience.subsec_nanos().into(),
    };
    matches!(poll(&mut fds, Some(&timeout)), Ok(1..))
}

/// Ends the process and whatever it has started.
pub(super) fn kill_group(child: &Child) {
    let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    if let Some(id) = id {
        let _ = kill_process_group(id, Signal::KILL);
    }
}
