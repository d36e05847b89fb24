//! Files in the address space.
#![allow(unsafe_code)]

use std::fs::File;

use memmap2::Mmap;

use crate::{Error, Result};

/// Maps a whole file, for reading.
pub(super) fn map(file: &File) -> Result<Mmap> {
    // SAFETY: a mapped file is memory that others may change. We never write to it, and our own
    // writer replaces files instead of changing them. Whoever truncates or overwrites the file in
    // place breaks what the docs of `Archive::map` and `Member::map` ask for.
    unsafe { Mmap::map(file) }.map_err(|e| Error::io(e, "cannot map the file into memory"))
}
