//! Many members in one file.
//!
//! | module | holds |
//! |---|---|
//! | [`record`] | the records of the format, byte for byte |
//! | [`name`] | member names as text |
//! | [`label`] | what headers say beside where the bytes are |
//! | [`directory`] | reading: the checked list of members |
//! | [`layout`] | writing: the plan, where each member goes |
//! | [`crc`] | CRC-32 of a member from its pieces |
//! | [`codec`] | compressed members |
//! | [`segments`] | where the parts of a deflated member are |
//!
//! It knows nothing of what members hold.

pub(crate) mod codec;
pub(crate) mod crc;
pub(crate) mod directory;
pub(crate) mod label;
pub(crate) mod layout;
mod name;
pub(crate) mod record;
pub(crate) mod segments;
