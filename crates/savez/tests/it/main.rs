//! Behaviour from the outside, a module a topic.

mod archives;
mod damage;
mod handmade;
mod headers;
mod hostile;
mod random;
#[cfg(feature = "derive")]
#[forbid(unsafe_code)]
mod record;
mod text;
mod writing;
