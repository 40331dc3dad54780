//! Emits the operators of the filter language and the hosts of the brands.

use std::fmt::Write as _;

use super::{
    HEADER, brand_list, doc,
    model::{Kind, Model, variant},
};

pub(super) fn operators(model: &Model) -> String {
    let mut text = format!("{HEADER}\n");
    text.push_str("use crate::schema::{Brand, Kind, Operator, OperatorInfo};\n\n");
    doc(&mut text, 0, &["The operators of the filter language and where each holds."]);
    _ = writeln!(text, "pub(crate) static OPERATORS: [OperatorInfo; {}] = [", model.operators.len());
    for operator in &model.operators {
        // The pages never name the kind `id` here; it is a number.
        let kinds = operator
            .kinds
            .iter()
            .flat_map(|kind| std::iter::once(*kind).chain((*kind == Kind::Number).then_some(Kind::Id)));
        let kinds: Vec<_> = kinds.map(|kind| format!("Kind::{}", kind.variant())).collect();
        let brands = brand_list(&operator.brands);
        _ = writeln!(
            text,
            "    OperatorInfo::new(Operator::{}, &[{}], {}, {brands}),",
            operator.name,
            kinds.join(", "),
            operator.takes_null
        );
    }
    text.push_str("];\n");
    text
}

pub(super) fn hosts(model: &Model) -> String {
    let mut brands: Vec<_> = model.brands.iter().collect();
    brands.sort_by(|a, b| a.name.cmp(&b.name));
    let mut text = format!("{HEADER}\nuse crate::schema::Brand;\n\n");
    doc(&mut text, 0, &["The URL of each brand's API."]);
    _ = writeln!(text, "pub(crate) static HOSTS: [(Brand, &str); {}] = [", brands.len());
    for brand in brands {
        _ = writeln!(text, "    (Brand::{}, {:?}),", variant(&brand.name), brand.url);
    }
    text.push_str("];\n");
    text
}
