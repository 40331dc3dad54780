//! A set of ids. Two bytes an id, and where legs of one account have ids that lie near each other down to a bit.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// See the [module](self).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct IdSet {
    /// By the upper bits.
    blocks: BTreeMap<i64, Block>,
    length: u64,
}

/// The lower 16 bits of ids.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Block {
    /// In order, as long as they are fewer than [`MANY`].
    Few(Vec<u16>),
    /// A bit for each.
    Many(Box<[u64; WORDS]>),
}

/// As two bytes each, so many take as much room as a bit for each that there can be.
const MANY: usize = 4096;
const WORDS: usize = 1 << 10;

const fn bit(lower: u16) -> u64 {
    1 << (lower & 63)
}

#[expect(clippy::indexing_slicing, reason = "there is a word for each 16 bits")]
fn word(bits: &mut [u64; WORDS], lower: u16) -> &mut u64 {
    &mut bits[usize::from(lower >> 6)]
}

impl Block {
    fn insert(&mut self, lower: u16) -> bool {
        if let Self::Few(few) = self
            && few.len() >= MANY
        {
            let mut bits = Box::new([0_u64; WORDS]);
            for lower in few {
                *word(&mut bits, *lower) |= bit(*lower);
            }
            *self = Self::Many(bits);
        }
        match self {
            Self::Few(few) => {
                // Ids mostly come in order.
                let place = match few.last() {
                    Some(last) if *last >= lower => few.binary_search(&lower),
                    Some(_) | None => Err(few.len()),
                };
                if let Err(place) = place {
                    few.insert(place, lower);
                }
                place.is_err()
            }
            Self::Many(bits) => {
                let word = word(bits, lower);
                let is_new = *word & bit(lower) == 0;
                *word |= bit(lower);
                is_new
            }
        }
    }

    fn remove(&mut self, lower: u16) -> bool {
        match self {
            Self::Few(few) => few.binary_search(&lower).map(|place| few.remove(place)).is_ok(),
            Self::Many(bits) => {
                let word = word(bits, lower);
                let was_there = *word & bit(lower) != 0;
                *word &= !bit(lower);
                was_there
            }
        }
    }

    fn contains(&self, lower: u16) -> bool {
        match self {
            Self::Few(few) => few.binary_search(&lower).is_ok(),
            Self::Many(bits) => bits.get(usize::from(lower >> 6)).is_some_and(|word| word & bit(lower) != 0),
        }
    }

    fn iter(&self) -> impl Iterator<Item = u16> {
        let (few, many) = match self {
            Self::Few(few) => (few.as_slice(), None),
            Self::Many(_) => (&[][..], Some((0..=u16::MAX).filter(|lower| self.contains(*lower)))),
        };
        few.iter().copied().chain(many.into_iter().flatten())
    }
}

impl IdSet {
    /// Whether it was not there.
    pub(super) fn insert(&mut self, id: i64) -> bool {
        let (upper, lower) = split(id);
        let is_new = self.blocks.entry(upper).or_insert_with(|| Block::Few(Vec::new())).insert(lower);
        self.length += u64::from(is_new);
        is_new
    }

    pub(super) fn remove(&mut self, id: i64) {
        let (upper, lower) = split(id);
        let was_there = self.blocks.get_mut(&upper).is_some_and(|block| block.remove(lower));
        self.length -= u64::from(was_there);
    }

    pub(super) fn contains(&self, id: i64) -> bool {
        let (upper, lower) = split(id);
        self.blocks.get(&upper).is_some_and(|block| block.contains(lower))
    }

    pub(super) const fn len(&self) -> u64 {
        self.length
    }

    /// In order.
    pub(super) fn iter(&self) -> impl Iterator<Item = i64> {
        self.blocks
            .iter()
            .flat_map(|(upper, block)| block.iter().map(move |lower| upper << 16 | i64::from(lower)))
    }
}

impl Extend<i64> for IdSet {
    fn extend<T: IntoIterator<Item = i64>>(&mut self, ids: T) {
        ids.into_iter().for_each(|id| _ = self.insert(id));
    }
}

impl FromIterator<i64> for IdSet {
    fn from_iter<T: IntoIterator<Item = i64>>(ids: T) -> Self {
        let mut set = Self::default();
        set.extend(ids);
        set
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the lower bits are meant")]
const fn split(id: i64) -> (i64, u16) {
    (id >> 16, id as u16)
}

/// As the distances from one id to the next, which are short to write.
impl Serialize for IdSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut before = 0_i64;
        serializer.collect_seq(self.iter().map(|id| id.wrapping_sub(std::mem::replace(&mut before, id))))
    }
}

impl<'de> Deserialize<'de> for IdSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut id = 0_i64;
        let mut set = Self::default();
        for distance in Vec::<i64>::deserialize(deserializer)? {
            id = id.wrapping_add(distance);
            if !set.insert(id) {
                return Err(D::Error::custom("an id twice"));
            }
        }
        Ok(set)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn it_is_a_set_whether_ids_are_near_each_other_or_not() {
        for step in [1, 3, 17, 1000] {
            let (mut set, mut model) = (IdSet::default(), BTreeSet::new());
            for number in 0..9000_i64 {
                // Mostly in order, some of them late.
                let id = (number ^ i64::from(number % 7 == 0) << 5) * step - 70_000;
                assert_eq!(set.insert(id), model.insert(id));
                assert!(!set.insert(id) && set.contains(id) && !set.contains(id - 1_000_000_000));
                if number % 5 == 0 {
                    set.remove(id);
                    model.remove(&id);
                }
            }
            assert!(model.iter().all(|id| set.contains(*id)));
            assert!(set.len() == model.len() as u64 && set.iter().eq(model.iter().copied()));
            let read: IdSet = serde_json::from_str(&serde_json::to_string(&set).unwrap()).unwrap();
            assert!(read.iter().eq(model));
        }
    }
}
