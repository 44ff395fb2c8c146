//! Threads of an analysis: a private pool, never a global one.

use crate::{Error, Result};
use std::sync::{Arc, Mutex, PoisonError};

/// Most threads that can be asked for.
const MAX_THREADS: usize = 1024;

/// Runs tasks on a private pool of threads.
///
/// Nothing starts before the first tasks run; one thread means that the caller's thread does
/// everything. The pool belongs to the process that started it: after a `fork`, the child starts
/// threads of its own. Clones share the pool; its threads end with the last clone.
#[derive(Debug, Clone)]
pub struct Parallel {
    num_threads: usize,
    pool: Arc<Mutex<Option<Pool>>>,
}

#[derive(Debug)]
struct Pool {
    process: u32,
    threads: Option<Arc<rayon::ThreadPool>>,
}

impl Drop for Pool {
    fn drop(&mut self) {
        if self.process != std::process::id() {
            std::mem::forget(self.threads.take());
        }
    }
}

impl Parallel {
    /// Takes the number of threads: the one given, else the environment variable `GV_NUM_THREADS`,
    /// else what the process may use.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] where the number given or the variable is not 1 to 1024.
    pub fn new(num_threads: Option<usize>) -> Result<Self> {
        Self::with_default(num_threads, |available| available)
    }

    /// Takes the number of threads: the one given, else the environment variable `GV_NUM_THREADS`, else what
    /// `default` makes of what the process may use.
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new).
    pub fn with_default(
        num_threads: Option<usize>,
        default: impl FnOnce(usize) -> usize,
    ) -> Result<Self> {
        let variable = std::env::var_os("GV_NUM_THREADS");
        let variable = variable.as_ref().map(|value| value.to_string_lossy());
        let num_threads = resolve(num_threads, variable.as_deref(), || {
            default(std::thread::available_parallelism().map_or(1, usize::from))
        })?;
        Ok(Self { num_threads, pool: Arc::default() })
    }

    /// One thread, the caller's.
    pub fn single() -> Self {
        Self { num_threads: 1, pool: Arc::default() }
    }

    /// Number of threads that run tasks.
    pub const fn num_threads(&self) -> usize {
        self.num_threads
    }

    /// Runs `work` on a thread of the pool, so that the tasks it starts need no hand-over.
    pub(crate) fn install<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        match self.threads() {
            Some(threads) => threads.install(work),
            None => work(),
        }
    }

    /// Runs every task once, each thread with a state of its own; `states` grows to one per thread.
    ///
    /// Tasks start in order; which thread takes which one is open, so a task's result must not
    /// depend on the state it meets.
    pub(crate) fn for_each_with<S, T>(
        &self,
        states: &mut Vec<S>,
        tasks: Vec<T>,
        work: impl Fn(&mut S, T) + Sync,
    ) where
        S: Default + Send,
        T: Send,
    {
        let workers = self.num_threads.min(tasks.len()).max(1);
        if states.len() < workers {
            states.resize_with(workers, S::default);
        }
        let threads = if workers > 1 { self.threads() } else { None };
        let (Some(threads), [first, others @ ..]) = (threads, &mut states[..workers]) else {
            return tasks.into_iter().for_each(|task| work(&mut states[0], task));
        };
        let queue = Mutex::new(tasks.into_iter());
        let drain = |state: &mut S| {
            loop {
                let task = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
                let Some(task) = task else { break };
                work(state, task);
            }
        };
        threads.scope(|scope| {
            for state in others {
                scope.spawn(|_| drain(state));
            }
            drain(first);
        });
    }

    /// The pool's threads, started where this process has none yet; `None` for one thread.
    fn threads(&self) -> Option<Arc<rayon::ThreadPool>> {
        if self.num_threads == 1 {
            return None;
        }
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        let process = std::process::id();
        if pool.as_ref().is_none_or(|pool| pool.process != process) {
            let threads = rayon::ThreadPoolBuilder::new()
                .num_threads(self.num_threads)
                .thread_name(|number| format!("geminivideo-{number}"))
                .build()
                .inspect_err(|error| {
                    log::warn!("no threads can be started, going on with one: {error}")
                })
                .ok()
                .map(Arc::new);
            *pool = Some(Pool { process, threads });
        }
        pool.as_ref().and_then(|pool| pool.threads.clone())
    }
}

fn resolve(
    given: Option<usize>,
    variable: Option<&str>,
    available: impl FnOnce() -> usize,
) -> Result<usize> {
    let invalid = |name, given: String| Error::InvalidParameter {
        name,
        given,
        allowed: "a whole number from 1 to 1024",
    };
    match (given, variable.map(str::trim)) {
        (Some(number), _) if (1..=MAX_THREADS).contains(&number) => Ok(number),
        (Some(number), _) => Err(invalid("num_threads", number.to_string())),
        (None, None | Some("")) => Ok(available().clamp(1, MAX_THREADS)),
        (None, Some(text)) => match text.parse() {
            Ok(number) if (1..=MAX_THREADS).contains(&number) => Ok(number),
            _ => Err(invalid("GV_NUM_THREADS", text.to_owned())),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_given_wins_over_the_variable_and_that_over_the_machine() {
        assert_eq!(resolve(Some(3), Some("5"), || 7).unwrap(), 3);
        assert_eq!(resolve(None, Some(" 5 "), || 7).unwrap(), 5);
        assert_eq!(resolve(None, Some(""), || 7).unwrap(), 7);
        assert_eq!(resolve(None, None, || 7).unwrap(), 7);
    }

    #[test]
    fn numbers_that_are_no_thread_counts_are_named() {
        for (given, variable) in
            [(Some(0), None), (Some(1025), None), (None, Some("0")), (None, Some("two"))]
        {
            let message = resolve(given, variable, || 7).unwrap_err().to_string();
            assert!(message.contains("from 1 to 1024"), "{message}");
        }
    }

    #[test]
    fn every_task_runs_once_for_any_number_of_threads() {
        for threads in [1, 2, 5] {
            let parallel = Parallel::new(Some(threads)).unwrap();
            let mut squares = vec![0; 100];
            let tasks: Vec<_> = squares.iter_mut().enumerate().collect();
            let mut states: Vec<usize> = Vec::new();
            parallel.for_each_with(&mut states, tasks, |done, (i, square)| {
                *square += i * i;
                *done += 1;
            });
            assert!(squares.iter().enumerate().all(|(i, &square)| square == i * i));
            assert_eq!(states.iter().sum::<usize>(), 100);
        }
    }

    #[test]
    fn no_tasks_are_no_work() {
        let parallel = Parallel::new(Some(2)).unwrap();
        parallel.for_each_with(&mut Vec::<u8>::new(), Vec::<u8>::new(), |_, _| unreachable!());
    }

    #[test]
    fn tasks_run_on_the_pool_when_started_from_it() {
        let parallel = Parallel::new(Some(2)).unwrap();
        let mut names = vec![String::new(); 4];
        parallel.install(|| {
            let tasks: Vec<_> = names.iter_mut().collect();
            parallel.for_each_with(&mut Vec::<u8>::new(), tasks, |_, name| {
                *name = std::thread::current().name().unwrap_or("").to_owned();
            });
        });
        assert!(names.iter().all(|name| name.starts_with("geminivideo-")), "{names:?}");
    }
}
