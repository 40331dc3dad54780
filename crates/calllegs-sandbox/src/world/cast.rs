//! Who and what takes part: lines, employees, contacts, words. All invented: names are marked "тест", numbers come
//! from the unassigned code 7000.

use calllegs_core::FINISH_REASONS;

use super::{Plan, ending::Ending, rules::Rules};
use crate::{
    random::Random,
    store::{Roles, StoreBuilder, TextId},
};

/// Everything that legs refer to, its texts already in the store.
pub(crate) struct Cast {
    rules: &'static Rules,
    lines: Vec<Line>,
    employees: Vec<Employee>,
    endings: Vec<EndingTexts>,
    /// Names for contacts.
    names: Vec<TextId>,
    /// Numbers of contacts and of employees, made when first needed. Worlds that are made on demand look for those of
    /// contacts among all texts: each store has few of the very many.
    phones: Vec<Option<TextId>>,
    extensions: Vec<Option<TextId>>,
    callers: u32,
    first_phone: u32,
}

/// A rented number with its scenario, menu, queue and group of employees.
pub(super) struct Line {
    pub(super) number: TextId,
    pub(super) name: TextId,
    pub(super) scenario: i64,
    pub(super) group: i64,
    menu: TextId,
    queue: TextId,
    /// Whether employees are rung together, else one after another.
    pub(super) together: bool,
}

impl Line {
    /// The scenario operation, by id and name: the queue, or the menu before it.
    pub(super) fn action(&self, queued: bool) -> (i64, TextId) {
        if queued { (self.scenario + 10_500, self.queue) } else { (self.scenario + 10_000, self.menu) }
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Employee {
    pub(crate) id: i64,
    pub(super) name: TextId,
    /// Hours of work: first, and first after.
    pub(super) hours: (u32, u32),
    pub(super) weekends: bool,
}

#[derive(Clone, Copy)]
pub(super) struct EndingTexts {
    pub(super) reason: TextId,
    pub(super) label: TextId,
    pub(super) cause: i64,
    pub(super) cause_text: TextId,
}

pub(super) struct Contact {
    pub(super) phone: TextId,
    /// In the address book or not.
    pub(super) id: Option<i64>,
    pub(super) name: Option<TextId>,
}

const SURNAMES: [&str; 12] = [
    "Тестов",
    "Примеров",
    "Образцов",
    "Макетов",
    "Пробнов",
    "Черновиков",
    "Шаблонов",
    "Эскизов",
    "Набросков",
    "Заглушкин",
    "Песочницын",
    "Вымыслов",
];
const MEN: [&str; 8] = ["Иван", "Пётр", "Сергей", "Олег", "Илья", "Денис", "Юрий", "Егор"];
const WOMEN: [&str; 8] = ["Анна", "Мария", "Ольга", "Елена", "Вера", "Нина", "Юлия", "Дарья"];

/// Legs a day that keep one employee of a line in work.
const LEGS_PER_EMPLOYEE: u32 = 1100;

impl Cast {
    pub(crate) fn new(plan: &Plan, builder: &mut StoreBuilder) -> Self {
        let mut random = Random::new(plan.seed, u64::MAX - plan.account);
        let rules = plan.world.rules();
        // A row of employees is one of each line.
        let (row, staff) = size(plan);
        let numbers = 70_001_000_000 + u64::from(random.below(900)) * 10;
        let mut lines = Vec::new();
        for (index, (name, together)) in (0..).zip(rules.lines.iter().cycle().take(row)) {
            lines.push(Line {
                number: builder.text(&(numbers + index).to_string()),
                name: builder.text(name),
                scenario: 70_001 + i64::try_from(index).unwrap_or_default(),
                group: 501 + i64::try_from(index).unwrap_or_default(),
                menu: builder.text(&format!("Меню: {name}")),
                queue: builder.text(&format!("Очередь: {name}")),
                together: *together,
            });
        }
        let names: Vec<TextId> = people().map(|name| builder.text(&name)).collect();
        let count = staff * u32::try_from(row).unwrap_or_default();
        let employees = (0..count).map(|index| Employee {
            id: 94_001 + i64::from(index),
            name: names
                .get(index as usize * 5 % names.len())
                .copied()
                .unwrap_or_else(|| builder.text("тест")),
            hours: rules.hours.get(index as usize / row % rules.hours.len()).copied().unwrap_or((9, 18)),
            weekends: rules.weekends && !(index as usize / row).is_multiple_of(3),
        });
        let employees: Vec<_> = employees.collect();
        let endings = Ending::ALL.iter().map(|ending| {
            let (reason, cause, cause_text) = ending.facts();
            let label = FINISH_REASONS.iter().find(|info| info.reason == reason).map_or("", |info| info.ru);
            EndingTexts {
                reason: builder.text(reason.as_str()),
                label: builder.text(label),
                cause,
                cause_text: builder.text(cause_text),
            }
        });
        let endings = endings.collect();
        let callers = plan.legs_per_day.saturating_mul(2).saturating_add(20).min(PHONES);
        let phones = if plan.world.is_on_demand() { Vec::new() } else { vec![None; callers as usize] };
        let extensions = vec![None; employees.len()];
        let first_phone = random.below(PHONES);
        Self { rules, lines, employees, endings, names, phones, extensions, callers, first_phone }
    }

    /// For whoever plays calls and writes nothing down.
    pub(crate) fn without_texts(plan: &Plan) -> Self {
        Self::new(plan, &mut StoreBuilder::new(&[], Roles::TIMELESS))
    }

    pub(super) fn rules(&self) -> &'static Rules {
        self.rules
    }

    pub(super) fn callers(&self) -> u32 {
        self.callers
    }

    pub(super) fn lines(&self) -> u32 {
        u32::try_from(self.lines.len()).unwrap_or_default()
    }

    pub(super) fn line(&self, index: u32) -> Option<&Line> {
        self.lines.get(index as usize)
    }

    pub(super) fn employees(&self) -> &[Employee] {
        &self.employees
    }

    pub(crate) fn employee(&self, index: u32) -> Option<Employee> {
        self.employees.get(index as usize).copied()
    }

    pub(super) fn ending(&self, ending: Ending) -> Option<EndingTexts> {
        self.endings.get(ending as usize).copied()
    }

    /// The name of a line, its scenario and its group.
    pub(crate) fn line_name(&self, index: u32) -> Option<&'static str> {
        let lines = self.rules.lines;
        lines.get(index as usize % lines.len().max(1)).map(|(name, _)| *name)
    }

