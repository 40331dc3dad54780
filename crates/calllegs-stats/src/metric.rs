//! What the metrics mean, in words: what is counted, what is left out, where a number misleads.
//!
//! A text names what the number is computed with: `{answer_within}` in it is put in from the parameters.
//! Not here: how they are computed, what a report says about them.

use crate::{
    language::{Both, Language},
    parameters::Parameters,
};

/// One of the fourteen metrics.
#[derive(Debug)]
#[non_exhaustive]
pub struct Metric {
    /// The definition, `D1` to `D14`, as the [`Shape`](crate::Shape)s of its results have it.
    pub definition: &'static str,
    /// The keys that it is found by; the first is its own, others name a part of it.
    pub keys: &'static [&'static str],
    title: Both,
    meaning: Both,
    exclusions: Both,
    pitfall: Both,
}

impl Metric {
    /// All of them, in the order of their definitions.
    pub const ALL: [&'static Self; 14] = [
        &OFFERED,
        &SERVICE_LEVEL,
        &MISSED,
        &WAITS,
        &TALK,
        &HEATMAP,
        &REASONS,
        &PEOPLE,
        &GROUPS,
        &LOAD,
        &OCCUPANCY,
        &TRANSFERS,
        &REPEAT,
        &FIRST_RESPONSE,
    ];

    /// The one of this key.
    ///
    /// ```
    /// use calllegs_stats::Metric;
    ///
    /// assert_eq!(Metric::find("callbacks").map(|metric| metric.definition), Some("D13"));
    /// ```
    pub fn find(key: &str) -> Option<&'static Self> {
        Self::ALL.into_iter().find(|metric| metric.keys.contains(&key))
    }

    /// What it is called.
    pub const fn title(&self, language: Language) -> &'static str {
        self.title.text(language)
    }

    /// What is counted, and how, with these parameters.
    ///
    /// ```
    /// use calllegs_stats::{Language, Metric, Parameters};
    ///
    /// let mut parameters = Parameters::default();
    /// parameters.answer_within = 30;
    /// let meaning = Metric::find("service-level").unwrap().meaning(Language::English, &parameters);
    /// assert!(meaning.contains("within 30 s of the first ring"));
    /// ```
    pub fn meaning(&self, language: Language, parameters: &Parameters) -> String {
        filled(self.meaning, language, parameters)
    }

    /// What is left out, with these parameters.
    pub fn exclusions(&self, language: Language, parameters: &Parameters) -> String {
        filled(self.exclusions, language, parameters)
    }

    /// Where the number misleads.
    pub const fn pitfall(&self, language: Language) -> &'static str {
        self.pitfall.text(language)
    }
}

fn filled(text: Both, language: Language, parameters: &Parameters) -> String {
    let span = |seconds: i64| {
        let (count, unit) = match seconds {
            3600.. if seconds % 3600 == 0 => (seconds / 3600, Both::new("h", "ч")),
            60.. if seconds % 60 == 0 => (seconds / 60, Both::new("min", "мин")),
            _ => (seconds, Both::new("s", "с")),
        };
        format!("{count} {}", unit.text(language))
    };
    // Where nobody is taken for a short abandon, none is left out.
    let short = if parameters.short_abandon > 0 { SHORT_ABANDONS.text(language) } else { "" };
    text.text(language)
        .replace("{short_abandons}", short)
        .replace("{short_abandon}", &span(parameters.short_abandon))
        .replace("{answer_within}", &span(parameters.answer_within))
        .replace("{goal}", &parameters.goal_percent.to_string())
        .replace("{repeat_window}", &span(parameters.repeat_window))
        .replace("{callback_window}", &span(parameters.callback_window))
}

const SHORT_ABANDONS: Both = Both::new(
    "; short abandons, who hung up within {short_abandon} of the first ring",
    "; короткие потери: звонящий положил трубку за {short_abandon} от первого вызова",
);

