//! Work on several threads, its results taken in order.

use std::sync::mpsc::sync_channel;
use std::thread;

use crate::Result;

/// As many threads as the system would run at once.
pub(super) fn available() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Makes the things with the numbers below `count` on that many threads, and hands them to `take`
/// on this one, in order, until it returns false or an error.
///
/// A thread is at most two things ahead, so that few of them are in memory at any time.
pub(super) fn for_each<T: Send>(
    count: usize,
    threads: usize,
    make: impl Fn(usize) -> T + Sync,
    mut take: impl FnMut(T) -> Result<bool>,
) -> Result<()> {
    let threads = threads.clamp(1, count.max(1));
    thread::scope(|scope| {
        let make = &make;
        let spawn = |first: usize| {
            let (sender, receiver) = sync_channel(1);
            let work = move || {
                for number in (first..count).step_by(threads) {
                    if sender.send(make(number)).is_err() {
                        break;
                    }
                }
            };
            // Of threads that the system refuses, this one does the work; so it does if it is
            // the only one.
            let thread = (threads > 1).then(|| thread::Builder::new().spawn_scoped(scope, work));
            thread.and_then(std::result::Result::ok).map(|_| receiver)
        };
        let workers: Vec<_> = (0..threads).map(spawn).collect();
        for number in 0..count {
            let thing = match &workers[number % threads] {
                Some(receiver) => match receiver.recv() {
                    Ok(thing) => thing,
                    // It panicked, and so will the end of the scope.
                    Err(_) => break,
                },
                None => make(number),
            };
            if !take(thing)? {
                break;
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;

    #[test]
    fn results_come_in_order() {
        for threads in 0..5 {
            let mut taken = Vec::new();
            let done = for_each(
                10,
                threads,
                |number| number,
                |number| {
                    taken.push(number);
                    Ok(number < 7)
                },
            );
            assert!(done.is_ok());
            assert_eq!(taken, (0..8).collect::<Vec<_>>());
        }
    }

    #[test]
    fn an_error_ends_it() {
        let done = for_each(
            1_000_000,
            3,
            |number| number,
            |number| match number {
                5 => Err(Error::stopped()),
                _ => Ok(true),
            },
        );
        assert!(done.is_err());
    }
}
