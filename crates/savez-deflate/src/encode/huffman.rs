//! Prefix codes of limited length: exact lengths from counts, and the canonical codes of RFC 1951, section 3.2.2.
//!
//! The codes are always complete: an alphabet with fewer than two symbols in use gets a second one, as in zlib, because not
//! every inflater accepts a code with a hole.

/// Symbols of the largest alphabet (literals and lengths).
pub(super) const MAX_SYMBOLS: usize = 288;

/// The optimal lengths of at most `limit` bits for `counts`; 0 for symbols not in use.
///
/// `counts` must have at least two symbols and sum up to less than 2³¹.
pub(super) fn lengths(counts: &[u32], limit: u8, lengths: &mut [u8]) {
    lengths.fill(0);
    let mut used = [(0u32, 0u16); MAX_SYMBOLS];
    let mut n = 0;
    for (symbol, &count) in counts.iter().enumerate() {
        if count > 0 {
            used[n] = (count, symbol as u16);
            n += 1;
        }
    }
    if n < 2 {
        let only = used[0].1 as usize;
        let first = if n == 1 { only } else { 0 };
        lengths[first] = 1;
        lengths[usize::from(first == 0)] = 1;
        return;
    }
    let used = &mut used[..n];
    used.sort_unstable();
    let mut depths = [0u8; MAX_SYMBOLS];
    if !huffman(used, limit, &mut depths[..n]) {
        package_merge(used, limit, &mut depths[..n]);
    }
    for (&(_, symbol), &depth) in used.iter().zip(&depths) {
        lengths[symbol as usize] = depth;
    }
}

/// Huffman's depths of leaves sorted by weight; false if one is deeper than `limit`.
fn huffman(leaves: &[(u32, u16)], limit: u8, depths: &mut [u8]) -> bool {
    let n = leaves.len();
    let mut weight = [0u32; MAX_SYMBOLS];
    // The parent of each leaf and of each inner node, as the number of an inner node.
    let mut leaf_parent = [0u16; MAX_SYMBOLS];
    let mut node_parent = [0u16; MAX_SYMBOLS];
    let (mut leaf, mut node) = (0, 0);
    for made in 0..n - 1 {
        for _ in 0..2 {
            if node == made || (leaf < n && leaves[leaf].0 <= weight[node]) {
                weight[made] += leaves[leaf].0;
                leaf_parent[leaf] = made as u16;
                leaf += 1;
            } else {
                weight[made] += weight[node];
                node_parent[node] = made as u16;
                node += 1;
            }
        }
    }
    let mut depth = [0u16; MAX_SYMBOLS];
    for inner in (0..n - 2).rev() {
        depth[inner] = depth[node_parent[inner] as usize] + 1;
    }
    for (leaf, slot) in depths.iter_mut().enumerate() {
        let deep = depth[leaf_parent[leaf] as usize] + 1;
        if deep > u16::from(limit) {
            return false;
        }
        *slot = deep as u8;
    }
    true
}

/// The optimal depths of at most `limit` (Larmore and Hirschberg, 1990), for leaves sorted by weight.
fn package_merge(leaves: &[(u32, u16)], limit: u8, depths: &mut [u8]) {
    let n = leaves.len();
    // For each level, from the deepest: which entries of the merged list are leaves.
    let mut is_leaf = [[false; 2 * MAX_SYMBOLS]; 15];
    let mut list = [0u64; 2 * MAX_SYMBOLS];
    let mut packages = [0u64; MAX_SYMBOLS];
    let mut packed = 0;
    for level in is_leaf.iter_mut().take(limit as usize) {
        let (mut leaf, mut package, mut len) = (0, 0, 0);
        while leaf < n || package < packed {
            let take_leaf =
                package == packed || (leaf < n && u64::from(leaves[leaf].0) <= packages[package]);
            level[len] = take_leaf;
            list[len] = if take_leaf {
                leaf += 1;
                u64::from(leaves[leaf - 1].0)
            } else {
                package += 1;
                packages[package - 1]
            };
            len += 1;
        }
        packed = len / 2;
        for (package, pair) in packages.iter_mut().zip(list[..2 * packed].chunks_exact(2)) {
            *package = pair[0] + pair[1];
        }
    }
    // The cheapest 2n - 2 entries of the last list are the answer; each package among them stands for two of the list before.
    depths.fill(0);
    let mut take = 2 * n - 2;
    for level in is_leaf.iter().take(limit as usize).rev() {
        let taken = level[..take].iter().filter(|&&leaf| leaf).count();
        for depth in &mut depths[..taken] {
            *depth += 1;
        }
        take = 2 * (take - taken);
    }
}

