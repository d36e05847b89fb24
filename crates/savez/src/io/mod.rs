//! Bytes at places: positional sources and sinks, and files that appear at once or not at all.
//!
//! It knows neither zip nor npy.

mod map;
pub(crate) mod replace;
pub(crate) mod sink;
pub(crate) mod source;
