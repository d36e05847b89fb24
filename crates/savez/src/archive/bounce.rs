//! Reading by way of a buffer, where the system's copy straight to its target would be slow.
//!
//! Systems copy by `rep movsb`. AMD's processors (measured on Zen 3) take three times as long for it where the target lies 1 to 31 bytes behind
//! the source, modulo a page. For large arrays that is the rule: `malloc` puts large blocks 16 bytes behind the start of a
//! page, and our files have them at the start of one.

use crate::Result;
use crate::io::source::Source;

const PAGE: usize = 4096;

/// It fits into a core's own cache, beside what it is copied to.
const BUFFER: usize = 128 << 10;

/// What is shorter is not worth a buffer.
const SHORT: usize = 32 << 10;

/// A buffer that is made when it is first needed.
#[derive(Default)]
pub(super) struct Bounce {
    buffer: Vec<u8>,
}

impl Bounce {
    /// Fills the room from `offset` on.
    pub(super) fn read_exact_at(
        &mut self,
        source: &Source,
        room: &mut [u8],
        offset: u64,
    ) -> Result<()> {
        if room.len() < SHORT || !source.is_file() || !is_slow(behind(room, offset)) {
            return source.read_exact_at(room, offset);
        }
        let needed = PAGE + room.len().min(BUFFER);
        if self.buffer.len() < needed {
            self.buffer.resize(needed, 0);
        }
        // Half a page behind the source; so the room is half a page behind it.
        let start = (PAGE / 2).wrapping_sub(behind(&self.buffer, offset)) % PAGE;
        let mut from = offset;
        for part in room.chunks_mut(BUFFER) {
            let buffer = &mut self.buffer[start..][..part.len()];
            source.read_exact_at(buffer, from)?;
            part.copy_from_slice(buffer);
            from += part.len() as u64;
        }
        Ok(())
    }
}

/// How many bytes a target lies behind its source, modulo a page.
fn behind(target: &[u8], offset: u64) -> usize {
    target.as_ptr().addr().wrapping_sub(offset as usize) % PAGE
}

#[cfg(target_arch = "x86_64")]
fn is_slow(behind: usize) -> bool {
    // Only AMD's have SSE4a.
    (1..32).contains(&behind) && std::is_x86_feature_detected!("sse4a")
}

#[cfg(not(target_arch = "x86_64"))]
fn is_slow(_: usize) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_bytes_arrive_wherever_they_come_from_and_go_to() -> Result<()> {
        let bytes: Vec<u8> = (0..200_000u32).map(|i| (i * 7 + i / 251) as u8).collect();
        let path = std::env::temp_dir().join(format!("savez-bounce-{}", std::process::id()));
        std::fs::write(&path, &bytes)?;
        let source = Source::open(&path);
        std::fs::remove_file(&path)?;
        let source = source?;
        let mut bounce = Bounce::default();
        let mut memory = vec![0; bytes.len() + PAGE];
        for (offset, len, shift) in [
            (0, 190_000, 1),
            (4096, BUFFER, 16),
            (4097, BUFFER + 1, 31),
            (100, SHORT, 24),
            (9, 10, 3),
        ] {
            // So many bytes behind the source.
            let start = (shift + PAGE).wrapping_sub(behind(&memory, offset)) % PAGE;
            let room = &mut memory[start..][..len];
            assert_eq!(behind(room, offset), shift);
            room.fill(0);
            bounce.read_exact_at(&source, room, offset)?;
            assert!(room == &bytes[offset as usize..][..len], "{len} bytes at {offset}");
        }
        let error = bounce.read_exact_at(&source, &mut memory[16..][..SHORT + 5], 190_000);
        let error = error.expect_err("the file ends before").to_string();
        assert!(error.contains("the file ends here"), "{error}");
        Ok(())
    }
}
