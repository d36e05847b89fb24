//! Small archives cut short at every byte, and with every bit flipped in turn: the answer is an
//! error or the very same arrays, never others, never a panic.

use std::io::Cursor;

use savez::{Archive, Compression, Style, WriteOptions, Writer};

use crate::archives::{Contents, contents};

/// What an archive of two arrays looks like in each form the writer knows, and as NumPy writes it.
fn forms() -> Vec<(&'static str, Vec<u8>)> {
    fn fill(mut writer: Writer<'_>) {
        writer.add("a", &[1u16, 2, 3]).expect("add");
        writer.add("é", &[[0.5f32, -1.0], [2.0, 1e9]]).expect("add");
        writer.finish().expect("finish");
    }
    fn seekable(options: WriteOptions) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        fill(options.seekable(&mut file).expect("seekable"));
        file.into_inner()
    }
    fn stream(options: WriteOptions) -> Vec<u8> {
        let mut bytes = Vec::new();
        fill(options.stream(&mut bytes));
        bytes
    }
    let stored = WriteOptions::new();
    let deflated = || WriteOptions::new().compression(Compression::DEFLATE);
    vec![
        ("stored", seekable(stored.clone())),
        ("deflated", seekable(deflated())),
        ("numpy", seekable(WriteOptions::new().style(Style::Numpy))),
        ("stream", stream(stored)),
        ("deflated stream", stream(deflated())),
        ("numpy.savez", include_bytes!("../data/two.npz").to_vec()),
        ("numpy.savez_compressed", include_bytes!("../data/two_compressed.npz").to_vec()),
    ]
}

fn read(bytes: &[u8]) -> savez::Result<Contents> {
    contents(&Archive::from_bytes(bytes)?)
}

#[test]
fn the_forms_hold_the_same_arrays() {
    let forms = forms();
    let first = read(&forms[0].1).expect("read");
    for (form, bytes) in &forms {
        assert_eq!(read(bytes).expect(form), first, "{form}");
    }
}

#[test]
fn cut_short_at_every_byte() {
    for (form, bytes) in forms() {
        for len in 0..bytes.len() {
            assert!(read(&bytes[..len]).is_err(), "{form} cut to {len} bytes was read");
        }
    }
}

#[test]
fn every_bit_flipped() {
    for (form, mut bytes) in forms() {
        let whole = read(&bytes).expect(form);
        let mut errors = 0;
        for bit in 0..8 * bytes.len() {
            bytes[bit / 8] ^= 1 << (bit % 8);
            let verified =
                Archive::from_bytes(bytes.as_slice()).and_then(|archive| archive.verify());
            match read(&bytes) {
                Ok(found) => {
                    verified.expect(form);
                    assert_eq!(found, whole, "{form}, bit {} of byte {}", bit % 8, bit / 8)
                }
                Err(_) => {
                    verified.expect_err(form);
                    errors += 1;
                }
            }
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
        // Dates, attributes, versions and padding may say what they like; most bytes may not.
        assert!(errors > 4 * bytes.len(), "{form}: only {errors} flips were noticed");
    }
}

#[test]
fn npy_files_cut_short_at_every_byte() {
    let mut bytes = Vec::new();
    savez::save_to(&mut bytes, &[1u16, 2, 3]).expect("save");
    for len in 0..bytes.len() {
        assert!(savez::Member::from_bytes(&bytes[..len]).is_err(), "{len} bytes were read");
    }
}
