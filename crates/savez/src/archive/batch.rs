//! Many members at once: of small ones, many with one call of the system.

use std::ops::Range;

use super::member::Member;
use super::reader::Archive;
use crate::Result;
use crate::npy::array::Array;
use crate::npy::header::Header;
use crate::zip::directory::Entry;

/// Members that take no more than this, headers and all, are read ahead together with their
/// neighbours.
const SMALL: u64 = 64 << 10;

/// The most bytes to read ahead with one call.
const STRETCH: u64 = 1 << 20;

/// The most bytes to have read ahead at once.
const BATCH: u64 = 8 << 20;

/// Opens the first of these members, as many as may be read ahead at once.
pub(super) fn open(archive: &Archive, numbers: &[usize]) -> Result<Vec<Member>> {
    let mut members = Vec::new();
    let mut ahead = 0;
    let mut rest = numbers;
    while let Some(first) = rest.first()
        && ahead < BATCH
    {
        let (count, range) = stretch(archive.entries(), rest);
        let opened = match range.is_empty() {
            true => {
                archive.member_of(&archive.entries()[*first]).map(|member| members.push(member))
            }
            false => archive.ahead(range.clone()).and_then(|archive| {
                let entries = rest[..count].iter().map(|&number| &archive.entries()[number]);
                entries.map(|entry| archive.member_of(entry)).try_for_each(|member| {
                    members.push(member?);
                    Ok(())
                })
            }),
        };
        match opened {
            Err(error) if members.is_empty() => return Err(error),
            Err(_) => break,
            Ok(()) => {}
        }
        ahead += range.end - range.start;
        rest = &rest[count..];
    }
    Ok(members)
}

/// How many of the first members to read ahead together, and where they lie; if the first is not
/// small, that one and nowhere.
pub(super) fn stretch(entries: &[Entry], numbers: &[usize]) -> (usize, Range<u64>) {
    let mut range = 0..0;
    for (count, &number) in numbers.iter().enumerate() {
        let (start, end) = (entries[number].offset(), entries[number].next());
        let joins = count == 0 || (start == range.end && end - range.start <= STRETCH);
        if !joins || end - start > SMALL {
            return (count.max(1), range);
        }
        range = if count == 0 { start..end } else { range.start..end };
    }
    (numbers.len(), range)
}

/// Reads every array of an archive.
pub(super) fn read_all(archive: &Archive) -> Result<Vec<(String, Array)>> {
    let numbers: Vec<usize> = (0..archive.len()).collect();
    let mut all = Vec::with_capacity(numbers.len());
    while all.len() < numbers.len() {
        let entry = &archive.entries()[all.len()];
        let copied = |header: &Header, data: &[u8]| {
            Array::filled(header.clone(), |room| {
                room.copy_from_slice(data);
                Ok(())
            })
        };
        if let Some(Ok(array)) = archive.read_small(entry, copied) {
            all.push((entry.name().to_owned(), array));
            continue;
        }
        let members = archive.members(&numbers[all.len()..])?;
        let empty = |member: &Member| {
            Array::filled(member.header().clone(), |_| Ok(())).map_err(|e| member.blame(e))
        };
        let mut arrays = members.iter().map(empty).collect::<Result<Vec<_>>>()?;
        let rooms = arrays.iter_mut().map(Array::bytes_mut);
        Member::read_many(members.iter().zip(rooms).collect(), |_| Ok(()))?;
        let names = archive.entries()[all.len()..].iter().map(|entry| entry.name().to_owned());
        all.extend(names.zip(arrays));
    }
    Ok(all)
}
