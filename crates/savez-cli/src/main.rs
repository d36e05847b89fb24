//! `npz`: NumPy's array files at the terminal.
fn main() {}