    pub(crate) fn employee_name(index: u32) -> String {
        let count = SURNAMES.len() * (MEN.len() + WOMEN.len());
        people().nth(index as usize * 5 % count).unwrap_or_default()
    }

    /// The number of a caller.
    pub(crate) fn phone(&self, caller: u32) -> String {
        phone(self.first_phone, caller)
    }

    /// The number of an employee: extensions of the platform, mobile phones of some.
    pub(super) fn extension(&mut self, employee: u32, builder: &mut StoreBuilder) -> Option<TextId> {
        let place = self.extensions.get_mut(employee as usize)?;
        Some(*place.get_or_insert_with(|| {
            builder.text(&if is_mobile(employee) {
                (70_002_000_000 + u64::from(employee)).to_string()
            } else {
                (4001 + employee).to_string()
            })
        }))
    }

    /// Three of five callers are in the address book.
    pub(super) fn contact(&mut self, caller: u32, builder: &mut StoreBuilder) -> Contact {
        let known = caller % 5 < 3;
        let name = self.names.get(caller as usize % self.names.len().max(1)).copied().filter(|_| known);
        let first = self.first_phone;
        let phone = match self.phones.get_mut(caller as usize) {
            Some(place) => *place.get_or_insert_with(|| builder.text(&phone(first, caller))),
            None => builder.text(&phone(first, caller)),
        };
        Contact { phone, id: known.then_some(3_000_000_000 + i64::from(caller)), name }
    }
}

/// Lines, and employees of each. A world that is made on demand grows by both, in whole rounds of crews, hours and days
/// off.
fn size(plan: &Plan) -> (usize, u32) {
    const LEGS_PER_LINE: u32 = 3500;
    const ROUND: u32 = 24;
    let (rules, legs) = (plan.world.rules(), plan.legs_per_day);
    if !plan.world.is_on_demand() {
        return (rules.lines.len().max(1), rules.staff.unwrap_or_else(|| (legs / LEGS_PER_EMPLOYEE).max(4)));
    }
    let lines = (legs / LEGS_PER_LINE).clamp(4, 400);
    (lines as usize, ROUND * (legs / lines / LEGS_PER_LINE + 1))
}

/// Numbers from 70003000000 to 70009999999.
const PHONES: u32 = 7_000_000;

/// A number of its own for every caller: the factor has no divisor in common with the count of numbers.
fn phone(first: u32, caller: u32) -> String {
    let place = (u64::from(caller) * 3_141_593 + u64::from(first)) % u64::from(PHONES);
    (70_003_000_000 + place).to_string()
}

/// Whether the employee is rung at a mobile phone.
pub(super) const fn is_mobile(employee: u32) -> bool {
    employee % 3 == 2
}

/// Every made-up person.
fn people() -> impl Iterator<Item = String> {
    SURNAMES.iter().flat_map(|surname| {
        let men = MEN.iter().map(move |name| format!("{surname} {name} (тест)"));
        men.chain(WOMEN.iter().map(move |name| format!("{surname}а {name} (тест)")))
    })
}
