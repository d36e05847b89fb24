//! What it takes to do some work, by the same figures as in `bench/worker.py`.

use std::fs;
use std::time::{Duration, Instant};

use crate::{Outcome, Work};

/// What one time took; the peak of memory is that above what was there before.
pub(crate) struct Taken {
    seconds: f64,
    processor: f64,
    memory: usize,
    read: f64,
}

impl Taken {
    /// The figures as `bench/worker.py` spells them.
    pub(crate) fn json(&self) -> String {
        let Taken { seconds, processor, memory, read } = self;
        format!(
            "{{\"seconds\": {seconds:e}, \"processor\": {processor:e}, \"memory\": {memory}, \"read\": {read}}}"
        )
    }
}

/// How often a part that took so long must be done to take long enough: see `bench/worker.py`.
pub(crate) fn repeats(taken: Duration) -> u32 {
    (4e-3 / taken.as_secs_f64()).round().clamp(1.0, 100.0) as u32
}

/// Does the work so often, and gives what one time took.
pub(crate) fn measured(work: &mut Work, repeat: u32) -> Outcome<Taken> {
    let before = memory("VmRSS:")?;
    // Has the system count the peak from now on (proc(5)). It need not be allowed.
    _ = fs::write("/proc/self/clear_refs", "5");
    let read = read()?;
    let processor = processor();
    let start = Instant::now();
    let mut result = work()?;
    for _ in 1..repeat {
        result = work()?;
    }
    let seconds = start.elapsed().as_secs_f64();
    let processor = self::processor() - processor;
    let read = self::read()? - read;
    let memory = memory("VmHWM:")?.saturating_sub(before) as usize;
    drop(result);
    let times = f64::from(repeat);
    let (seconds, processor) = (seconds / times, processor / times);
    Ok(Taken { seconds, processor, memory, read: read as f64 / times })
}

/// Seconds of all threads, in user and kernel mode.
fn processor() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a `timespec` of ours, which the call fills in.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// A figure of this process's memory, in bytes.
fn memory(field: &str) -> Outcome<u64> {
    Ok(counter("/proc/self/status", field)? << 10)
}

/// Bytes that this process has asked the system to read.
fn read() -> Outcome<u64> {
    counter("/proc/self/io", "rchar:")
}

fn counter(file: &str, field: &str) -> Outcome<u64> {
    let text = fs::read_to_string(file)?;
    let rest = text.lines().find_map(|line| line.strip_prefix(field));
    let number = rest.and_then(|rest| rest.split_whitespace().next());
    Ok(number.ok_or_else(|| format!("no {field} in {file}"))?.parse()?)
}
