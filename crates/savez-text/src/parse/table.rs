//! A whole table, by many threads: [`Table`].
//!
//! The calling thread reads the input and counts its lines; so every block of lines gets rows of its
//! own in the result before anyone looks into it, and threads fill them at the same time. Rows that
//! blank lines left empty are closed up afterwards. While threads work on one batch, the next is
//! read.

use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use super::batch::{Batch, Batches, Block};
use super::block::{Done, Plan};
use super::cell::{Cell, Layout};
use super::dialect::Dialect;
use super::error::Error;
use super::fields::Splitter;

/// Bytes of a block, which stay in a core's cache.
const BLOCK: usize = 128 << 10;
/// A block of blank lines takes no more room than this, whatever a row takes.
const BLOCK_ROOM: usize = 8 << 20;
/// No more room than this is made ahead of rows that are known, and none less than a quarter.
const GROWTH: usize = 32 << 20;
/// So many bytes behind the last row are looked at; NumPy may have decoded them.
const BEHIND: usize = 128 << 10;

/// How a table is read.
#[derive(Clone, Debug)]
pub struct Table {
    /// How it is written.
    pub dialect: Dialect,
    /// What its rows become.
    pub layout: Layout,
    /// The fields of a line that become the columns, counted from its end if negative; `None` for
    /// all.
    pub chosen: Option<Vec<isize>>,
    /// So many lines are left out at the start, whatever they hold.
    pub skip_lines: u64,
    /// Reading stops after so many rows.
    pub max_rows: Option<usize>,
    /// How many threads read; `None` for as many as there are processors.
    pub threads: Option<NonZeroUsize>,
}

/// Memory for the rows of a result.
pub trait Rows {
    /// Makes room for `rows` rows of `columns` columns. Rows that are there keep their bytes. The
    /// number of columns is the same in all calls.
    ///
    /// # Errors
    /// If there is not enough memory.
    fn grow(&mut self, rows: usize, columns: usize) -> io::Result<()>;

    /// All the room there is.
    fn bytes(&mut self) -> &mut [u8];
}

/// What was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How many rows.
    pub rows: usize,
    /// How many columns; 0 if there are no rows.
    pub columns: usize,
    /// How many bytes of the input they and what stands before them took.
    pub bytes: u64,
    /// Whether blank lines or comments of their own stood among the lines read.
    pub has_blank: bool,
    /// Whether some hundred KB behind them, if there are so many, are ASCII.
    pub is_ascii_behind: bool,
}

impl Table {
    /// Reads all rows of the input. `hint` is its length, if known.
    ///
    /// # Errors
    /// The first that is met from the start of the input on; also if layout and chosen columns do not
    /// go together.
    pub fn read(
        &self,
        input: impl Read,
        hint: Option<u64>,
        rows: &mut impl Rows,
    ) -> Result<Outcome, Error> {
        self.check()?;
        let mut batches = Batches::new(input, &self.dialect, self.skip_lines);
        let mut batch = batches.next(Batch::default())?;
        let columns = loop {
            if batch.lines().is_empty() || self.max_rows == Some(0) {
                return Ok(Outcome { bytes: batches.length(), ..Outcome::default() });
            }
            match self.columns(batch.lines())? {
                Some(columns) => break columns,
                None => batch = batches.next(batch)?,
            }
        };
        let plan = Plan {
            dialect: &self.dialect,
            layout: &self.layout,
            chosen: self.chosen.as_deref(),
            columns,
        };
        Reading { table: self, plan, rows, capacity: 0, found: 0, has_blank: false }
            .run(batches, batch, hint)
    }

    /// Whether every column has a cell of its own within the row, and takes some bytes.
    fn check(&self) -> Result<(), Error> {
        let columns = self.chosen.as_ref().map(Vec::len);
        let is_well = match &self.layout {
            Layout::Alike(cell) => cell.kind.size() > 0 && cell.offset == 0 && columns != Some(0),
            Layout::Record(cells, size) => {
                let lies_within = |cell: &Cell| {
                    cell.offset.checked_add(cell.kind.size()).is_some_and(|end| end <= *size)
                };
                !cells.is_empty()
                    && *size > 0
                    && cells.iter().all(lies_within)
                    && columns.is_none_or(|columns| columns == cells.len())
            }
        };
        match is_well {
            true => Ok(()),
            false => Err(Error::Unsupported(
                "a column without a cell of its own in the row, or values that take no bytes",
            )),
        }
    }

