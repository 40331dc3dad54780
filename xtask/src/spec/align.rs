//! Which row of one list is which of another. Not here: what it means that they differ.

/// Which of the one is which of the other, by name: as many as possible in the same order, then what was moved. Names
/// recur, since every structure has an `id`.
pub(super) fn align(ones: &[&str], others: &[&str]) -> Vec<(usize, usize)> {
    // How many pairs are left behind each place, row by row from the end.
    let width = others.len() + 1;
    let mut left = vec![0_usize; (ones.len() + 1) * width];
    let at =
        |left: &[usize], one: usize, other: usize| left.get(one * width + other).copied().unwrap_or_default();
    for (one, name) in ones.iter().enumerate().rev() {
        for (other, same) in others.iter().enumerate().rev() {
            let pair = if name == same { at(&left, one + 1, other + 1) + 1 } else { 0 };
            let best = pair.max(at(&left, one + 1, other)).max(at(&left, one, other + 1));
            if let Some(cell) = left.get_mut(one * width + other) {
                *cell = best;
            }
        }
    }
    let (mut one, mut other, mut pairs) = (0, 0, Vec::new());
    while let (Some(name), Some(same)) = (ones.get(one), others.get(other)) {
        let here = at(&left, one, other);
        if name == same && here == at(&left, one + 1, other + 1) + 1 {
            pairs.push((one, other));
            (one, other) = (one + 1, other + 1);
        } else if here == at(&left, one + 1, other) {
            one += 1;
        } else {
            other += 1;
        }
    }
    for (one, name) in ones.iter().enumerate() {
        if pairs.iter().any(|pair| pair.0 == one) {
            continue;
        }
        let is_free = |other: usize| !pairs.iter().any(|pair| pair.1 == other);
        let moved = others.iter().enumerate().find(|(other, same)| *same == name && is_free(*other));
        pairs.extend(moved.map(|(other, _)| (one, other)));
    }
    pairs
}
