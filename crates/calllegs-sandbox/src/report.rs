//! One page of a listing: which rows it has, how each member is written, and the faults of the group data, which change
//! the one or the other. Not here: whether the call may run (`emulator`), whose rows these are (`accounts`).

use std::sync::Arc;

use calllegs_core::{
    CallLegs,
    schema::{FieldInfo, Kind as FieldKind},
};

use crate::{
    denial::Denial,
    disorder,
    fault::{Kind, Turn},
    listing::{Dates, Query, Rows, Selection},
    store::{Member, Store},
    switches::{Ids, ListingOrder},
    table::Table,
    view::View,
    world::LONGEST,
};

/// The latest listing: its pages share what was found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Latest(Option<Arc<Found>>);

#[derive(Debug)]
struct Found {
    account: usize,
    selection: Selection,
    pieces: Vec<Piece>,
}

impl Found {
    fn total(&self) -> usize {
        self.pieces.iter().map(|piece| piece.count).sum()
    }
}

/// What a listing has of one store.
#[derive(Debug)]
struct Piece {
    place: usize,
    count: usize,
    /// None where they are found again for each page: stores that are made on demand come and go.
    rows: Option<Rows>,
}

/// A store and the rows of it that a page has.
type Part = (Arc<Store>, Vec<u32>);

/// What a page came to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PageCounts {
    pub(crate) total_items: usize,
    pub(crate) rows: usize,
}

/// What decides about a page, beside the request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scene<'a> {
    pub(crate) account: usize,
    pub(crate) view: View<'a>,
    pub(crate) dates: Dates,
    pub(crate) order: ListingOrder,
    /// Rows in a thousand that are listed twice.
    pub(crate) repeats: u32,
    pub(crate) ids: Ids,
    /// A member of every row that no page documents.
    pub(crate) new_field: Option<&'a str>,
    /// Of this request.
    pub(crate) seed: u64,
}

impl<'a> Scene<'a> {
    /// The same with the rows of this store.
    fn of<'b>(self, store: &'b Store) -> Scene<'b>
    where
        'a: 'b,
    {
        Scene { view: View { store, ..self.view }, ..self }
    }
}

/// Writes the page as the JSON array of `result.data`.
pub(crate) fn write(
    scene: Scene<'_>,
    table: &Table,
    query: Query,
    latest: &mut Latest,
    turn: &mut Turn,
    out: &mut Vec<u8>,
) -> Result<PageCounts, Denial> {
    let (limit, offset) = (query.limit, query.offset);
    let mut members: Vec<_> = query.fields.iter().map(|field| member(scene.view, scene.ids, field)).collect();
    let found = matching(scene, table, query, latest)?;
    let shuffles = turn.hits(Kind::ShuffledTies);
    let first = if turn.hits(Kind::DupPage) { offset.saturating_sub(limit) } else { offset };
    let mut page = page(scene, table, &found, (first, limit), shuffles)?;
    if !page.is_empty() && turn.hits(Kind::LostPage) {
        page.clear();
    }
    let rows = page.iter().map(|(_, rows)| rows.len()).sum();
    if rows > 1 && turn.hits(Kind::Unsorted) {
        for (_, rows) in &mut page {
            for end in (1..rows.len()).rev() {
                let other = turn.random.below(u32::try_from(end + 1).unwrap_or(u32::MAX)) as usize;
                rows.swap(end, other);
            }
        }
    }
    let tail = if page.is_empty() { String::new() } else { distort(&mut members, scene, turn) };
    out.push(b'[');
    for (index, (store, rows)) in page.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        let view = scene.of(store).view;
        store.write(&members, rows, |row| view.early(row), &tail, out);
    }
    out.push(b']');
    Ok(PageCounts { total_items: told(found.total(), turn), rows })
}

/// So many rows of the listing from this place on.
fn page(
    scene: Scene<'_>,
    table: &Table,
    found: &Found,
    (mut first, mut count): (usize, usize),
    shuffles: bool,
) -> Result<Vec<Part>, Denial> {
    let mut parts = Vec::new();
    for piece in &found.pieces {
        if count == 0 {
            break;
        }
        if first >= piece.count {
            first -= piece.count;
            continue;
        }
        let store = table.store(piece.place);
        let mut rows = match &piece.rows {
            Some(rows) => rows.clone(),
            None => listed(scene.of(&store), &found.selection)?,
        };
        if shuffles {
            rows = found.selection.shuffle_ties(scene.of(&store).view, &rows, scene.seed);
        }
        let rows: Vec<u32> = rows.page(first, count).collect();
        (first, count) = (0, count - rows.len());
        parts.push((store, rows));
    }
    Ok(parts)
}

/// All rows of the listing. Those of the latest one serve again, unless time or late rows may change them.
fn matching(
    scene: Scene<'_>,
    table: &Table,
    query: Query,
    latest: &mut Latest,
) -> Result<Arc<Found>, Denial> {
    let (view, account) = (scene.view, scene.account);
    let selection = query.into_selection();
    let mut places: Vec<usize> = table.places(selection.reach(scene.dates)).collect();
    let settled = places.last().is_none_or(|last| match table.span(*last) {
        Some((_, end)) => view.is_settled_before(end, LONGEST),
        None => is_settled(view, &selection.candidates(view, scene.dates)),
    });
    let stays = settled && scene.order != ListingOrder::Shuffled;
    let known =
        latest.0.take().filter(|found| stays && found.account == account && found.selection == selection);
    let found = if let Some(found) = known {
        found
    } else {
        if places.len() > 1 && selection.is_backwards(view.store)? {
            places.reverse();
        }
        let mut pieces = Vec::new();
        for place in places {
            pieces.extend(piece(scene, table, &selection, place)?);
        }
        Arc::new(Found { account, selection, pieces })
    };
    latest.0 = settled.then(|| Arc::clone(&found));
    Ok(found)
}

