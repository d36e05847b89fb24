//! Deflated members on their way into the archive: segments, which come back compressed in the order of the data.

use std::ops::Deref;

use super::Writer;
use crate::Result;
use crate::archive::compress::{Cut, Tally};
use crate::archive::deflate::{Deflater, Front, Segment};
use crate::archive::heads::Heads;
use crate::archive::threads;
use crate::npy::view::AsArray;

/// A deflated member on its way.
pub(super) struct Begun {
    number: usize,
    tally: Tally,
}

impl Writer<'_> {
    /// Deflates one array after the other, of which none waits for the one before to be written.
    pub(super) fn deflate_all<N, A>(
        &mut self,
        level: u32,
        arrays: impl IntoIterator<Item = (N, A)>,
    ) -> Result<()>
    where
        N: AsRef<str>,
        A: Deref<Target: AsArray>,
    {
        self.check_unbroken()?;
        let mut deflater = self.deflater(level);
        let mut heads = Heads::default();
        let mut take = |segment: &Segment, stored: &[u8]| self.take(segment, stored);
        let mut refused = Ok(());
        for (name, array) in arrays {
            let name = name.as_ref().to_owned();
            // If one is refused, those before it are on their way.
            let array = match array.deref().as_array() {
                Ok(array) => array,
                Err(error) => {
                    refused = Err(error.in_member(&format!("{name}.npy")));
                    break;
                }
            };
            let (header, head) = match heads.of(&array) {
                Ok(head) => head,
                Err(error) => {
                    refused = Err(error.in_member(&format!("{name}.npy")));
                    break;
                }
            };
            let mut pieces = array.pieces(header.order());
            let front = Front::Array { name, size: header.nbytes() as u64 };
            deflater.add(front, head.to_vec(), &mut pieces, &Cut::of(header), &mut take)?;
        }
        deflater.finish(&mut take)?;
        refused
    }

    pub(in crate::archive) fn deflater(&self, level: u32) -> Deflater {
        Deflater::new(level, self.options.threads.unwrap_or_else(threads::cores))
    }

    /// Writes a segment; with the first of a member what stands in front of it, with the last what is known then.
    pub(in crate::archive) fn take(&mut self, segment: &Segment, stored: &[u8]) -> Result<()> {
        let len = stored.len() as u64;
        if let Some(front) = &segment.front {
            let head = segment.bytes[..segment.head_len].to_vec();
            let number =
                self.place(front, head).map_err(|error| error.in_member(&front.member()))?;
            self.open(number)?;
            self.begun = Some(Begun { number, tally: Tally::default() });
        }
        let Some(begun) = &mut self.begun else { return Ok(()) };
        let start = self.plan.layout().slot(begun.number).start();
        self.sink.write_at(start + begun.tally.stored_size, stored)?;
        begun.tally.add(segment, len);
        (self.watch)((segment.bytes.len() - segment.head_len) as u64)?;
        if segment.last
            && let Some(Begun { number, tally }) = self.begun.take()
        {
            let (crc, size, stored_size) = (tally.crc, tally.size, tally.stored_size);
            if let Some(index) = tally.into_index() {
                self.plan.layout().set_segments(number, index);
            }
            self.seal(number, crc, size, stored_size)?;
        }
        Ok(())
    }
}
