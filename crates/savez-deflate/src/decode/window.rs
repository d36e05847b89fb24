//! The output, whose first part is the window that matches are copied from.

use super::ErrorKind;

/// Where decoded bytes go.
#[derive(Debug)]
pub(super) struct Window<'a> {
    pub(super) out: &'a mut [u8],
    /// So many bytes are there. At most `out.len()`.
    pub(super) written: usize,
    /// So many are wanted. At most `out.len()`.
    pub(super) until: usize,
}

impl Window<'_> {
    /// How many bytes there is room for.
    pub(super) fn room(&self) -> usize {
        self.out.len() - self.written
    }

    /// Whether to stop here. If all is wanted, the end of the stream is, too.
    #[inline(always)]
    pub(super) fn is_reached(&self) -> bool {
        self.written >= self.until && self.until < self.out.len()
    }

    pub(super) fn push(&mut self, byte: u8) -> Result<(), ErrorKind> {
        *self.out.get_mut(self.written).ok_or(ErrorKind::TooLong)? = byte;
        self.written += 1;
        Ok(())
    }

    pub(super) fn extend(&mut self, bytes: &[u8]) {
        self.out[self.written..][..bytes.len()].copy_from_slice(bytes);
        self.written += bytes.len();
    }

    /// Repeats what came `distance` bytes before.
    pub(super) fn repeat(&mut self, distance: usize, length: usize) -> Result<(), ErrorKind> {
        let from = self.written.checked_sub(distance).ok_or(ErrorKind::Distance)?;
        if length > self.room() {
            return Err(ErrorKind::TooLong);
        }
        // What is there can be copied at once, and then twice as much.
        let mut done = 0;
        while done < length {
            let part = (distance + done).min(length - done);
            self.out.copy_within(from..from + part, self.written + done);
            done += part;
        }
        self.written += length;
        Ok(())
    }
}
