//! What users touch: archives read and written, single arrays saved and loaded.
//!
//! | module | holds |
//! |---|---|
//! | [`reader`] | an open archive |
//! | [`member`] | an array in a file, found but not yet read |
//! | [`payload`] | a member's bytes, decoded and checked |
//! | [`batch`] | many members at once |
//! | [`ahead`] | small members, one after the other |
//! | [`fetch`] | members' data into memory, by several threads |
//! | [`inflate`] | deflated members decoded to where they are wanted |
//! | [`verify`] | bytes compared with their checksums, and not kept |
//! | [`slice`] | parts of arrays, read alone |
//! | [`map`] | arrays in the address space |
//! | [`options`], [`writer`] | an archive written one array after the other |
//! | [`compress`] | how members are cut and compressed |
//! | [`deflate`] | members deflated, by several threads |
//! | [`heads`] | npy headers met last |
//! | [`feed`] | what members are made of, piece by piece |
//! | [`append`] | members added to an archive |
//! | [`repack`] | archives written anew with all they hold |
//! | [`plan`] | an archive written in regions |
//! | [`names`] | names that an archive being written has |
//! | [`threads`] | work done by several threads |
//! | [`shortcuts`] | NumPy's one-liners |

mod ahead;
mod append;
mod batch;
mod bounce;
mod compress;
mod deflate;
mod feed;
mod fetch;
mod heads;
mod inflate;
pub(crate) mod map;
pub(crate) mod member;
mod names;
pub(crate) mod options;
mod payload;
pub(crate) mod plan;
pub(crate) mod reader;
pub(crate) mod repack;
pub(crate) mod shortcuts;
pub(crate) mod slice;
mod threads;
mod verify;
pub(crate) mod writer;
