//! What an archive holds, so that two of them can be compared.

use savez::{Archive, DType, Order};

/// Names, dtypes, shapes, orders and bytes of all arrays.
pub(crate) type Contents = Vec<(String, DType, Vec<usize>, Order, Vec<u8>)>;

/// Everything in the archive, each array found by its name.
pub(crate) fn contents(archive: &Archive) -> savez::Result<Contents> {
    archive
        .names()
        .map(|name| {
            let array = archive.read_array(name)?;
            let (dtype, shape, order) = (array.dtype(), array.shape(), array.order());
            let bytes = array.as_bytes().to_vec();
            Ok((name.to_owned(), dtype.clone(), shape.to_vec(), order, bytes))
        })
        .collect()
}