static OFFERED: Metric = Metric {
    definition: "D1",
    keys: &["offered"],
    title: Both::new("Calls offered, answered, missed", "Поступившие, отвеченные и пропущенные звонки"),
    meaning: Both::new(
        "Inbound calls that rang at least one employee. Answered: an employee picked up and talked. Missed: nobody talked. \
         Answered and missed together are the offered ones.",
        "Входящие звонки, которые дошли хотя бы до одного сотрудника. Отвеченный: сотрудник снял трубку и поговорил. \
         Пропущенный: никто не поговорил. Отвеченные и пропущенные вместе составляют поступившие.",
    ),
    exclusions: Both::new(
        "Callers who left in the menu or were served there{short_abandons}.",
        "Звонки, которые закончились в голосовом меню{short_abandons}.",
    ),
    pitfall: Both::new(
        "Calls are counted, not rings: a call that rings five phones is one call. What counts as a short abandon differs from \
         vendor to vendor.",
        "Считаются звонки, а не вызовы: звонок на пять телефонов — один звонок. Порог короткой потери у поставщиков разный.",
    ),
};

static SERVICE_LEVEL: Metric = Metric {
    definition: "D2",
    keys: &["service-level"],
    title: Both::new("Service level", "Уровень обслуживания (SL)"),
    meaning: Both::new(
        "Share of offered calls that were answered within {answer_within} of the first ring of an employee; the goal is {goal} %.",
        "Доля поступивших звонков, на которые ответили за {answer_within} от первого вызова сотрудника; цель — {goal} %.",
    ),
    exclusions: Both::new(
        "Time in the menu, short abandons. The variants of the formula move these lines.",
        "Время в голосовом меню, короткие потери. Варианты формулы сдвигают эти границы.",
    ),
    pitfall: Both::new(
        "The formula changes the figure more than people do, so compare like with like. Do not average percentages of hours: \
         sum the calls, then divide.",
        "Формула меняет число сильнее, чем люди: сравнивайте одинаковые. Не усредняйте проценты по часам: сложите звонки и \
         разделите один раз.",
    ),
};

static MISSED: Metric = Metric {
    definition: "D3",
    keys: &["missed"],
    title: Both::new("Missed calls", "Пропущенные звонки"),
    meaning: Both::new(
        "Offered calls in which nobody talked: the caller gave up, or the exchange ended the call.",
        "Поступившие звонки без разговора: звонящий не дождался или звонок завершила телефония.",
    ),
    exclusions: Both::new(
        "Short abandons, calls that ended in the menu. A caller who hangs up while a transfer rings was answered once and is no \
         miss.",
        "Короткие потери и звонки, закончившиеся в меню. Кто не дождался перевода, тому уже ответили: это не пропущенный.",
    ),
    pitfall: Both::new(
        "The two kinds have different cures: people for the first, settings for the second.",
        "Лечатся они по-разному: первые — людьми, вторые — настройками.",
    ),
};

static WAITS: Metric = Metric {
    definition: "D4",
    keys: &["waits"],
    title: Both::new("Speed of answer and waits", "Скорость ответа и ожидание (ASA)"),
    meaning: Both::new(
        "From the first ring of an employee to a human voice, over answered inbound calls: mean, median, nine in ten, longest. \
         Beside them how long those waited who were not answered.",
        "От первого вызова сотрудника до живого голоса, по отвеченным входящим: среднее, медиана, 90-й процентиль, самое долгое. \
         Рядом — сколько ждали те, кому не ответили.",
    ),
    exclusions: Both::new(
        "The menu, which the second mean contains; calls that were not answered.",
        "Голосовое меню (его содержит второе среднее) и звонки без ответа.",
    ),
    pitfall: Both::new(
        "The mean gets better when callers give up sooner. The leg of the caller is connected when the exchange answers: that \
         is no wait.",
        "Среднее улучшается, если люди раньше кладут трубку. Плечо звонящего соединяется, когда отвечает телефония: это не \
         ожидание.",
    ),
};

