//! Everything in an archive, read in every way there is: all ways give the same bytes.
#![no_main]

use std::io::Read;

use libfuzzer_sys::fuzz_target;
use savez::{Archive, Entry, ErrorKind, Limits, Selection};

/// What a member may have when read; a bomb stops there.
const MEMBER_BYTES: u64 = 1 << 24;

/// The input, from which short reads come as well.
struct Bytes(Vec<u8>);

impl savez::ReadAt for Bytes {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> std::io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|at| self.0.get(at..)).unwrap_or_default();
        let count = rest.len().min(buffer.len()).min(1000);
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }

    fn size(&self) -> std::io::Result<u64> {
        Ok(self.0.len() as u64)
    }
}

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits::default().member_bytes(MEMBER_BYTES);
    let in_memory = Archive::from_bytes(bytes);
    match (Archive::from_source(Bytes(bytes.to_vec()), limits), in_memory) {
        (Ok(archive), Ok(in_memory)) => {
            for entry in archive.entries().iter().take(64) {
                member(&archive, &in_memory, entry);
            }
            all(&archive);
        }
        (Err(_), Err(_)) => {}
        (one, other) => panic!("{:?} but {:?}", one.err(), other.err()),
    }
});

/// All members at once give what they give one by one.
fn all(archive: &Archive) {
    let size = |entry: &Entry| entry.size().min(MEMBER_BYTES);
    if archive.entries().iter().map(size).sum::<u64>() > 2 * MEMBER_BYTES {
        return;
    }
    verify(archive);
    let one_by_one: Vec<_> = archive
        .entries()
        .iter()
        .map(|entry| archive.member_of(entry).and_then(|member| member.read_array()))
        .collect();
    match archive.read_all() {
        Ok(all) => {
            assert_eq!(all.len(), one_by_one.len());
            for ((name, array), (entry, one)) in
                all.iter().zip(archive.entries().iter().zip(one_by_one))
            {
                assert_eq!(name, entry.name());
                let one = one.expect("all members at once were readable");
                assert_eq!(array.header(), one.header());
                assert_eq!(array.as_bytes(), one.as_bytes());
            }
        }
        Err(error) => assert!(one_by_one.iter().any(Result::is_err), "{error} of no member"),
    }
}

/// Damaged are the members whose bytes cannot be read whole, and arrays whose headers make no sense.
fn verify(archive: &Archive) {
    let is_damaged = |entry: &&Entry| {
        let bytes = archive.raw(entry).and_then(|mut stream| {
            std::io::copy(&mut stream, &mut std::io::sink())?;
            Ok(())
        });
        let array = archive.member_of(entry);
        bytes.is_err() || array.is_err_and(|error| error.kind() != ErrorKind::NotAnArray)
    };
    let expected: Vec<_> =
        archive.entries().iter().filter(is_damaged).map(Entry::member_name).collect();
    let found = archive.find_damage(|_| Ok(())).expect("all bytes are there");
    let found: Vec<_> = found.iter().map(|error| error.member().unwrap_or("")).collect();
    assert_eq!(found, expected);
}

fn member(archive: &Archive, in_memory: &Archive, entry: &Entry) {
    // What NumPy would find under the name is some member of that name.
    let named = archive.entry(entry.member_name()).expect("a name in the directory");
    assert_eq!(named.member_name(), entry.member_name());

    let mut raw = Vec::new();
    let whole = archive.raw(entry).and_then(|stream| {
        stream.take(MEMBER_BYTES).read_to_end(&mut raw)?;
        Ok(())
    });
    if raw.len() as u64 == MEMBER_BYTES {
        return;
    }
    let Ok(member) = archive.member_of(entry) else { return };
    let read = member.read_array();
    if let Err(error) = whole {
        assert!(read.is_err(), "read, although {error}");
        return;
    }
    if member.dtype().has_objects() {
        assert!(read.is_err());
        assert!(raw.ends_with(&member.read_data().expect("raw bytes were readable")));
        return;
    }
    let array = read.expect("raw bytes were readable");
    let written = array.as_bytes();
    let data = member.read_data().expect("raw bytes were readable");
    assert!(data.starts_with(written));
    assert!(raw.ends_with(&data));

    // Parts are read by an index whose numbers may add up and yet be wrong.
    let by_index = member.is_random_access() && member.data_offset().is_none();
    for text in ["...", "::-1", "..., ::2", "1:, ..., -1", "..., 0", "1:3", "-7:, ...", "3::97"] {
        let selection: Selection = text.parse().expect("a selection");
        let sliced = member.slice(selection.clone());
        let selected = array.view().select(&selection);
        if by_index && matches!(&sliced, Err(e) if e.kind() == ErrorKind::Corrupt) {
            continue;
        }
        assert_eq!(sliced.is_ok(), selected.is_ok(), "{text}");
        if let (Ok(sliced), Ok(selected)) = (sliced, selected) {
            assert_eq!(sliced.shape(), selected.shape());
            let mut bytes = Vec::new();
            selected.write(&mut bytes, sliced.order()).expect("a vector takes everything");
            assert_eq!(sliced.as_bytes(), bytes, "{text}");
        }
    }
    if let Ok(mapped) = in_memory.member_of(entry).and_then(|member| member.map()) {
        assert_eq!(mapped.as_bytes(), written);
    }
    if let ([_], Ok(numbers)) = (array.shape(), array.to_vec::<i32>()) {
        assert_eq!(member.read::<Vec<i32>>().expect("it was readable"), numbers);
    }
    _ = array.to_vec::<f64>();
    _ = array.as_slice::<bool>();
    _ = array.to_f64();
    _ = array.to_strings();
}
