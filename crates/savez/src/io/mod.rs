//! Bytes at places: positional sources and sinks, and files that appear, or grow, at once or not at all.
//!
//! It knows neither zip nor npy.

pub(crate) mod grow;
mod map;
pub(crate) mod replace;
pub(crate) mod sink;
pub(crate) mod source;
