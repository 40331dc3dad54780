//! A partner with many clients of uneven size: who they are, how large, and what is wrong with three of them. Not here:
//! their legs (`world`), who may call for whom (`accounts`).

use crate::random::Random;

/// A client of a partner.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Customer {
    /// Of its account.
    pub app_id: i64,
    /// Of its account.
    pub name: String,
    /// What `user_id` may be for it; the first one administers.
    pub users: Vec<i64>,
    /// All that there will be, whatever the time.
    pub legs: usize,
    /// What calls for it come to.
    pub condition: Condition,
}

/// What calls for an account come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Condition {
    /// They are answered.
    #[default]
    Sound,
    /// It has not allowed the caller's address: `ip_not_whitelisted`.
    NotWhitelisted,
    /// It is disabled: `account_inactive`.
    Disabled,
    /// Two pages of its legs are answered, then its server is down: HTTP 503 for every further page, until a reset.
    DiesHalfWay,
}

impl Condition {
    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sound => "sound",
            Self::NotWhitelisted => "not-whitelisted",
            Self::Disabled => "disabled",
            Self::DiesHalfWay => "dies-half-way",
        }
    }
}

/// Pages that are answered before a server is down.
pub(crate) const PAGES_OF_LIFE: u32 = 2;

/// What is made of a client.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) app_id: i64,
    pub(crate) name: String,
    /// Id, login, name.
    pub(crate) users: Vec<(i64, String, String)>,
    pub(crate) legs_per_day: u32,
    pub(crate) condition: Condition,
}

const FIRST_APP: i64 = 200_001;
const FIRST_USER: i64 = 400_001;

const TRADES: [&str; 12] = [
    "Аптека",
    "Автосервис",
    "Ателье",
    "Булочная",
    "Гостиница",
    "Мастерская",
    "Оптика",
    "Салон",
    "Стоматология",
    "Такси",
    "Типография",
    "Школа",
];

/// So many clients that have so many legs a day together. The largest has twice as many as the second, three times as
/// many as the third, and so on; the smallest has none. In the list they stand in an order of the seed.
pub(crate) fn clients(seed: u64, count: u32, legs_per_day: u32) -> Vec<Draft> {
    let mut random = Random::new(seed, 0xa6e_2c7);
    let mut ranks: Vec<u32> = (0..count).collect();
    for end in (1..count).rev() {
        ranks.swap(end as usize, random.below(end + 1) as usize);
    }
    // In millionths: the shares of all but the last one make up the whole.
    let whole: u64 = (1..count).map(|rank| 1_000_000 / u64::from(rank)).sum();
    let mut clients = Vec::new();
    for (number, rank) in (0_i64..).zip(ranks) {
        let share = 1_000_000 / u64::from(rank + 1);
        let legs = if rank + 1 == count { 0 } else { u64::from(legs_per_day) * share / whole.max(1) };
        let name = format!("{} № {} (тест)", random.pick(&TRADES).unwrap_or(&""), number + 1);
        let login = format!("client-{:03}", number + 1);
        // Users beyond the administrators follow behind all of those.
        let mut users = vec![(FIRST_USER + number, login.clone(), format!("{name}, администратор"))];
        if number % 10 == 3 {
            let id = FIRST_USER + i64::from(count) + number / 10;
            users.push((id, format!("{login}-api"), format!("{name}, выгрузка")));
        }
        clients.push(Draft {
            app_id: FIRST_APP + number,
            name,
            users,
            legs_per_day: u32::try_from(legs).unwrap_or(u32::MAX),
            condition: condition(rank, count),
        });
    }
    clients
}

/// Three of them are not sound, where there are enough: the second largest dies, two of middle size refuse.
fn condition(rank: u32, count: u32) -> Condition {
    if count < 5 {
        return Condition::Sound;
    }
    if rank == 1 {
        Condition::DiesHalfWay
    } else if rank == count / 3 + 1 {
        Condition::NotWhitelisted
    } else if rank == count / 2 + 1 {
        Condition::Disabled
    } else {
        Condition::Sound
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_uneven_and_make_up_the_whole() {
        for count in [1, 2, 5, 100] {
            let clients = clients(7, count, 100_000);
            assert_eq!(clients.len(), count as usize);
            let mut sizes: Vec<_> = clients.iter().map(|client| client.legs_per_day).collect();
            sizes.sort_unstable();
            assert_eq!(sizes.first(), Some(&0));
            let total: u32 = sizes.iter().sum();
            assert!(count == 1 || (99_900..=100_000).contains(&total), "{count}: {total}");
            let unsound = clients.iter().filter(|client| client.condition != Condition::Sound).count();
            assert_eq!(unsound, if count < 5 { 0 } else { 3 });
        }
        let sizes = |seed| clients(seed, 100, 100_000).iter().map(|one| one.legs_per_day).collect::<Vec<_>>();
        assert_eq!(sizes(7), sizes(7));
        assert_ne!(sizes(7), sizes(8));
    }
}
