//! Memory for large arrays, by NumPy's own door for it (NEP 49), so that the arrays own it as any other.
//!
//! `malloc` puts large blocks 16 bytes behind the start of a page. Our files have large arrays at the start of one, and where
//! a target lies that little behind its source, modulo a page, processors copy a fifth slower. Blocks that start with a huge page also have
//! no small pages in front of the first.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_void};
use std::sync::atomic::{AtomicUsize, Ordering};

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyCapsule;

/// Smaller blocks are left to NumPy.
pub(crate) const LARGE: usize = HUGE_PAGE;

/// From here on NumPy asks for huge pages, too. Blocks of less get them only if there are `SOME` already: those that are
/// aligned go back to the system when they are freed, while `malloc` soon keeps the few that a loop uses again and again.
pub(crate) const LARGER: usize = 4 << 20;

const SOME: usize = 16;

/// How many blocks of `LARGE` to `LARGER` bytes there are, by what `malloc` says of their size.
static BETWEEN: AtomicUsize = AtomicUsize::new(0);

const HUGE_PAGE: usize = 2 << 20;
const PAGE: usize = 4096;

/// From this size on, `malloc` may give pages that the process does not have yet.
const FRESH: usize = 128 << 10;

/// `PyDataMem_Handler` of `numpy/ndarraytypes.h`, version 1.
#[repr(C)]
struct Handler {
    name: [c_char; 127],
    version: u8,
    context: *mut c_void,
    malloc: extern "C" fn(*mut c_void, usize) -> *mut c_void,
    calloc: extern "C" fn(*mut c_void, usize, usize) -> *mut c_void,
    realloc: extern "C" fn(*mut c_void, *mut c_void, usize) -> *mut c_void,
    free: extern "C" fn(*mut c_void, *mut c_void, usize),
}

// SAFETY: it is never changed, and its context is null.
unsafe impl Sync for Handler {}

static HANDLER: Handler = Handler {
    name: name(b"savez"),
    version: 1,
    context: std::ptr::null_mut(),
    malloc,
    calloc,
    realloc,
    free,
};

const fn name(text: &[u8]) -> [c_char; 127] {
    let mut name = [0; 127];
    let mut at = 0;
    while at < text.len() {
        name[at] = text[at] as c_char;
        at += 1;
    }
    name
}

extern "C" fn malloc(_: *mut c_void, size: usize) -> *mut c_void {
    if size < LARGE || (size < LARGER && BETWEEN.load(Ordering::Relaxed) < SOME) {
        // SAFETY: it may be called with any size.
        return counted(unsafe { libc::malloc(size) });
    }
    let mut block = std::ptr::null_mut();
    // SAFETY: the alignment is a power of two and a multiple of that of pointers.
    if unsafe { libc::posix_memalign(&raw mut block, HUGE_PAGE, size) } != 0 {
        return std::ptr::null_mut();
    }
    let whole = size / HUGE_PAGE * HUGE_PAGE;
    // SAFETY: the range is within the block, which is ours, and the advice does not change what is in it.
    unsafe { libc::madvise(block, whole, libc::MADV_HUGEPAGE) };
    bring_in(block.wrapping_byte_add(whole).cast(), size - whole);
    counted(block)
}

/// A new block, or null, counted if it is one of `BETWEEN`.
fn counted(block: *mut c_void) -> *mut c_void {
    BETWEEN.fetch_add(usize::from(is_between(block)), Ordering::Relaxed);
    block
}

fn is_between(block: *mut c_void) -> bool {
    // SAFETY: the block is one of the C library's that was not freed, or null.
    (LARGE..LARGER).contains(&unsafe { libc::malloc_usable_size(block) })
}

/// Has the system find the pages of a new block all at once, which takes half the time of finding each when it is written
/// to. Nothing is done, at the price of a look at its last page, if the process has them from a block before.
pub(crate) fn bring_in(block: *mut u8, size: usize) {
    if size < FRESH {
        return;
    }
    let skipped = block.align_offset(PAGE);
    let (start, pages) = (block.wrapping_add(skipped), (size - skipped) / PAGE);
    let mut resident = 0;
    // SAFETY: the pages are within the block, and there is room for the byte of one page. The advice, which older systems do
    // not know, does not change what is in them.
    unsafe {
        let last = start.wrapping_add((pages - 1) * PAGE);
        if libc::mincore(last.cast(), PAGE, &raw mut resident) == 0 && resident & 1 == 0 {
            libc::madvise(start.cast(), pages * PAGE, libc::MADV_POPULATE_WRITE);
        }
    }
}