/// What the listing has of this store, if anything. Where all of it is listed, it need not be made for that.
fn piece(
    scene: Scene<'_>,
    table: &Table,
    selection: &Selection,
    place: usize,
) -> Result<Option<Piece>, Denial> {
    let Some(span) = table.span(place) else {
        let rows = listed(scene.of(&table.store(place)), selection)?;
        return Ok(Some(Piece { place, count: rows.len(), rows: Some(rows) }));
    };
    let is_whole = scene.repeats == 0
        && selection.takes_all(scene.dates, span)
        && scene.view.is_settled_before(span.1, LONGEST);
    let count = if is_whole {
        table.count(place)
    } else if scene.view.has_come(span.0) {
        listed(scene.of(&table.store(place)), selection)?.len()
    } else {
        0
    };
    Ok((count > 0).then_some(Piece { place, count, rows: None }))
}

/// The rows of the scene's store that are listed.
fn listed(scene: Scene<'_>, selection: &Selection) -> Result<Rows, Denial> {
    let candidates = selection.candidates(scene.view, scene.dates);
    let settled = is_settled(scene.view, &candidates);
    Ok(arranged(scene, selection.rows(scene.view, candidates, settled)?))
}

fn is_settled(view: View<'_>, candidates: &Rows) -> bool {
    candidates.last().is_none_or(|last| view.is_settled(last))
}

/// The rows as this server lists them.
fn arranged(scene: Scene<'_>, rows: Rows) -> Rows {
    if scene.order == ListingOrder::Asked && scene.repeats == 0 {
        return rows;
    }
    let mut listed: Vec<u32> = rows.iter().collect();
    disorder::arrange(scene.view, &mut listed, scene.order, scene.dates.zone, scene.seed);
    if scene.repeats > 0 {
        listed = disorder::repeat(&listed, scene.repeats);
    }
    Rows::List(listed.into())
}

/// How the field is written under the switches and standing faults.
pub(crate) fn member(view: View<'_>, ids: Ids, field: &'static FieldInfo) -> Member {
    let store = view.store;
    let is_id = field.name() == "id" || field.name().ends_with("_id");
    Member {
        shift: if store.is_id(field.position()) { view.shift } else { 0 },
        quoted: is_id && ids == Ids::Text,
        ripe: store.ripe(field.position()),
        ..Member::new(field)
    }
}

/// Faults that change how members are written. Returns what every row has at its end.
fn distort(members: &mut Vec<Member>, scene: Scene<'_>, turn: &mut Turn) -> String {
    let store = scene.view.store;
    let kept = |member: &Member| {
        let position = member.field.position();
        store.is_id(position) || store.leads(position)
    };
    let is_number = |member: &Member| matches!(member.field.kind(), FieldKind::Number | FieldKind::Id);
    let has = |members: &[Member], name: &str| members.iter().any(|member| member.field.name() == name);
    if turn.hits(Kind::NullEverywhere) {
        for member in members.iter_mut().filter(|member| !kept(member)) {
            member.instead = Some("null".to_owned());
        }
    }
    let optional: Vec<_> =
        members.iter().filter(|member| !kept(member)).map(|member| member.field.name()).collect();
    if !optional.is_empty() && turn.hits(Kind::MissingField) {
        let absent = turn.random.pick(&optional).copied();
        members.retain(|member| Some(member.field.name()) != absent);
    }
    let mut numbers: Vec<_> = members.iter_mut().filter(|member| is_number(member)).collect();
    if !numbers.is_empty() && turn.hits(Kind::TypeChange) {
        let place = turn.random.below(u32::try_from(numbers.len()).unwrap_or(u32::MAX)) as usize;
        if let Some(member) = numbers.get_mut(place) {
            member.quoted = true;
        }
    }
    if has(members, CallLegs::FINISH_REASON.name()) && turn.hits(Kind::UnknownReason) {
        replace(members, CallLegs::FINISH_REASON.name(), r#""reason_of_tomorrow""#.to_owned());
    }
    if has(members, CallLegs::CONTACT_FULL_NAME.name())
        && let Some(fault) = turn.take(Kind::ContactName)
    {
        let text = fault.text.as_deref().unwrap_or_default();
        replace(members, CallLegs::CONTACT_FULL_NAME.name(), serde_json::Value::from(text).to_string());
    }
    if has(members, CallLegs::DURATION.name()) && turn.hits(Kind::NegativeDuration) {
        for member in members.iter_mut() {
            member.negated = member.field.name() == CallLegs::DURATION.name();
        }
    }
    let mut tail = String::new();
    for name in scene.new_field.into_iter().chain(turn.hits(Kind::NewField).then_some("hold_duration")) {
        let comma = if members.is_empty() && tail.is_empty() { "" } else { "," };
        tail.extend([comma, "\"", name, "\":0"]);
    }
    tail
}

fn replace(members: &mut [Member], name: &str, json: String) {
    if let Some(member) = members.iter_mut().find(|member| member.field.name() == name) {
        member.instead = Some(json);
    }
}

/// The count as it is told.
fn told(total: usize, turn: &mut Turn) -> usize {
    if turn.hits(Kind::TotalWrong) {
        return total + 7;
    }
    if turn.hits(Kind::TotalDrift) {
        let off = turn.random.below(3) as usize + 1;
        // What is not there cannot be less.
        return if total < off || turn.random.chance(500) { total + off } else { total - off };
    }
    total
}
