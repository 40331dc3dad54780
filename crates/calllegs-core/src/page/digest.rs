//! A digest of the text of a row: quick, and no defence against somebody who wants two texts to have the same one.

const SEED: u64 = 0xa076_1d64_78bd_642f;
const OTHER_SEED: u64 = 0xe703_7ed1_a0b4_28db;

/// The digest: products of 128 bits folded to 64, two at a time, as wyhash and its kin do it.
#[inline]
pub(super) fn digest(text: &[u8]) -> u64 {
    // Each begins with the seed of the other: a factor that is a seed on both sides would not tell which is which.
    let (mut one, mut other) = (OTHER_SEED, SEED);
    let mut rest = text;
    while let Some((chunk, behind)) = rest.split_first_chunk::<32>() {
        let [a, b, c, d] = words(chunk);
        one = fold(a ^ one, b ^ SEED);
        other = fold(c ^ other, d ^ OTHER_SEED);
        rest = behind;
    }
    // What is left, and behind it zeros: the length tells them from those of the text.
    let mut last = [0; 32];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    let [a, b, c, d] = words(&last);
    one = fold(a ^ one, b ^ SEED);
    other = fold(c ^ other, d ^ OTHER_SEED);
    fold(one ^ text.len() as u64, other ^ SEED)
}

#[inline]
fn words(bytes: &[u8; 32]) -> [u64; 4] {
    let mut words = [0; 4];
    for (word, bytes) in words.iter_mut().zip(bytes.chunks_exact(8)) {
        *word = bytes.first_chunk().copied().map_or(0, u64::from_le_bytes);
    }
    words
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
fn fold(one: u64, other: u64) -> u64 {
    let product = u128::from(one) * u128::from(other);
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::digest;

    #[test]
    fn texts_that_differ_anywhere_have_digests_of_their_own() {
        let text = [b'x'; 70];
        let mut texts: BTreeSet<Vec<u8>> =
            (0..=70).filter_map(|length| Some(text.get(..length)?.to_vec())).collect();
        for place in 0..70 {
            for byte in [0, b'y', 0xff] {
                let mut other = text.to_vec();
                other.splice(place..=place, [byte]);
                texts.insert(other);
            }
        }
        // Zeros at the end count too.
        texts.extend((0..70).map(|zeros| vec![0; zeros]));
        let digests: BTreeSet<_> = texts.iter().map(|text| digest(text)).collect();
        assert_eq!(digests.len(), texts.len());
    }
}