static TALK: Metric = Metric {
    definition: "D5",
    keys: &["talk"],
    title: Both::new("Talk time", "Время разговора (ATT)"),
    meaning: Both::new(
        "Talk of employees in answered inbound calls, transfers included: mean by call and sum.",
        "Разговор сотрудников в отвеченных входящих вместе с переводами: среднее на звонок и сумма.",
    ),
    exclusions: Both::new(
        "The leg of the caller, coaches, ringing. Hold and work after the call are not in legs: this is no handle time.",
        "Плечо звонящего, наставники, время вызова. Удержания и постобработки в плечах нет: это не AHT.",
    ),
    pitfall: Both::new(
        "Two employees in a conference count twice, as they should where people are planned.",
        "Два сотрудника в конференции считаются дважды: для планирования людей так и нужно.",
    ),
};

static HEATMAP: Metric = Metric {
    definition: "D6",
    keys: &["heatmap"],
    title: Both::new("When people call", "Когда звонят"),
    meaning: Both::new(
        "Offered calls by weekday and hour, divided by how many such weekdays the period has, and the share that was missed.",
        "Поступившие звонки по дням недели и часам, делённые на число таких дней в периоде, и доля пропущенных.",
    ),
    exclusions: Both::new(
        "Days outside the period; calls that are not offered.",
        "Дни вне периода и звонки, которые не дошли до сотрудников.",
    ),
    pitfall: Both::new(
        "A month has four or five Mondays, so totals mislead. Holidays move the picture.",
        "В месяце четыре или пять понедельников, суммы обманывают. Праздники сдвигают картину.",
    ),
};

static REASONS: Metric = Metric {
    definition: "D7",
    keys: &["reasons"],
    title: Both::new("Why rings were not answered", "Почему не ответили на вызов"),
    meaning: Both::new(
        "Rings of employees that were not picked up by the reason of their end, most frequent first, with the share so far.",
        "Неотвеченные вызовы сотрудников по причине завершения, частые сверху, с накопленной долей.",
    ),
    exclusions: Both::new(
        "Rings that a colleague was faster to answer; legs of callers; coaches.",
        "Вызовы, на которые раньше ответил коллега; плечи звонящих; наставники.",
    ),
    pitfall: Both::new(
        "A ring is not a call: most calls with such a ring were answered by somebody. On a leg that was picked up the reason \
         only says who hung up.",
        "Вызов — не звонок: на большинство таких звонков кто-то ответил. У отвеченного плеча причина говорит лишь, кто положил \
         трубку.",
    ),
};

static PEOPLE: Metric = Metric {
    definition: "D8",
    keys: &["people"],
    title: Both::new("People", "Сотрудники"),
    meaning: Both::new(
        "By employee: rings, those picked up, the share of those that were theirs to answer, ring time, talk, ratings.",
        "По сотруднику: вызовы, снятые трубки, доля от тех, что были его, время вызова, разговор, оценки.",
    ),
    exclusions: Both::new(
        "From the answer rate: rings that a colleague answered first or whose caller left. Employees without a number of \
         their own, such as forwarded phones.",
        "Из доли ответов: вызовы, где раньше ответил коллега или ушёл звонящий. Сотрудники без номера в системе, например \
         переадресация.",
    ),
    pitfall: Both::new(
        "Read a rating with its count, and rank nobody by fewer than thirty rings. Calls made are another matter than calls \
         answered.",
        "Оценку читайте вместе с числом оценок и не сравнивайте людей меньше чем по тридцати вызовам. Исходящая работа — \
         отдельный вопрос.",
    ),
};

