//! Drawings: shapes as text, scales whose ticks are round. Not here: what is drawn.

use std::fmt::Write as _;

use crate::table::Decimal;

/// A number to draw with.
#[expect(clippy::cast_precision_loss, reason = "a place on a page, where counts beyond 2^53 do not differ")]
pub(super) const fn real(number: i64) -> f64 {
    number as f64
}

/// A quotient to draw with.
pub(super) fn fraction(number: Decimal) -> f64 {
    real(number.units()) / 10_f64.powi(number.places().into())
}

/// Text between tags and in attributes.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // Not allowed in a page.
            letter if letter.is_control() => escaped.push('\u{fffd}'),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// An axis from zero: a value's place between two ends.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    top: i64,
    step: i64,
    from: f64,
    till: f64,
}

impl Scale {
    /// As far as this value, or a little further: to a round number, in at most so many steps.
    pub(super) fn to(most: i64, steps: i64, (from, till): (f64, f64)) -> Self {
        let most = most.max(1);
        let mut unit = 1;
        let step = loop {
            let found = [1, 2, 5].map(|digit| digit * unit).into_iter().find(|step| step * steps >= most);
            match found {
                Some(step) => break step,
                None => unit *= 10,
            }
        };
        Self { top: (most + step - 1) / step * step, step, from, till }
    }

    /// Percent.
    pub(super) const fn percent(step: i64, (from, till): (f64, f64)) -> Self {
        Self { top: 100, step, from, till }
    }

    /// Where the value is.
    pub(super) fn at(self, value: f64) -> f64 {
        self.from + (self.till - self.from) * value / real(self.top)
    }

    /// Round values, from zero to the end.
    pub(super) fn ticks(self) -> impl Iterator<Item = i64> {
        (0..=self.top / self.step).map(move |index| index * self.step)
    }
}

/// Where a text stands.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A drawing under way.
pub(super) struct Drawing {
    width: f64,
    height: f64,
    body: String,
}

impl Drawing {
    pub(super) const fn new(width: f64, height: f64) -> Self {
        Self { width, height, body: String::new() }
    }

    /// A bar, with what is said of it where somebody points to it.
    pub(super) fn bar(&mut self, class: &str, (x, y): (f64, f64), (width, height): (f64, f64), said: &str) {
        if width <= 0.0 || height <= 0.0 {
            return;
        }
        let (x, y, width, height) = (place(x), place(y), place(width), place(height));
        _ = write!(
            self.body,
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\""
        );
        self.end("rect", said);
    }

    pub(super) fn line(&mut self, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
        let (x1, y1, x2, y2) = (place(x1), place(y1), place(x2), place(y2));
        _ = write!(self.body, "<line class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>");
    }

    pub(super) fn dot(&mut self, class: &str, (x, y): (f64, f64), radius: f64, said: &str) {
        let (x, y, radius) = (place(x), place(y), place(radius));
        _ = write!(self.body, "<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"");
        self.end("circle", said);
    }

    pub(super) fn text(&mut self, class: &str, (x, y): (f64, f64), anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
        let (x, y, text) = (place(x), place(y), escape(text));
        _ = write!(self.body, "<text{class} x=\"{x}\" y=\"{y}\"{anchor}>{text}</text>");
    }

    /// A line through these points.
    pub(super) fn polyline(&mut self, class: &str, points: &[(f64, f64)]) {
        let points: Vec<_> = points.iter().map(|(x, y)| format!("{},{}", place(*x), place(*y))).collect();
        _ = write!(self.body, "<polyline class=\"{class}\" points=\"{}\"/>", points.join(" "));
    }

    /// A band from the height of one side to that of another.
    pub(super) fn band(&mut self, class: &str, from: (f64, f64), till: (f64, f64), thick: f64, said: &str) {
        let ((x1, y1), (x2, y2)) = (from, till);
        let middle = place(f64::midpoint(x1, x2));
        let [x1, x2] = [x1, x2].map(place);
        let [top1, top2, low1, low2] = [y1, y2, y1 + thick, y2 + thick].map(place);
        _ = write!(
            self.body,
            "<path class=\"{class}\" d=\"M{x1} {top1}C{middle} {top1} {middle} {top2} {x2} {top2}V{low2}\
             C{middle} {low2} {middle} {low1} {x1} {low1}Z\""
        );
        self.end("path", said);
    }

    fn end(&mut self, tag: &str, said: &str) {
        if said.is_empty() {
            self.body.push_str("/>");
        } else {
            _ = write!(self.body, "><title>{}</title></{tag}>", escape(said));
        }
    }

    /// The whole, with what it is called and what it shows.
    pub(super) fn finish(self, name: &str, title: &str, description: &str) -> String {
        let Self { width, height, body } = self;
        let [title, description] = [title, description].map(escape);
        format!(
            "<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-labelledby=\"{name}-t {name}-d\">\
             <title id=\"{name}-t\">{title}</title><desc id=\"{name}-d\">{description}</desc>{body}</svg>",
            place(width),
            place(height)
        )
    }
}

/// A coordinate to a tenth, as short as it can be written.
fn place(at: f64) -> String {
    let text = format!("{at:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_begin_at_zero() {
        for (most, expected) in [
            (0, vec![0, 1]),
            (7, vec![0, 2, 4, 6, 8]),
            (392, vec![0, 100, 200, 300, 400]),
            (1_001, vec![0, 500, 1000, 1500]),
        ] {
            let scale = Scale::to(most, 4, (100.0, 0.0));
            assert_eq!(scale.ticks().collect::<Vec<_>>(), expected, "{most}");
            assert!((scale.at(0.0) - 100.0).abs() < 1e-9);
            assert!(scale.at(real(most)) >= 0.0);
        }
    }

    #[test]
    fn no_text_is_taken_for_a_tag() {
        assert_eq!(
            escape("<b a=\"1\" c='2'>&\u{0}</b>"),
            "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;\u{fffd}&lt;/b&gt;"
        );
        let mut drawing = Drawing::new(10.0, 10.0);
        drawing.text("", (1.0, 1.25), Anchor::Middle, "<script>");
        drawing.bar("a", (0.0, 0.0), (1.0, 1.0), "</svg>");
        let drawn = drawing.finish("x", "<i>", "\"");
        assert!(!drawn.contains("<script") && !drawn.contains("<i>") && drawn.matches("</svg>").count() == 1);
    }
}
