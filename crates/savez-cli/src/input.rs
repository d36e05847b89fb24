//! What a command is given: an archive, or a single array.

use std::io::{self, Read};
use std::path::Path;

use savez::{Archive, Member};

use crate::failure::Failure;

/// The first bytes of an `.npy` file.
const NPY_MAGIC: &[u8] = b"\x93NUMPY";

/// An opened file, told apart by its bytes and not by its name.
pub(crate) enum Input {
    Archive(Archive),
    Array(Box<Member>),
}

impl Input {
    /// Opens a file; `-` is standard input.
    pub(crate) fn open(path: &Path) -> Result<Input, Failure> {
        let failed = |error| Failure::Io(path.display().to_string(), error);
        if path == Path::new("-") {
            let mut bytes = Vec::new();
            io::stdin().read_to_end(&mut bytes).map_err(failed)?;
            return Ok(if bytes.starts_with(NPY_MAGIC) {
                Input::Array(Box::new(Member::from_bytes(bytes)?))
            } else {
                Input::Archive(Archive::from_bytes(bytes)?)
            });
        }
        let mut magic = [0; NPY_MAGIC.len()];
        let mut file = std::fs::File::open(path).map_err(failed)?;
        if file.metadata().map_err(failed)?.is_dir() {
            return Err(Failure::Refused(format!("{}: is a directory", path.display())));
        }
        let is_array = file.read_exact(&mut magic).is_ok() && magic == NPY_MAGIC;
        Ok(if is_array {
            Input::Array(Box::new(Member::open(path)?))
        } else {
            Input::Archive(Archive::open(path)?)
        })
    }

    /// The array of that name; without a name, the only one there is.
    pub(crate) fn array(self, path: &Path, name: Option<&str>) -> Result<Member, Failure> {
        match (self, name) {
            (Input::Array(array), None) => Ok(*array),
            (Input::Array(_), Some(name)) => Err(Failure::Usage(format!(
                "{} is a single array; there is no {name:?} in it",
                path.display()
            ))),
            (Input::Archive(archive), Some(name)) => Ok(archive.member(name)?),
            (Input::Archive(archive), None) => match archive.entries() {
                [only] => Ok(archive.member_of(only)?),
                entries => {
                    let names: Vec<&str> = archive.names().take(8).collect();
                    let more = if entries.len() > names.len() { ", …" } else { "" };
                    Err(Failure::Usage(format!(
                        "{} holds {} arrays; name one of them: {}{more}",
                        path.display(),
                        entries.len(),
                        names.join(", ")
                    )))
                }
            },
        }
    }
}
