//! Archives written anew with all they hold: [`repack`] and [`Writer::repack`].
//!
//! Members pass through piece by piece, decoded and compressed, or as the stored bytes they are; either way their
//! CRC is compared. Names, dates, attributes, comments and extra fields go along; what is about the place of the
//! bytes in the file is made anew.

use std::fs;
use std::path::Path;

use super::append;
use super::compress::Cut;
use super::deflate::{Deflater, Front, Segment};
use super::feed::Copied;
use super::member::Member;
use super::options::{Compression, WriteOptions};
use super::payload::Payload;
use super::plan::Listed;
use super::reader::Archive;
use super::writer::Writer;
use crate::Result;
use crate::zip::directory::Entry;
use crate::zip::label::Label;
use crate::zip::record::Method;

/// Writes the archive `from` anew as `to`: compressed, aligned and arranged as the options say, else as it was. All
/// members are kept, arrays or not, in their order, with their dates, attributes, comments and extra fields, and
/// so is the archive's comment. Bytes before and after the archive are not.
///
/// Members are never in memory whole, and each is compared with its CRC. Arrays are compressed as
/// [`savez_compressed`](crate::savez_compressed) does, by several threads.
///
/// `to` may be `from`: the new archive then takes its place when it is whole, whatever
/// [`atomic`](WriteOptions::atomic) says, and nobody can add to it meanwhile.
///
/// ```
/// # let dir = std::env::temp_dir().join(format!("savez-repack-{}", std::process::id()));
/// # std::fs::create_dir_all(&dir)?;
/// # let path = dir.join("zeros.npz");
/// use savez::{Compression, WriteOptions};
///
/// savez::savez(&path, &[("zeros", &vec![0.0; 10_000])])?;
/// savez::repack(&path, &path, WriteOptions::new().compression(Compression::DEFLATE))?;
/// assert!(std::fs::metadata(&path)?.len() < 1000);
/// assert_eq!(savez::Archive::open(&path)?.read::<Vec<f64>>("zeros")?, [0.0; 10_000]);
/// # std::fs::remove_dir_all(&dir)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If a member is damaged, encrypted or compressed by a method that this build does not read, somebody is adding to
/// the archive that is to be replaced ([`ErrorKind::Busy`](crate::ErrorKind::Busy)), or the system refuses. The
/// file `to` is then what it was.
pub fn repack(from: impl AsRef<Path>, to: impl AsRef<Path>, options: WriteOptions) -> Result<()> {
    repack_watched(from, to, options, |_| Ok(()))
}

/// As [`repack`], with `watch` called after every piece of some 100 KB with the number of bytes that were done
/// since the last call: all calls together are given the sum of [`Entry::size`]. An error of it, such as
/// [`Error::stopped`](crate::Error::stopped), ends the work. The last call, with 0 bytes, is when all is written and
/// the new file is about to take its name.
///
/// # Errors
/// As `repack`; of `watch` any.
pub fn repack_watched(
    from: impl AsRef<Path>,
    to: impl AsRef<Path>,
    options: WriteOptions,
    watch: impl FnMut(u64) -> Result<()> + Send,
) -> Result<()> {
    let (from, to) = (from.as_ref(), to.as_ref());
    let (archive, mut writer): (_, Writer<'_>) = if is_same_file(from, to) {
        append::replace(options, to).map_err(|error| error.in_file(Some(to)))?
    } else {
        (Archive::open(from)?, options.create(to)?)
    };
    writer.watch(watch);
    writer.repack(&archive)?;
    (writer.watch)(0).map_err(|error| error.in_file(Some(to)))?;
    writer.finish()
}