/// The canonical codes of `lengths`, bits reversed so that they can be written lowest bit first.
pub(super) fn codes(lengths: &[u8], codes: &mut [u16]) {
    let mut of_length = [0u16; 16];
    for &length in lengths {
        of_length[length as usize] += 1;
    }
    of_length[0] = 0;
    let mut next = [0u16; 16];
    for length in 1..16 {
        next[length] = (next[length - 1] + of_length[length - 1]) << 1;
    }
    for (code, &length) in codes.iter_mut().zip(lengths) {
        *code = 0;
        if length > 0 {
            let slot = &mut next[length as usize];
            *code = slot.reverse_bits() >> (16 - length);
            *slot += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(counts: &[u32], lengths: &[u8]) -> u64 {
        counts.iter().zip(lengths).map(|(&c, &l)| u64::from(c) * u64::from(l)).sum()
    }

    fn kraft(lengths: &[u8]) -> u64 {
        lengths.iter().filter(|&&l| l > 0).map(|&l| 1 << (15 - l)).sum()
    }

    #[test]
    fn package_merge_agrees_with_huffman_where_both_apply() {
        let mut seed = 1u32;
        for n in 2..=286 {
            let mut leaves: Vec<(u32, u16)> = (0..n)
                .map(|symbol| {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (1 + (seed >> 20) % 97, symbol)
                })
                .collect();
            leaves.sort_unstable();
            let counts: Vec<u32> = leaves.iter().map(|leaf| leaf.0).collect();
            let (mut a, mut b) = (vec![0; n as usize], vec![0; n as usize]);
            assert!(huffman(&leaves, 15, &mut a));
            package_merge(&leaves, 15, &mut b);
            assert_eq!(cost(&counts, &a), cost(&counts, &b));
            assert_eq!((kraft(&a), kraft(&b)), (1 << 15, 1 << 15));
        }
    }

    #[test]
    fn fibonacci_counts_are_limited_and_complete() {
        let mut counts = vec![1u32, 1];
        while counts.len() < 40 {
            counts.push(counts[counts.len() - 1] + counts[counts.len() - 2]);
        }
        for limit in [7, 15] {
            for n in 2..=counts.len() {
                let mut lens = vec![0; n];
                lengths(&counts[..n], limit, &mut lens);
                assert!(lens.iter().all(|&l| (1..=limit).contains(&l)), "{n} {lens:?}");
                assert_eq!(kraft(&lens), 1 << 15);
            }
        }
    }

    /// All codes of at most `limit` bits for small alphabets, tried one by one, are no better.
    #[test]
    fn limited_lengths_are_optimal() {
        let counts = [1, 1, 2, 3, 5, 8, 13];
        let mut best = u64::MAX;
        let mut tried = [1u8; 7];
        loop {
            if kraft(&tried) <= 1 << 15 {
                best = best.min(cost(&counts, &tried));
            }
            let Some(at) = tried.iter().position(|&l| l < 4) else { break };
            tried[at] += 1;
            tried[..at].fill(1);
        }
        let mut lens = [0; 7];
        lengths(&counts, 4, &mut lens);
        assert_eq!(cost(&counts, &lens), best);
    }

    #[test]
    fn fewer_than_two_symbols_become_two() {
        for symbol in [None, Some(0), Some(1), Some(7)] {
            let mut counts = [0; 8];
            if let Some(symbol) = symbol {
                counts[symbol] = 9;
            }
            let mut lens = [0; 8];
            lengths(&counts, 7, &mut lens);
            assert_eq!(kraft(&lens), 1 << 15);
            assert!(symbol.is_none_or(|symbol| lens[symbol] == 1));
        }
    }

    #[test]
    fn codes_are_those_of_the_rfc() {
        // RFC 1951, section 3.2.2: lengths (3, 3, 3, 3, 3, 2, 4, 4) give 010 011 100 101 110 00 1110 1111.
        let mut found = [0; 8];
        codes(&[3, 3, 3, 3, 3, 2, 4, 4], &mut found);
        assert_eq!(found, [0b010, 0b110, 0b001, 0b101, 0b011, 0b00, 0b0111, 0b1111]);
    }
}
