//! The symbols of a block, wherever it may begin and end: one at a time, each step checked.
//!
//! A symbol, with all its extra bits, is taken whole or not at all, so nothing but bits has to be remembered when the
//! input ends within one. It has at most 48 bits.

use super::ErrorKind;
use super::bits::Bits;
use super::fast;
use super::tables::Tables;
use super::window::Window;

/// Why [`decode`] returned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Stop {
    EndOfBlock,
    Reached,
    NeedsInput,
}

/// Decodes until one of the reasons to stop.
pub(super) fn decode(
    tables: &Tables,
    bits: &mut Bits<'_>,
    window: &mut Window<'_>,
) -> Result<Stop, ErrorKind> {
    while !window.is_reached() {
        if fast::is_possible(bits, window) {
            fast::decode(tables, bits, window);
            if window.is_reached() {
                break;
            }
        }
        if let Some(stop) = decode_one(tables, bits, window)? {
            return Ok(stop);
        }
    }
    Ok(Stop::Reached)
}

/// Decodes the next symbol. Nothing of it is consumed if it is at fault or not all there.
pub(super) fn decode_one(
    tables: &Tables,
    bits: &mut Bits<'_>,
    window: &mut Window<'_>,
) -> Result<Option<Stop>, ErrorKind> {
    bits.refill();
    let (entry, skipped) = tables.literals.look_up(bits.buffer);
    if entry.is_literal() {
        let (byte, length) = entry.first_literal();
        if skipped + length > bits.count {
            return Ok(Some(Stop::NeedsInput));
        }
        window.push(byte)?;
        bits.consume(skipped + length);
        return Ok(None);
    }
    let mut used = skipped + entry.bits();
    if used > bits.count {
        return Ok(Some(Stop::NeedsInput));
    }
    if entry.is_special() {
        if !entry.is_end() {
            return Err(ErrorKind::Symbol);
        }
        bits.consume(used);
        return Ok(Some(Stop::EndOfBlock));
    }
    let length = entry.decode(bits.buffer >> skipped);
    let rest = bits.buffer >> used;
    let (entry, skipped) = tables.distances.look_up(rest);
    used += skipped + entry.bits();
    if used > bits.count {
        return Ok(Some(Stop::NeedsInput));
    }
    if entry.is_special() {
        return Err(ErrorKind::DistanceSymbol);
    }
    window.repeat(entry.decode(rest >> skipped), length)?;
    bits.consume(used);
    Ok(None)
}
