//! The compiled part of the Python package `savez`: bytes move here, with the GIL released; what
//! NumPy's functions mean is Python's business, in `python/savez`.
//!
//! | module | holds |
//! |---|---|
//! | [`array`] | NumPy's arrays as views and as room to read into |
//! | [`file`] | Python's file objects as Rust's |
//! | [`archive`], [`member`] | reading |
//! | [`write`] | writing |
//! | [`dispatch`] | functions that take arrays by keyword |
//! | [`savetxt`], [`loadtxt`] | tables of text, written and read |
//! | [`header`] | npy headers, there and back |
//! | [`errors`] | our errors as Python's |

#[cfg(target_os = "linux")]
mod allocation;
mod archive;
mod array;
mod dispatch;
mod errors;
mod file;
mod header;
mod loadtxt;
mod member;
mod savetxt;
mod write;

use pyo3::prelude::*;

/// Bytes move here.
#[pymodule(gil_used = false)]
mod _savez {
    #[pymodule_export]
    use crate::archive::Archive;
    #[pymodule_export]
    use crate::dispatch::taking_all;
    #[pymodule_export]
    use crate::header::{parse_header, render_header};
    #[pymodule_export]
    use crate::loadtxt::read_table;
    #[pymodule_export]
    use crate::member::{Member, open_npy};
    #[pymodule_export]
    use crate::run_npz;
    #[pymodule_export]
    use crate::savetxt::{NewFile, save_text, write_text};
    #[pymodule_export]
    use crate::write::{repack_npz, write_bytes, write_npy, write_npz};

    use pyo3::prelude::*;

    #[pymodule_init]
    fn prepare(module: &Bound<'_, PyModule>) -> PyResult<()> {
        // Fetches NumPy's functions now: a Ctrl-C while they are fetched for the first array would be a panic.
        numpy::dtype::<u8>(module.py());
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}

/// Runs the command `npz` with these arguments, its own name first; gives the exit status.
#[pyfunction]
fn run_npz(py: Python<'_>, arguments: Vec<std::ffi::OsString>) -> u8 {
    py.detach(|| savez_cli::run(arguments))
}
