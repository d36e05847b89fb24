//! Writing in three steps: plan, regions, commit.
//!
//! A [`Plan`] holds names, dtypes and shapes, from which follows where each byte of a stored archive
//! goes. Its regions may then be written in any order, by many threads, each giving a [`Region`]
//! record. The commit takes the records, sees that every byte was written, and adds what needs
//! the CRCs. The ordinary [`Writer`](crate::Writer) does the same, one member after the other.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::names::{NameHash, Names};
use super::options::WriteOptions;
use crate::io::replace::Replacement;
use crate::io::sink::write_all_at;
use crate::npy::array::python_objects;
use crate::npy::dtype::DType;
use crate::npy::header::{Header, Order};
use crate::zip::crc::{Cover, Region};
use crate::zip::label::Label;
use crate::zip::layout::{Layout, Request};
use crate::zip::record::Method;
use crate::{Error, Result};

/// Members of this many bytes and more start on a page, smaller ones on a cache line.
const PAGE_FROM: u64 = 1 << 20;
const PAGE: u64 = 4096;

/// The names, dtypes and shapes of the arrays of an archive to be written in regions.
///
/// ```
/// # let dir = std::env::temp_dir().join(format!("savez-plan-{}", std::process::id()));
/// # std::fs::create_dir_all(&dir)?;
/// # let path = dir.join("halves.npz");
/// use savez::{DType, Order, Plan};
///
/// let mut plan = Plan::new();
/// let x = plan.add("x", DType::of::<u8>(), &[6], Order::C)?;
/// let file = plan.create(&path)?;
/// let regions = std::thread::scope(|threads| {
///     let second = threads.spawn(|| file.write(x, 3, &[4, 5, 6]));
///     let first = file.write(x, 0, &[1, 2, 3])?;
///     Ok::<_, savez::Error>([first, second.join().expect("no panic")?])
/// })?;
/// file.commit(regions)?;
/// assert_eq!(savez::Archive::open(&path)?.read::<Vec<u8>>("x")?, [1, 2, 3, 4, 5, 6]);
/// # std::fs::remove_dir_all(&dir)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Plan {
    options: WriteOptions,
    layout: Layout,
    /// The npy header of each member.
    heads: Vec<Arc<[u8]>>,
    names: Names,
}

impl Plan {
    /// A plan without members, in savez's own style.
    pub fn new() -> Plan {
        Self::with_options(WriteOptions::new())
    }

    /// A plan for an archive with those options. Compression is ignored: the place of compressed
    /// bytes cannot be known before.
    pub fn with_options(options: WriteOptions) -> Plan {
        let layout = Layout::new(options.style, false, 0);
        Self::start(options, layout)
    }

    /// A plan for an archive that has so far what `layout` says.
    pub(crate) fn start(options: WriteOptions, layout: Layout) -> Plan {
        Plan { options, layout, heads: Vec::new(), names: Names::default() }
    }

    /// Adds an array and gives its number, by which regions refer to it.
    ///
    /// # Errors
    /// If there is one of that name, or NumPy or zip could not hold it.
    pub fn add(
        &mut self,
        name: &str,
        dtype: DType,
        shape: &[usize],
        order: Order,
    ) -> Result<usize> {
        let header = Header::new(dtype, shape, order)?;
        if header.dtype().has_objects() {
            return Err(python_objects().in_member(name));
        }
        self.add_array(name, header.to_bytes()?.into(), header.nbytes() as u64, Method::STORED)
    }

    /// The number of bytes of an array's data.
    ///
    /// # Panics
    /// If there is no member of that number.
    pub fn data_len(&self, member: usize) -> u64 {
        self.layout.slot(member).size - self.heads[member].len() as u64
    }

    /// Where in the file an array's data start.
    ///
    /// # Panics
    /// If there is no member of that number.
    pub fn data_offset(&self, member: usize) -> u64 {
        self.layout.slot(member).start() + self.heads[member].len() as u64
    }

