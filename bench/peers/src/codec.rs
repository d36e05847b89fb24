//! Compressing files one by one with `savez-deflate` alone: no container, no CRC, no threads.

use std::any::Any;
use std::fs;
use std::path::Path;
use std::rc::Rc;

use savez_deflate::{Encoder, Hints, Level};

use crate::{Check, Outcome, Work, Works};

/// Whole segments of about so many bytes, as `savez` cuts them.
const SEGMENT: usize = 512 << 10;

/// A file, what its items are like, and what it has become.
struct Compressed {
    content: Rc<Vec<u8>>,
    stream: Vec<u8>,
}

/// Compressing each file that `list` in `directory` names, to a file of the same name in `path`.
///
/// A line of the list has a name, and the bytes of an item and of a row.
pub(crate) fn works(level: u8, directory: &Path, path: &Path) -> Outcome<(Works, Check)> {
    let level = Level::new(level).ok_or("no such level")?;
    fs::create_dir(path)?;
    let works = fs::read_to_string(directory.join("list"))?
        .lines()
        .map(|line| {
            let mut words = line.split(' ');
            let mut word = || words.next().ok_or("a line of three words");
            let name = word()?.to_owned();
            let hints = Hints { item: word()?.parse()?, row: word()?.parse()? };
            let content = Rc::new(fs::read(directory.join(&name))?);
            let path = path.join(&name);
            let work: Work = Box::new(move || {
                let stream = compressed(&content, level, hints);
                fs::write(&path, &stream)?;
                Ok(Box::new(Compressed { content: Rc::clone(&content), stream }))
            });
            Ok((name, work))
        })
        .collect::<Outcome<Works>>()?;
    Ok((works, Box::new(same)))
}

fn compressed(content: &[u8], level: Level, hints: Hints) -> Vec<u8> {
    let mut encoder = Encoder::new(level, hints);
    let mut stream = Vec::new();
    let mut left = content;
    while left.len() > SEGMENT + SEGMENT / 2 {
        let (segment, rest) = left.split_at(SEGMENT);
        encoder.segment(segment, false, &mut stream);
        left = rest;
    }
    encoder.segment(left, true, &mut stream);
    stream
}

fn same(found: &dyn Any) -> Outcome<()> {
    let Compressed { content, stream } = found.downcast_ref().ok_or("nothing compressed")?;
    let mut inflated = vec![0; content.len()];
    savez_deflate::inflate(stream, &mut inflated)?;
    if inflated != **content {
        return Err("other bytes".into());
    }
    Ok(())
}
