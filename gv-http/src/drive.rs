//! Running exchanges over a transport.

use crate::{Cancel, Event, Exchange, Moment, Step, Transport, fetch};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Where an exchange stands when it needs no network.
#[derive(Debug)]
pub enum Pause<T> {
    /// It waits: sleep this long, then [`advance`] with [`Event::Woken`].
    Wait(Duration),
    /// It is over.
    Done(T),
}

/// Steps an exchange and sends its requests until it waits or is over.
///
/// An event loop calls this on a thread and sleeps in its own way; if it drops out while a request is under way, the
/// thread still takes the answer and steps the exchange, so what was begun is recorded.
pub fn advance<E: Exchange + ?Sized>(
    exchange: &mut E,
    transport: &dyn Transport,
    cancel: &Cancel,
    event: Event,
) -> Pause<E::Output> {
    let mut event = event;
    loop {
        match exchange.step(Moment::now(), event) {
            Step::Wait(time) => return Pause::Wait(time),
            Step::Done(output) => return Pause::Done(output),
            Step::Send(request) => {
                event = match fetch(transport, &request, cancel) {
                    Ok(response) => Event::Replied(response),
                    Err(failure) => Event::Failed(failure),
                };
            }
        }
    }
}

/// Runs an exchange to its end on this thread.
pub fn drive<E: Exchange + ?Sized>(
    exchange: &mut E,
    transport: &dyn Transport,
    cancel: &Cancel,
) -> E::Output {
    let mut event = Event::Start;
    loop {
        match advance(exchange, transport, cancel, event) {
            Pause::Done(output) => return output,
            Pause::Wait(time) if cancel.sleep(time) => event = Event::Cancelled,
            Pause::Wait(_) => event = Event::Woken,
        }
    }
}

/// Runs exchanges to their ends, at most `limit` at a time; the outputs in the order of the exchanges.
///
/// `finished` is called with the place and the output of each as it ends, from the thread that ran it.
pub fn drive_all<E>(
    exchanges: Vec<E>,
    transport: &dyn Transport,
    cancel: &Cancel,
    limit: NonZeroUsize,
    finished: &(dyn Fn(usize, &E::Output) + Sync),
) -> Vec<E::Output>
where
    E: Exchange + Send,
    E::Output: Send,
{
    let next = AtomicUsize::new(0);
    let jobs: Vec<Mutex<E>> = exchanges.into_iter().map(Mutex::new).collect();
    let work = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(at) else { return done };
            let mut exchange = job.lock().unwrap_or_else(PoisonError::into_inner);
            let output = drive(&mut *exchange, transport, cancel);
            finished(at, &output);
            done.push((at, output));
        }
    };
    let threads = limit.get().min(jobs.len());
    let mut outputs: Vec<(usize, E::Output)> = if threads <= 1 {
        work()
    } else {
        std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let mut all = work();
            for other in others {
                match other.join() {
                    Ok(part) => all.extend(part),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            all
        })
    };
    outputs.sort_by_key(|(at, _)| *at);
    outputs.into_iter().map(|(_, output)| output).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Reply, ScriptedTransport};
    use crate::{Call, CallError, Failure, Jitter, Method, Request, RetryPolicy, Sink};

    fn call() -> Call {
        Call::new(
            Request::new(Method::Get, "https://h/"),
            RetryPolicy::default().base(Duration::from_millis(1)),
            Jitter::seeded(1),
        )
    }

    #[test]
    fn a_call_is_driven_over_its_waits() {
        let transport = ScriptedTransport::new([Reply::status(503), Reply::status(200)]);
        let response = drive(&mut call(), &transport, &Cancel::new()).unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(transport.requests().len(), 2);
    }

    #[test]
    fn a_wait_is_left_when_another_thread_cancels() {
        let transport = ScriptedTransport::new([Reply::status(503).header("Retry-After", "60")]);
        let cancel = Cancel::new();
        let other = cancel.clone();
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(20));
            other.cancel();
        });
        let result = drive(&mut call(), &transport, &cancel);
        assert_eq!(result, Err(CallError::Cancelled { unanswered: false }));
    }

    struct Counting {
        now: AtomicUsize,
        most: AtomicUsize,
    }

    impl Transport for Counting {
        fn name(&self) -> &str {
            "counting"
        }

        fn send(&self, _: &Request, sink: &mut dyn Sink, _: &Cancel) -> Result<(), Failure> {
            let running = self.now.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(running, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(5));
            self.now.fetch_sub(1, Ordering::SeqCst);
            sink.head(crate::Head { status: 200, ..crate::Head::default() })
        }
    }

    #[test]
    fn many_exchanges_run_at_most_so_many_at_a_time_and_come_back_in_order() {
        let transport = Counting { now: AtomicUsize::new(0), most: AtomicUsize::new(0) };
        let ended = AtomicUsize::new(0);
        let limit = NonZeroUsize::new(5).unwrap();
        let outputs = drive_all(
            (0..40).map(|_| call()).collect(),
            &transport,
            &Cancel::new(),
            limit,
            &|_, _| {
                ended.fetch_add(1, Ordering::SeqCst);
            },
        );
        assert_eq!((outputs.len(), ended.into_inner()), (40, 40));
        assert_eq!(transport.most.into_inner(), 5);
        let none = drive_all(
            Vec::<Call>::new(),
            &ScriptedTransport::default(),
            &Cancel::new(),
            limit,
            &|_, _| {},
        );
        assert!(none.is_empty());
    }
}
