//! Behaviour from the outside, a module a topic.

mod ahead;
mod append;
mod archives;
mod byte_order;
mod damage;
mod handmade;
mod headers;
mod hostile;
#[cfg(feature = "text")]
mod loadtxt;
mod random;
#[cfg(feature = "derive")]
#[forbid(unsafe_code)]
mod record;
mod repack;
#[cfg(feature = "text")]
mod savetxt;
mod segments;
mod threads;
mod verify;
mod writing;
