//! One page of `get.call_legs_report`: which rows it has, how each member is written, and the faults of the group
//! data, which change the one or the other. Not here: whether the call may run (`emulator`).

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
    store::Member,
    switches::{Ids, ListingOrder},
    view::View,
};

/// The rows of the latest listing: its pages share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Latest(Option<Arc<Found>>);

#[derive(Debug)]
struct Found {
    account: usize,
    selection: Selection<CallLegs>,
    rows: Rows,
}

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
    /// Legs in a thousand that are listed twice.
    pub(crate) repeats: u32,
    pub(crate) ids: Ids,
    /// A member of every row that no page documents.
    pub(crate) new_field: Option<&'a str>,
    /// Of this request.
    pub(crate) seed: u64,
}

/// Writes the page as the JSON array of `result.data`.
pub(crate) fn write(
    scene: Scene<'_>,
    query: Query<CallLegs>,
    latest: &mut Latest,
    turn: &mut Turn,
    out: &mut Vec<u8>,
) -> Result<PageCounts, Denial> {
    let (view, limit, offset) = (scene.view, query.limit, query.offset);
    let mut members: Vec<_> = query.fields.iter().map(|field| member(view, scene.ids, field)).collect();
    let found = matching(scene, query, latest)?;
    let mut matching = found.rows.clone();
    if turn.hits(Kind::ShuffledTies) {
        matching = found.selection.shuffle_ties(view, &matching, scene.seed);
    }
    let first = if turn.hits(Kind::DupPage) { offset.saturating_sub(limit) } else { offset };
    let mut page: Vec<u32> = matching.page(first, limit).collect();
    if !page.is_empty() && turn.hits(Kind::LostPage) {
        page.clear();
    }
    if page.len() > 1 && turn.hits(Kind::Unsorted) {
        for end in (1..page.len()).rev() {
            let other = turn.random.below(u32::try_from(end + 1).unwrap_or(u32::MAX)) as usize;
            page.swap(end, other);
        }
    }
    let tail = if page.is_empty() { String::new() } else { distort(&mut members, scene.new_field, turn) };
    view.store.write(&members, &page, |row| view.early(row), &tail, out);
    Ok(PageCounts { total_items: told(matching.len(), turn), rows: page.len() })
}

/// All rows of the listing. Those of the latest one serve again, unless time or late rows may change them.
fn matching(scene: Scene<'_>, query: Query<CallLegs>, latest: &mut Latest) -> Result<Arc<Found>, Denial> {
    let (view, account) = (scene.view, scene.account);
    let selection = query.into_selection();
    let candidates = selection.candidates(view, scene.dates);
    let settled = candidates.last().is_none_or(|last| view.is_settled(last));
    let stays = settled && scene.order != ListingOrder::Shuffled;
    let known =
        latest.0.take().filter(|found| stays && found.account == account && found.selection == selection);
    let found = if let Some(found) = known {
        found
    } else {
        let rows = arranged(scene, selection.rows(view, candidates, settled)?);
        Arc::new(Found { account, selection, rows })
    };
    latest.0 = settled.then(|| Arc::clone(&found));
    Ok(found)
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
fn distort(members: &mut Vec<Member>, new_field: Option<&str>, turn: &mut Turn) -> String {
    let kept = |member: &Member| {
        member.field.position() == CallLegs::ID.info().position()
            || member.field.position() == CallLegs::START_TIME.info().position()
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
    for name in new_field.into_iter().chain(turn.hits(Kind::NewField).then_some("hold_duration")) {
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
