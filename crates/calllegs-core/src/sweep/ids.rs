//! A set of ids. Legs of one account have ids that lie near each other: about two bytes an id.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// See the [module](self).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct IdSet {
    /// By the upper bits, the lower 16 in order.
    blocks: BTreeMap<i64, Vec<u16>>,
    length: u64,
}

impl IdSet {
    /// Whether it was not there.
    pub(super) fn insert(&mut self, id: i64) -> bool {
        let (upper, lower) = split(id);
        let block = self.blocks.entry(upper).or_default();
        // Ids mostly come in order.
        let place = match block.last() {
            Some(last) if *last >= lower => block.binary_search(&lower),
            Some(_) | None => Err(block.len()),
        };
        if let Err(place) = place {
            block.insert(place, lower);
            self.length += 1;
        }
        place.is_err()
    }

    pub(super) fn remove(&mut self, id: i64) {
        let (upper, lower) = split(id);
        if let Some(block) = self.blocks.get_mut(&upper)
            && let Ok(place) = block.binary_search(&lower)
        {
            block.remove(place);
            self.length -= 1;
        }
    }

    pub(super) fn contains(&self, id: i64) -> bool {
        let (upper, lower) = split(id);
        self.blocks.get(&upper).is_some_and(|block| block.binary_search(&lower).is_ok())
    }

    pub(super) const fn len(&self) -> u64 {
        self.length
    }

    /// In order.
    pub(super) fn iter(&self) -> impl Iterator<Item = i64> {
        self.blocks
            .iter()
            .flat_map(|(upper, block)| block.iter().map(move |lower| upper << 16 | i64::from(*lower)))
    }
}

impl FromIterator<i64> for IdSet {
    fn from_iter<T: IntoIterator<Item = i64>>(ids: T) -> Self {
        let mut set = Self::default();
        ids.into_iter().for_each(|id| _ = set.insert(id));
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
