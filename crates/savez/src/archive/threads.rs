//! Work done by several threads.

use std::panic;
use std::sync::OnceLock;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// How often the watch is called while other threads are at work.
const WATCH_EVERY: Duration = Duration::from_millis(20);

/// Less than this is read by one thread before a second one has started.
pub(super) const PARALLEL_FROM: u64 = 2 << 20;

/// The processors that this process may use, as they were when first asked for: finding out takes
/// longer than writing a small array.
pub(super) fn cores() -> usize {
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| thread::available_parallelism().map_or(1, usize::from))
}

/// Has the work done by that many threads, while this one only waits and calls `watch` now and then; gives what each has
/// done, nothing if none could be started. Where this one had work of its own, a thread that the system put behind it
/// would have to wait until the system looks for an idle core, which takes milliseconds.
pub(super) fn run_on<T: Send>(
    threads: usize,
    work: impl Fn() -> T + Sync,
    mut watch: impl FnMut(),
) -> Vec<T> {
    thread::scope(|scope| {
        let (sender, outcomes) = mpsc::channel();
        let mut others = Vec::new();
        let work = &work;
        for _ in 0..threads {
            let sender = sender.clone();
            // One that cannot start leaves its share to the rest.
            let run = move || sender.send(work());
            others.extend(thread::Builder::new().spawn_scoped(scope, run));
        }
        drop(sender);
        let mut done = Vec::new();
        loop {
            match outcomes.recv_timeout(WATCH_EVERY) {
                Ok(more) => done.push(more),
                Err(RecvTimeoutError::Timeout) => watch(),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        for other in others {
            _ = other.join().unwrap_or_else(|panic| panic::resume_unwind(panic));
        }
        done
    })
}