/// For text, which NumPy wants to be zeros.
extern "C" fn calloc(_: *mut c_void, count: usize, size: usize) -> *mut c_void {
    // SAFETY: it may be called with any sizes.
    counted(unsafe { libc::calloc(count, size) })
}

extern "C" fn realloc(_: *mut c_void, block: *mut c_void, size: usize) -> *mut c_void {
    let was_between = is_between(block);
    // SAFETY: NumPy passes a block that came from the functions here, all of which are the C library's.
    let moved = unsafe { libc::realloc(block, size) };
    if !moved.is_null() {
        counted(moved);
        BETWEEN.fetch_sub(usize::from(was_between), Ordering::Relaxed);
    }
    moved
}

extern "C" fn free(_: *mut c_void, block: *mut c_void, _: usize) {
    BETWEEN.fetch_sub(usize::from(is_between(block)), Ordering::Relaxed);
    // SAFETY: as for `realloc`.
    unsafe { libc::free(block) }
}

/// Name of the capsules that hold handlers.
const CAPSULE: &CStr = c"mem_handler";

/// Where `PyDataMem_SetHandler` is in NumPy's table of functions, since 1.22.
const SET_HANDLER: usize = 304;

/// Sets the handler of this context; gives a reference to the one before, or null with an exception set.
// SAFETY: to be called with the GIL held, and with a capsule that holds a handler.
type SetHandler = unsafe extern "C" fn(*mut ffi::PyObject) -> *mut ffi::PyObject;

/// What `make` makes with memory for large arrays from here, unless somebody else has brought his own.
pub(crate) fn with_large_blocks<T>(
    py: Python<'_>,
    make: impl FnOnce() -> PyResult<T>,
) -> PyResult<T> {
    static OURS: PyOnceLock<(SetHandler, Py<PyAny>)> = PyOnceLock::new();
    let (set, ours) =
        OURS.get_or_try_init(py, || PyResult::Ok((set_handler(py)?, capsule(py)?)))?;
    let set = |handler: &Py<PyAny>| {
        // SAFETY: NumPy's function, the GIL is held, and the capsule holds a handler that lives as long as it.
        let before = unsafe { set(handler.as_ptr()) };
        // SAFETY: what comes back is a new reference, or null with an exception set.
        unsafe { Bound::from_owned_ptr_or_err(py, before) }.map(Bound::unbind)
    };
    let before = set(ours)?;
    if !is_default(py, &before) {
        set(&before)?;
        return make();
    }
    let made = make();
    set(&before)?;
    made
}

fn set_handler(py: Python<'_>) -> PyResult<SetHandler> {
    let module = match py.import("numpy._core._multiarray_umath") {
        Ok(module) => module,
        Err(_) => py.import("numpy.core._multiarray_umath")?,
    };
    let table = module.getattr("_ARRAY_API")?.cast_into::<PyCapsule>()?;
    let table = table.pointer_checked(None)?.cast::<*const c_void>();
    // SAFETY: the table has this entry in every NumPy that we run with, and it is this function.
    Ok(unsafe { std::mem::transmute::<*const c_void, SetHandler>(table.add(SET_HANDLER).read()) })
}

fn capsule(py: Python<'_>) -> PyResult<Py<PyAny>> {
    let handler = (&raw const HANDLER).cast_mut().cast();
    // SAFETY: the pointer is not null, the name lives for ever, nothing is to be done in the end.
    let capsule = unsafe { ffi::PyCapsule_New(handler, CAPSULE.as_ptr(), None) };
    // SAFETY: a new reference, or null with an exception set.
    Ok(unsafe { Bound::from_owned_ptr_or_err(py, capsule)? }.unbind())
}

/// Whether a handler is that of NumPy itself.
fn is_default(py: Python<'_>, handler: &Py<PyAny>) -> bool {
    let Ok(capsule) = handler.bind(py).cast::<PyCapsule>() else { return false };
    let Ok(handler) = capsule.pointer_checked(Some(CAPSULE)) else { return false };
    // SAFETY: every capsule of this name holds a handler, which starts with its name, a C string.
    let name = unsafe { CStr::from_ptr(handler.cast::<c_char>().as_ptr()) };
    name == c"default_allocator"
}
