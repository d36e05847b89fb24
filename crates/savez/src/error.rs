//! The one error of the crate: who is at fault, where, why, and what to do next.
//!
//! An error is built where the most is known and gains the member and the file on its way up.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// What every fallible function of this crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error: one word wide, with a [`kind`](Error::kind) to decide on and a message to read.
///
/// The message names the file, the member, the byte offset where one is known, the cause, and
/// what to do next where there is something to do.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    cause: String,
    hint: Option<String>,
    file: Option<PathBuf>,
    member: Option<String>,
    offset: Option<u64>,
    source: Option<io::Error>,
}

/// Who is at fault: the file, the caller, policy, or the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The file breaks a rule of the npy or zip format.
    Format,
    /// The file was whole once: it is cut short, or a checksum does not match.
    Corrupt,
    /// The file is valid but uses something this crate (or this build of it) does not read.
    Unsupported,
    /// What was taken for an array is something else: its first bytes are not those of an npy file.
    NotAnArray,
    /// The array holds Python objects. Only Python can read them.
    PythonObjects,
    /// The file asks for more than the [`Limits`](crate::Limits) allow.
    Limit,
    /// The array's dtype, shape or order is not the one asked for.
    Mismatch,
    /// There is no member of that name.
    NotFound,
    /// An argument is wrong.
    Parameter,
    /// Somebody else is adding to the archive at the moment.
    Busy,
    /// The operating system refused.
    Io,
    /// There is not enough memory for the result.
    OutOfMemory,
    /// The caller's own watch asked to stop.
    Stopped,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, cause: impl Into<String>) -> Self {
        Error(Box::new(Inner {
            kind,
            cause: cause.into(),
            hint: None,
            file: None,
            member: None,
            offset: None,
            source: None,
        }))
    }

    pub(crate) fn format(cause: impl Into<String>) -> Self {
        Self::new(ErrorKind::Format, cause)
    }

    pub(crate) fn corrupt(cause: impl Into<String>) -> Self {
        Self::new(ErrorKind::Corrupt, cause)
    }

    pub(crate) fn unsupported(cause: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unsupported, cause)
    }

    pub(crate) fn limit(cause: impl Into<String>) -> Self {
        Self::new(ErrorKind::Limit, cause)
    }

    pub(crate) fn mismatch(cause: impl Into<String>) -> Self {
        Self::new(ErrorKind::Mismatch, cause)
    }

    pub(crate) fn parameter(cause: impl Into<String>) -> Self {
        Self::new(ErrorKind::Parameter, cause)
    }

    /// What a watch returns to stop the work: see [`Writer::watch`](crate::Writer::watch).
    pub fn stopped() -> Self {
        Self::new(ErrorKind::Stopped, "stopped by the caller")
    }

    pub(crate) fn out_of_memory(bytes: u64) -> Self {
        Self::new(ErrorKind::OutOfMemory, format!("cannot allocate {bytes} bytes"))
    }

    pub(crate) fn io(error: io::Error, doing: &str) -> Self {
        let mut built = Self::new(ErrorKind::Io, format!("{doing}: {error}"));
        built.0.source = Some(error);
        built
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    pub(crate) fn at(mut self, offset: u64) -> Self {
        self.0.offset.get_or_insert(offset);
        self
    }

    pub(crate) fn in_member(mut self, member: &str) -> Self {
        self.0.member.get_or_insert_with(|| member.to_owned());
        self
    }

    pub(crate) fn in_file(mut self, file: Option<&Path>) -> Self {
        if let (None, Some(file)) = (&self.0.file, file) {
            self.0.file = Some(file.to_owned());
        }
        self
    }

    /// Who is at fault.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The cause alone, without the place and the advice.
    pub fn cause(&self) -> &str {
        &self.0.cause
    }

    /// What to do next, where there is something to do.
    pub fn advice(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The file, if the error arose in one with a path.
    pub fn file(&self) -> Option<&Path> {
        self.0.file.as_deref()
    }

    /// The member of the archive, as it is spelled there.
    pub fn member(&self) -> Option<&str> {
        self.0.member.as_deref()
    }

    /// The byte offset in the file at which the cause was seen.
    pub fn offset(&self) -> Option<u64> {
        self.0.offset
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        if let Some(file) = &inner.file {
            write!(f, "{}: ", file.display())?;
        }
        if let Some(member) = &inner.member {
            write!(f, "member {member:?}: ")?;
        }
        f.write_str(&inner.cause)?;
        if let Some(offset) = inner.offset {
            write!(f, " (at byte {offset})")?;
        }
        if let Some(hint) = &inner.hint {
            write!(f, "; {hint}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {self}", self.0.kind)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|e| e as _)
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        let kind = match error.kind() {
            ErrorKind::Io => error.0.source.as_ref().map_or(io::ErrorKind::Other, io::Error::kind),
            ErrorKind::NotFound => io::ErrorKind::NotFound,
            ErrorKind::OutOfMemory => io::ErrorKind::OutOfMemory,
            ErrorKind::Busy => io::ErrorKind::WouldBlock,
            // `Interrupted` would have readers and writers try again.
            ErrorKind::Stopped => io::ErrorKind::Other,
            ErrorKind::Unsupported | ErrorKind::PythonObjects => io::ErrorKind::Unsupported,
            ErrorKind::Parameter | ErrorKind::Mismatch => io::ErrorKind::InvalidInput,
            ErrorKind::Format | ErrorKind::Corrupt | ErrorKind::NotAnArray | ErrorKind::Limit => {
                io::ErrorKind::InvalidData
            }
        };
        io::Error::new(kind, error)
    }
}

impl From<io::Error> for Error {
    /// One of ours that went through an [`io::Error`] comes out again; any other is of the kind
    /// [`ErrorKind::Io`].
    fn from(error: io::Error) -> Self {
        match error.downcast::<Error>() {
            Ok(own) => own,
            Err(error) => {
                let mut built = Self::new(ErrorKind::Io, error.to_string());
                built.0.source = Some(error);
                built
            }
        }
    }
}
