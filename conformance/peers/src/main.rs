//! `peers FILE.npz…`: reads every array with savez, `ndarray-npy` and `npyz`, and compares values.
//!
//! Each array counts for the crates that know its dtype. Exit status 1 if one of them reads other
//! values, or cannot read what it says it can.

use std::fs::File;
use std::process::ExitCode;

use half::f16;
use ndarray::{ArrayD, OwnedRepr};
use ndarray_npy::{NpzReader, ReadableElement};
use npyz::Deserialize;
use npyz::npz::NpzArchive;
use num_complex::Complex;
use savez::{Archive, AsArray, DType, Element, Number, Order};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// How many arrays each crate has read.
#[derive(Default)]
struct Counts {
    ndarray_npy: usize,
    npyz: usize,
    unknown_dtype: usize,
}

fn main() -> ExitCode {
    let mut counts = Counts::default();
    let mut failures = 0;
    for path in std::env::args().skip(1) {
        if let Err(error) = compare(&path, &mut counts) {
            eprintln!("{path}: {error}");
            failures += 1;
        }
    }
    let Counts { ndarray_npy, npyz, unknown_dtype } = counts;
    println!(
        "{{\"ndarray_npy\": {ndarray_npy}, \"npyz\": {npyz}, \"unknown_dtype\": {unknown_dtype}}}"
    );
    if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn compare(path: &str, counts: &mut Counts) -> Outcome<()> {
    let ours = Archive::open(path)?;
    for entry in ours.entries() {
        let array = Pair { path, ours: &ours, name: entry.name() };
        let DType::Number(number, _) = ours.member_of(entry)?.dtype().clone() else {
            counts.unknown_dtype += 1;
            continue;
        };
        match number {
            Number::Bool => array.with_both::<bool>(counts)?,
            Number::I8 => array.with_both::<i8>(counts)?,
            Number::I16 => array.with_both::<i16>(counts)?,
            Number::I32 => array.with_both::<i32>(counts)?,
            Number::I64 => array.with_both::<i64>(counts)?,
            Number::U8 => array.with_both::<u8>(counts)?,
            Number::U16 => array.with_both::<u16>(counts)?,
            Number::U32 => array.with_both::<u32>(counts)?,
            Number::U64 => array.with_both::<u64>(counts)?,
            Number::F32 => array.with_both::<f32>(counts)?,
            Number::F64 => array.with_both::<f64>(counts)?,
            Number::C64 => array.with_both::<Complex<f32>>(counts)?,
            Number::C128 => array.with_both::<Complex<f64>>(counts)?,
            Number::F16 => array.with_npyz::<f16>(counts)?,
            _ => counts.unknown_dtype += 1,
        }
    }
    Ok(())
}

/// An array and where to find it.
struct Pair<'a> {
    path: &'a str,
    ours: &'a Archive,
    name: &'a str,
}

impl Pair<'_> {
    fn with_both<T>(&self, counts: &mut Counts) -> Outcome<()>
    where
        T: Element + ReadableElement + Deserialize,
    {
        let theirs: ArrayD<T> = NpzReader::new(File::open(self.path)?)?
            .by_name::<OwnedRepr<T>, _>(&format!("{}.npy", self.name))
            .map_err(|e| format!("{}: ndarray-npy: {e}", self.name))?;
        let ours: ArrayD<T> = self.ours.read(self.name)?;
        let same_shape = ours.shape() == theirs.shape() && ours.strides() == theirs.strides();
        self.same("ndarray-npy", same_shape && bits(ours.iter()) == bits(theirs.iter()))?;
        counts.ndarray_npy += 1;
        self.with_npyz::<T>(counts)
    }

    fn with_npyz<T: Element + Deserialize>(&self, counts: &mut Counts) -> Outcome<()> {
        let mut archive = NpzArchive::open(self.path)?;
        let theirs = archive.by_name(self.name)?.ok_or("npyz does not find the array")?;
        let shape: Vec<usize> = theirs.shape().iter().map(|&n| n as usize).collect();
        let theirs: Vec<T> =
            theirs.into_vec().map_err(|e| format!("{}: npyz: {e}", self.name))?;
        let ours: ArrayD<T> = self.ours.read(self.name)?;
        // `npyz` gives the elements in the order of the file.
        let ours_in_file_order = bits(ours.as_slice_memory_order().unwrap_or_default().iter());
        let same = ours.shape() == shape && ours_in_file_order == bits(theirs.iter());
        self.same("npyz", same)?;
        counts.npyz += 1;
        Ok(())
    }

    fn same(&self, who: &str, same: bool) -> Outcome<()> {
        if same { Ok(()) } else { Err(format!("{}: {who} reads other values", self.name).into()) }
    }
}

/// The bytes of elements, so that NaNs compare too.
fn bits<'a, T: Element>(elements: impl Iterator<Item = &'a T>) -> Vec<u8> {
    let elements: Vec<T> = elements.copied().collect();
    let mut bytes = Vec::new();
    let written = elements.as_array().and_then(|array| array.write(&mut bytes, Order::C));
    written.expect("a vector takes all bytes");
    bytes
}