    /// The columns of the result: as many as the first line with content has, unless they are known.
    /// `None` if there is no such line.
    fn columns(&self, lines: &[u8]) -> Result<Option<usize>, Error> {
        let mut splitter = Splitter::new(&self.dialect);
        let mut at = 0;
        while at < lines.len() {
            let (end, next) = self.dialect.line_end(&lines[at..]);
            let found = splitter.split(&lines[at..at + end])?.len();
            if found > 0 {
                return Ok(Some(match (&self.chosen, &self.layout) {
                    (Some(chosen), _) => chosen.len(),
                    (None, Layout::Record(cells, _)) => cells.len(),
                    (None, Layout::Alike(_)) => found,
                }));
            }
            at += next;
        }
        Ok(None)
    }

    fn threads(&self) -> usize {
        let threads = self.threads.or_else(|| std::thread::available_parallelism().ok());
        threads.map_or(1, NonZeroUsize::get)
    }
}

/// A table that is being read.
struct Reading<'a, R> {
    table: &'a Table,
    plan: Plan<'a>,
    rows: &'a mut R,
    /// How many rows there is room for.
    capacity: usize,
    /// How many rows were read.
    found: usize,
    has_blank: bool,
}

/// A block and the rows that are its own.
struct Job<'a> {
    text: &'a [u8],
    room: &'a mut [u8],
    done: Done,
}

