//! Behaviour from the outside, a module a topic.

#[cfg(feature = "derive")]
#[forbid(unsafe_code)]
mod archives;
mod damage;
mod record;