static GROUPS: Metric = Metric {
    definition: "D9",
    keys: &["groups", "scenarios"],
    title: Both::new("Groups and scenarios", "Группы и сценарии"),
    meaning: Both::new(
        "By group: rings, calls rung, calls answered, ring time. By scenario: inbound calls, answered, left in the menu, missed.",
        "По группе: вызовы, звонки, отвеченные звонки, время вызова. По сценарию: входящие, отвеченные, закончились в меню, \
         пропущенные.",
    ),
    exclusions: Both::new(
        "Transfers and coaches from rings of groups.",
        "Переводы и наставники — из вызовов групп.",
    ),
    pitfall: Both::new(
        "A call may ring two groups, so groups do not add up to the calls. A scenario that was renamed is there under both names.",
        "Звонок может вызывать две группы, поэтому сумма групп больше числа звонков. Переименованный сценарий стоит под обоими \
         именами.",
    ),
};

static LOAD: Metric = Metric {
    definition: "D10",
    keys: &["load"],
    title: Both::new("Lines in use", "Занятые линии"),
    meaning: Both::new(
        "How many legs there are at the same time: the peak of each hour, the level at its beginning included.",
        "Сколько плеч одновременно: пик каждого часа, включая уровень на его начало.",
    ),
    exclusions: Both::new("Coaches, legs without length.", "Наставники и плечи нулевой длины."),
    pitfall: Both::new(
        "Phones of employees inside the exchange take no trunk line, forwarded mobile phones do.",
        "Внутренние телефоны сотрудников не занимают внешнюю линию, переадресация на мобильный — занимает.",
    ),
};

static OCCUPANCY: Metric = Metric {
    definition: "D11",
    keys: &["occupancy", "staff"],
    title: Both::new("Occupancy and people needed", "Загрузка и сколько нужно людей"),
    meaning: Both::new(
        "An estimate: the time that an employee rang or talked, of the time between the first and the last leg of the day. People \
         needed are computed from offered calls and their talk by Erlang's formulas.",
        "Оценка: доля времени вызовов и разговоров во времени от первого до последнего плеча за день. Нужное число людей — по \
         формулам Эрланга из поступивших звонков и длины разговора.",
    ),
    exclusions: Both::new(
        "Coaches, rings of phones that were not there. Breaks and work after the call are unknown to legs.",
        "Наставники и вызовы незарегистрированных телефонов. О перерывах и постобработке плечи не знают.",
    ),
    pitfall: Both::new(
        "The mean load of a week hides Monday morning. Erlang C takes nobody to give up and asks for too many people where many do.",
        "Средняя нагрузка за неделю скрывает утро понедельника. Erlang C считает, что никто не кладёт трубку, и завышает число \
         людей при больших потерях.",
    ),
};

static TRANSFERS: Metric = Metric {
    definition: "D12",
    keys: &["transfers"],
    title: Both::new("Transfers", "Переводы"),
    meaning: Both::new(
        "Who passed calls on to whom: picked-up legs of a call in the order of their connection.",
        "Кто кому переводил: отвеченные плечи звонка в порядке соединения.",
    ),
    exclusions: Both::new(
        "Transfers that nobody picked up; those from somebody without a name.",
        "Переводы без ответа и от сотрудника без имени.",
    ),
    pitfall: Both::new(
        "No field says who passed on: in a conference it is who joined last.",
        "Кто перевёл, в данных не записано: в конференции это вошедший последним.",
    ),
};

static REPEAT: Metric = Metric {
    definition: "D13",
    keys: &["repeat", "callbacks"],
    title: Both::new("Repeat calls and missed calls not called back", "Повторные и неперезвоненные"),
    meaning: Both::new(
        "Repeat: an inbound call within {repeat_window} of the one before of the same number. Of missed calls: we called back and talked, \
         the caller tried again and was answered, or nobody talked within {callback_window}: lost.",
        "Повторный: входящий за {repeat_window} после предыдущего с того же номера. Пропущенные: мы перезвонили и поговорили, \
         звонящий дозвонился сам или за {callback_window} разговора не было — потерян.",
    ),
    exclusions: Both::new(
        "Hidden numbers, which nobody can call back. People are counted once.",
        "Скрытые номера: им не перезвонить. Люди считаются по одному разу.",
    ),
    pitfall: Both::new(
        "Windows of calls near the end of the period are still open. A call back from a private phone never reaches the exchange, \
         and a company with many lines looks like many callers.",
        "У звонков в конце периода окно ещё не закрылось. Звонок с личного телефона не виден, а компания со многими линиями \
         выглядит как много людей.",
    ),
};

