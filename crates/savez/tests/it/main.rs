//! Behaviour from the outside, a module a topic.

mod archives;
mod damage;
mod headers;
#[cfg(feature = "derive")]
#[forbid(unsafe_code)]
mod record;