    /// Creates the file, invisible under its name until the commit.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn create(self, path: impl AsRef<Path>) -> Result<PlannedFile> {
        let path = path.as_ref();
        let replacement = Replacement::create(path, self.options.atomic, self.options.durable)
            .map_err(|error| error.in_file(Some(path)))?;
        if !replacement.is_positional() {
            return Err(Error::parameter("regions can only be written to a regular file")
                .in_file(Some(path)));
        }
        Ok(PlannedFile { plan: self, replacement, path: path.to_owned() })
    }

    /// Gives the array of that npy header, with so many bytes of data, its place.
    pub(crate) fn add_array(
        &mut self,
        name: &str,
        head: Arc<[u8]>,
        data_len: u64,
        method: Method,
    ) -> Result<usize> {
        if self.layout.kept().contains(name) {
            return Err(Error::parameter(format!(
                "the archive has a member spelled {name:?} exactly, which readers would take for this one"
            )));
        }
        let member = [name, ".npy"].concat();
        let size = head.len() as u64 + data_len;
        self.add_member(member, head, method, Some(size))
    }

    /// Gives a member its place; `head` is what its bytes begin with.
    pub(crate) fn add_member(
        &mut self,
        member: String,
        head: Arc<[u8]>,
        method: Method,
        size: Option<u64>,
    ) -> Result<usize> {
        let hash = self.names.hash(&member);
        self.check_new(&member, hash)?;
        self.place(head, Request::new(member.into(), method, size), hash)
    }

    /// Gives a member of another archive its place. There may be others of that name.
    pub(crate) fn add_listed(&mut self, head: Vec<u8>, member: &Listed) -> Result<usize> {
        let (name, hash) = (member.name.as_str(), self.names.hash(&member.name));
        let mut request = Request::new(name.into(), member.method, Some(member.size));
        request.stored_size = member.stored_size;
        request.label = Some(member.label.clone());
        self.place(head.into(), request, hash)
    }

    /// Refuses a second member of a name.
    pub(crate) fn check_unlisted(&self, member: &str) -> Result<()> {
        self.check_new(member, self.names.hash(member))
    }

    fn check_new(&self, member: &str, hash: NameHash) -> Result<()> {
        if !self.names.contain(member, hash, self.layout.slots()) {
            return Ok(());
        }
        Err(Error::parameter("the archive has a member of that name already").in_member(member))
    }

    fn place(&mut self, head: Arc<[u8]>, mut request: Request, hash: NameHash) -> Result<usize> {
        request.head = head.len() as u64;
        request.align = match request.size {
            Some(PAGE_FROM..) if self.options.align > 1 => PAGE.max(self.options.align),
            _ => self.options.align,
        };
        let number = self.layout.place(request)?;
        self.heads.push(head);
        self.names.add(hash, number);
        Ok(number)
    }

    pub(crate) fn layout(&mut self) -> &mut Layout {
        &mut self.layout
    }

    /// Takes back the last member.
    pub(crate) fn withdraw(&mut self, reached: u64) {
        if let [before @ .., last] = self.layout.slots() {
            self.names.remove_last(self.names.hash(last.name()), before.len());
        }
        self.layout.withdraw(reached);
        self.heads.pop();
    }

    /// The npy header of a member.
    pub(crate) fn head(&self, member: usize) -> &[u8] {
        &self.heads[member]
    }

    /// The CRC of a member whose data were written in these regions.
    pub(crate) fn crc(&self, member: usize, cover: Cover) -> Result<u32> {
        cover.crc(&self.heads[member], self.data_len(member))
    }

    /// What stands in front of a member's data: its local header and the npy header.
    pub(crate) fn front(&self, member: usize, crc: u32) -> Vec<u8> {
        let mut front = self.layout.slot(member).local_header(crc);
        front.extend_from_slice(&self.heads[member]);
        front
    }
}

/// A member of another archive, as it is to be listed again.
pub(crate) struct Listed {
    pub(crate) name: String,
    pub(crate) method: Method,
    pub(crate) size: u64,
    /// Of one that stays compressed as it is.
    pub(crate) stored_size: Option<u64>,
    pub(crate) label: Box<Label>,
}

impl Default for Plan {
    fn default() -> Self {
        Self::new()
    }
}

/// A planned archive being written: any region, by any thread.
pub struct PlannedFile {
    plan: Plan,
    replacement: Replacement,
    path: PathBuf,
}

impl PlannedFile {
    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Writes `bytes` at `offset` of a member's data. Writing the same again does no harm.
    ///
    /// # Errors
    /// If the bytes go beyond the data, or the system refuses.
    ///
    /// # Panics
    /// If there is no member of that number.
    pub fn write(&self, member: usize, offset: u64, bytes: &[u8]) -> Result<Region> {
        let len = self.plan.data_len(member);
        if offset.checked_add(bytes.len() as u64).is_none_or(|end| end > len) {
            return Err(Error::parameter(format!(
                "{} bytes at {offset} go beyond the {len} of the array",
                bytes.len()
            ))
            .in_file(Some(&self.path)));
        }
        let at = self.plan.data_offset(member) + offset;
        write_all_at(self.replacement.file(), bytes, at)
            .map_err(|error| error.in_file(Some(&self.path)))?;
        Ok(Region::of(member, offset, bytes))
    }

    /// Sees that the regions cover every byte, adds headers and directory, and gives the file its
    /// name.
    ///
    /// # Errors
    /// If a byte was never written, or twice with different results, or the system refuses. The old
    /// file is then what it was.
    pub fn commit(self, regions: impl IntoIterator<Item = Region>) -> Result<()> {
        let path = self.path.clone();
        self.try_commit(regions).map_err(|error| error.in_file(Some(&path)))
    }

    fn try_commit(self, regions: impl IntoIterator<Item = Region>) -> Result<()> {
        let plan = &self.plan;
        let mut covers = vec![Cover::default(); plan.heads.len()];
        for region in regions {
            covers
                .get_mut(region.member)
                .ok_or_else(|| Error::parameter("a region belongs to no member of the plan"))?
                .add(region);
        }
        let mut crcs = Vec::new();
        for (member, cover) in covers.into_iter().enumerate() {
            let slot = plan.layout.slot(member);
            let crc = plan.crc(member, cover).map_err(|error| error.in_member(slot.name()))?;
            write_all_at(self.replacement.file(), &plan.front(member, crc), slot.offset)?;
            crcs.push(crc);
        }
        let directory = plan.layout.directory(&crcs);
        write_all_at(self.replacement.file(), &directory, plan.layout.end())?;
        self.replacement.commit()
    }
}