impl<R: Rows> Reading<'_, R> {
    fn run(
        mut self,
        mut batches: Batches<'_, impl Read>,
        mut batch: Batch,
        hint: Option<u64>,
    ) -> Result<Outcome, Error> {
        let mut spare = Batch::default();
        while !batch.lines().is_empty() {
            let blocks = self.blocks(&batch);
            if self.capacity == 0 {
                self.expect(&batch, &blocks, hint)?;
            }
            let lines: usize = blocks.iter().map(|block| block.lines).sum();
            let may_end = self.table.max_rows.is_some_and(|most| self.found + lines >= most);
            let mut next = None;
            let mut ahead = || next = Some(batches.next(std::mem::take(&mut spare)));
            let mut meanwhile: Option<&mut dyn FnMut()> =
                if may_end { None } else { Some(&mut ahead) };
            for group in groups(&blocks, GROWTH / self.plan.row_size()) {
                let done = self.round(&batch, group, meanwhile.take())?;
                if let Some(end) = self.take(&batch, group, done)? {
                    return Ok(self.stopped(batches, &batch, end));
                }
            }
            let ready = next.take();
            spare = batch;
            batch = match ready {
                Some(next) => next?,
                None => batches.next(std::mem::take(&mut spare))?,
            };
        }
        let bytes = batches.length();
        Ok(Outcome { bytes, is_ascii_behind: true, ..self.outcome() })
    }

    fn outcome(&self) -> Outcome {
        Outcome {
            rows: self.found,
            columns: self.plan.columns,
            has_blank: self.has_blank,
            ..Outcome::default()
        }
    }

    /// What was read when the last row wanted ends at `end` in the batch.
    fn stopped(&self, mut batches: Batches<'_, impl Read>, batch: &Batch, end: usize) -> Outcome {
        let behind = &batch.bytes()[end..];
        let is_ascii = |bytes: &[u8]| bytes[..bytes.len().min(BEHIND)].is_ascii();
        let is_ascii_behind = is_ascii(behind)
            && (behind.len() >= BEHIND
                || batches.next(Batch::default()).is_ok_and(|next| is_ascii(next.bytes())));
        let bytes = (batch.offset + end as u64).min(batches.length());
        Outcome { bytes, is_ascii_behind, ..self.outcome() }
    }

    fn blocks(&self, batch: &Batch) -> Vec<Block> {
        // A separator or the line end behind each field.
        let shortest = if self.plan.chosen.is_none() { self.plan.columns } else { 1 };
        let most = (BLOCK_ROOM / self.plan.row_size()).saturating_mul(shortest);
        batch.blocks(&self.table.dialect, BLOCK.min(most).max(1), shortest)
    }

    /// Makes room for as many rows as there will be, if all of the input is like its first batch.
    fn expect(&mut self, batch: &Batch, blocks: &[Block], hint: Option<u64>) -> Result<(), Error> {
        let Some(hint) = hint else { return Ok(()) };
        let lines: usize = blocks.iter().map(|block| block.lines).sum();
        let batches = hint as f64 / batch.bytes().len() as f64 * 1.02;
        // Lines that are not like the others must not cost the whole address space.
        let most = (hint as f64 * 4.0 + GROWTH as f64) / self.plan.row_size() as f64;
        let expected = (lines as f64 * batches).min(most) as usize;
        let most = self.table.max_rows.map_or(usize::MAX, |most| most.saturating_add(lines));
        self.make_room(expected.min(most))
    }

    fn make_room(&mut self, rows: usize) -> Result<(), Error> {
        if rows > self.capacity {
            self.rows.grow(rows, self.plan.columns)?;
            self.capacity = rows;
        }
        Ok(())
    }

    /// Lets threads read the blocks, while this one does something else first.
    fn round(
        &mut self,
        batch: &Batch,
        blocks: &[Block],
        meanwhile: Option<&mut dyn FnMut()>,
    ) -> Result<Vec<Done>, Error> {
        let size = self.plan.row_size();
        let wanted = self.found + blocks.iter().map(|block| block.lines).sum::<usize>();
        if wanted > self.capacity {
            let more = (self.capacity / 4).min(GROWTH / size);
            self.make_room(wanted.max(self.capacity + more))?;
        }
        let plan = &self.plan;
        let mut room = &mut self.rows.bytes()[self.found * size..];
        let mut jobs: Vec<Job<'_>> = Vec::with_capacity(blocks.len());
        for block in blocks {
            let (own, rest) = room.split_at_mut(block.lines * size);
            room = rest;
            let text = &batch.bytes()[block.range.clone()];
            jobs.push(Job { text, room: own, done: Done::default() });
        }
        let threads = self.table.threads().min(jobs.len());
        let queue = Mutex::new(jobs.iter_mut());
        let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
        let work = || {
            while let Some(job) = next() {
                job.done = plan.read(job.text, job.room, usize::MAX);
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..threads {
                // If there can be no more threads, this one does the work.
                _ = std::thread::Builder::new().spawn_scoped(scope, work);
            }
            if let Some(meanwhile) = meanwhile {
                meanwhile();
            }
            work();
        });
        Ok(jobs.into_iter().map(|job| job.done).collect())
    }

    /// Takes the rows of the blocks over, closing the gaps between them; gives where the last row
    /// that is wanted ends in the batch, if it is among them.
    fn take(
        &mut self,
        batch: &Batch,
        blocks: &[Block],
        done: Vec<Done>,
    ) -> Result<Option<usize>, Error> {
        let size = self.plan.row_size();
        let mut place = self.found;
        for (block, mut done) in blocks.iter().zip(done) {
            let left = self.table.max_rows.map_or(usize::MAX, |most| most - self.found);
            let is_last = done.rows >= left;
            if is_last {
                let text = &batch.bytes()[block.range.clone()];
                let room = &mut self.rows.bytes()[place * size..(place + block.lines) * size];
                done = self.plan.read(text, room, left);
            }
            if place > self.found {
                let moved = place * size..(place + done.rows) * size;
                self.rows.bytes().copy_within(moved, self.found * size);
            }
            let error = done.error.map(|error| error.behind(self.found));
            self.found += done.rows;
            self.has_blank |= done.has_blank;
            if is_last {
                return Ok(Some(block.range.start + done.bytes));
            }
            if let Some(error) = error {
                return Err(error);
            }
            place += block.lines;
        }
        Ok(None)
    }
}

/// Blocks in groups that together have no more than `most` lines, or one alone.
fn groups(mut blocks: &[Block], most: usize) -> impl Iterator<Item = &[Block]> {
    std::iter::from_fn(move || {
        let mut lines = 0;
        let fitting = blocks.iter().take_while(|block| {
            lines += block.lines;
            lines <= most
        });
        let (group, rest) = blocks.split_at(fitting.count().max(1).min(blocks.len()));
        blocks = rest;
        (!group.is_empty()).then_some(group)
    })
}