impl Writer<'_> {
    /// Writes every member of an archive, as it is in all but the compression, which is that of this writer's
    /// options ([`keep_compression`](WriteOptions::keep_compression) leaves it). Names may occur several times in it.
    /// If the archive has a comment, it becomes that of the new one. [`repack`] does all of that for files.
    ///
    /// # Errors
    /// As `repack`, and if the writer has a member of one of the names already. Some members may then have been added.
    pub fn repack(&mut self, archive: &Archive) -> Result<&mut Self> {
        let done = self.take_over(archive);
        self.leave(done)
    }

    fn take_over(&mut self, archive: &Archive) -> Result<()> {
        self.check_unbroken()?;
        for entry in archive.entries() {
            self.plan.check_unlisted(entry.member_name())?;
        }
        let mut deflater = match self.options.compression {
            Compression::Deflate { level } if !self.options.keep_compression => {
                Some(self.deflater(level))
            }
            _ => None,
        };
        for (entry, label) in archive.entries().iter().zip(archive.labels()?) {
            let original = Original::open(archive, entry)?;
            let listed = self.listed(archive, entry, label)?;
            match &mut deflater {
                Some(deflater) if listed.method == Method::DEFLATED => {
                    self.deflate(original, listed, deflater)?;
                }
                // Members stand in the file in their order.
                Some(deflater) => {
                    deflater.finish(&mut |segment, stored| self.take(segment, stored))?;
                    self.transfer(original, listed)?;
                }
                None => self.transfer(original, listed)?,
            }
        }
        if let Some(mut deflater) = deflater {
            deflater.finish(&mut |segment, stored| self.take(segment, stored))?;
        }
        let comment = archive.comment()?;
        if !comment.is_empty() {
            self.plan.layout().set_comment(comment);
        }
        Ok(())
    }

    /// How a member is to be listed here.
    fn listed(&self, archive: &Archive, entry: &Entry, mut label: Label) -> Result<Listed> {
        label.set_local_extra(&archive.local_extra(entry)?);
        let method = match self.options.keep_compression {
            // Directories and other empty ones: a compressed nothing is longer.
            _ if entry.size() == 0 => Method::STORED,
            true => entry.method(),
            false => self.options.compression.method(),
        };
        let kept = self.options.keep_compression && method != Method::STORED;
        Ok(Listed {
            name: entry.member_name().to_owned(),
            method,
            size: entry.size(),
            stored_size: kept.then_some(entry.stored_size()),
            label: Box::new(label),
        })
    }

    fn deflate(
        &mut self,
        original: Original,
        listed: Listed,
        deflater: &mut Deflater,
    ) -> Result<()> {
        let Original { payload, head, cut, .. } = original;
        (self.watch)(head.len() as u64)?;
        let mut data = Copied::behind(&payload, known(&head))?;
        let mut take = |segment: &Segment, stored: &[u8]| self.take(segment, stored);
        deflater.add(Front::Listed(listed), head, &mut data, &cut, &mut take)
    }

    /// One member, when all before it are written.
    fn transfer(&mut self, original: Original, listed: Listed) -> Result<()> {
        if listed.stored_size.is_some() {
            return self.pass_on(original, listed);
        }
        let Original { payload, head, cut, .. } = original;
        (self.watch)(head.len() as u64)?;
        let mut data = Copied::behind(&payload, known(&head))?;
        let (stored, size) = (listed.method == Method::STORED, payload.size - head.len() as u64);
        let front = Front::Listed(listed);
        if stored {
            let number = self.place(&front, head)?;
            return self.write_region(number, size, &mut data);
        }
        self.compress(front, head, &mut data, &cut)
    }

    /// One member's stored bytes as they are, once they have proved to be right.
    fn pass_on(&mut self, original: Original, listed: Listed) -> Result<()> {
        let Original { payload, head, index, .. } = original;
        let blamed = |error| payload.blame(error);
        let decoded = payload.verify_stored(|len| (self.watch)(len)).map_err(blamed)?;
        let number = self.place(&Front::Listed(listed), head)?;
        let mut at = self.open(number)?;
        let done = payload.pass_stored(&decoded, |stored| {
            self.sink.write_at(at, stored)?;
            at += stored.len() as u64;
            (self.watch)(0)
        });
        done.map_err(blamed)?;
        if let Some(index) = index {
            self.plan.layout().set_segments(number, index);
        }
        self.seal(number, payload.crc.unwrap_or(0), payload.size, payload.stored_size)
    }
}

/// A member of another archive.
struct Original {
    payload: Payload,
    /// The npy header, if it is an array.
    head: Vec<u8>,
    cut: Cut,
    /// The index of its segments, if it is to be believed.
    index: Option<Vec<u8>>,
}

impl Original {
    fn open(archive: &Archive, entry: &Entry) -> Result<Original> {
        let payload = archive.payload(entry)?;
        payload.check_sizes().map_err(|error| payload.blame(error))?;
        // What cannot be read at all, or is damaged, shows again when its bytes are read.
        let Ok(member) = Member::of_payload(payload.clone()) else {
            return Ok(Original { payload, head: Vec::new(), cut: Cut::of_bytes(), index: None });
        };
        let member = member.with_segments(entry.segments());
        let head = member.read_head()?;
        let data_len = payload.size - head.len() as u64;
        let is_array = !member.dtype().has_objects() && member.header().nbytes() as u64 == data_len;
        let cut = if is_array { Cut::of(member.header()) } else { Cut::of_bytes() };
        let believed = member.payload().segments.is_some();
        let index = entry.segments().filter(|_| believed).map(<[u8]>::to_vec);
        Ok(Original { payload, head, cut, index })
    }
}

/// The length and CRC of bytes that have been read.
fn known(head: &[u8]) -> (u64, u32) {
    (head.len() as u64, crc32fast::hash(head))
}

/// Whether two paths lead to one file, by whatever links.
#[cfg(unix)]
fn is_same_file(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (fs::metadata(a), fs::metadata(b)) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_same_file(a: &Path, b: &Path) -> bool {
    match (fs::canonicalize(a), fs::canonicalize(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}
