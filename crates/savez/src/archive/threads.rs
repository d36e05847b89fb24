//! How many threads there is work for.

use std::sync::OnceLock;
use std::thread;

/// The processors that this process may use, as they were when first asked for: finding out takes
/// longer than writing a small array.
pub(super) fn cores() -> usize {
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| thread::available_parallelism().map_or(1, usize::from))
}