static FIRST_RESPONSE: Metric = Metric {
    definition: "D14",
    keys: &["first-response", "ratings"],
    title: Both::new("First response and quality", "Первый ответ и качество"),
    meaning: Both::new(
        "From the first attempt of a person to the first conversation, in either direction: the median. Of talked legs: share \
         recorded, share rated, mean rating.",
        "От первой попытки человека до первого разговора в любую сторону: медиана. Разговоры сотрудников: доля записанных, доля \
         оценённых, средняя оценка.",
    ),
    exclusions: Both::new(
        "People who were never reached, from the median; transfers and coaches, from quality.",
        "Из медианы — те, с кем не поговорили; из качества — переводы и наставники.",
    ),
    pitfall: Both::new(
        "Ratings and recordings come late: a fresh week looks unrated. Who called before the period is not new.",
        "Оценки и записи приходят позже: свежая неделя выглядит неоценённой. Кто звонил до периода, не новый.",
    ),
};

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::shape::Shape;

    #[test]
    fn every_result_has_a_metric_and_every_key_one() {
        let definitions: Vec<_> = Metric::ALL.iter().map(|metric| metric.definition).collect();
        assert_eq!(definitions, (1..=14).map(|number| format!("D{number}")).collect::<Vec<_>>());
        let of_shapes: BTreeSet<_> = Shape::ALL.iter().map(|shape| shape.definition).collect();
        assert_eq!(of_shapes, definitions.into_iter().collect());
        let keys: Vec<_> = Metric::ALL.iter().flat_map(|metric| metric.keys).collect();
        assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len());
    }

    #[test]
    fn texts_name_what_a_number_is_computed_with() {
        let mut parameters = Parameters::default();
        (parameters.answer_within, parameters.goal_percent, parameters.short_abandon) = (31, 77, 7);
        (parameters.callback_window, parameters.repeat_window) = (5400, 7200);
        let of = |key| Metric::find(key).unwrap();
        let said = |language| {
            let level = of("service-level").meaning(language, &parameters);
            [
                level,
                of("offered").exclusions(language, &parameters),
                of("repeat").meaning(language, &parameters),
            ]
            .join("\n")
        };
        let (english, russian) = (said(Language::English), said(Language::Russian));
        for figure in ["31 s", "77 %", "7 s", "90 min", "2 h"] {
            assert!(english.contains(figure), "{english}");
        }
        for figure in ["31 с", "77 %", "7 с", "90 мин", "2 ч"] {
            assert!(russian.contains(figure), "{russian}");
        }
        parameters.short_abandon = 0;
        assert!(!of("offered").exclusions(Language::English, &parameters).contains("short"));
        for metric in Metric::ALL {
            for language in Language::ALL {
                let texts = [metric.meaning(language, &parameters), metric.exclusions(language, &parameters)]
                    .concat();
                assert!(!texts.contains('{'), "{texts}");
                assert!(!metric.pitfall(language).contains('{'));
            }
        }
    }

    #[test]
    fn russian_texts_are_russian() {
        let is_cyrillic = |text: &str| text.chars().any(|letter| ('а'..='я').contains(&letter));
        for metric in Metric::ALL {
            for of in [metric.title, metric.meaning, metric.exclusions, metric.pitfall] {
                assert!(is_cyrillic(of.text(Language::Russian)), "{}", metric.definition);
                assert!(!is_cyrillic(of.text(Language::English)), "{}", metric.definition);
            }
        }
    }
}
