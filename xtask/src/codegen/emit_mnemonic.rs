//! Emits the mnemonics of errors and the table behind them.

use std::fmt::Write as _;

use super::{
    HEADER, doc,
    emit_enum::{paragraphs, word},
    model::{ErrorLine, Model, variant},
};

pub(super) fn file(model: &Model) -> String {
    let mut text = format!("{HEADER}\n");
    text.push_str(
        "use crate::schema::{MnemonicInfo, Retryability};\nuse crate::value::open_enum::open_enum;\n\n",
    );
    text.push_str("open_enum! {\n");
    doc(&mut text, 4, &["The textual code of an API error: the member that errors are told apart by."]);
    text.push_str("    Mnemonic {\n");
    for error in &model.errors {
        doc(&mut text, 8, &paragraphs(&description(error), &error.notes.join(" ")));
        word(&mut text, &variant(&error.mnemonic), &error.mnemonic, &error.aliases);
    }
    text.push_str("    }\n}\n\n");
    doc(&mut text, 0, &["The table behind [`Mnemonic::info`], in the order of [`Mnemonic::ALL`]."]);
    _ = writeln!(text, "pub(crate) static MNEMONICS: [MnemonicInfo; {}] = [", model.errors.len());
    for ErrorLine { code, message, retry, .. } in &model.errors {
        _ = writeln!(text, "    MnemonicInfo::new({code}, {message:?}, Retryability::{retry}),");
    }
    text.push_str("];\n");
    text
}

fn description(error: &ErrorLine) -> String {
    let ErrorLine { code, message, verbs, .. } = error;
    let mut text = format!("`{message}` ({code}).");
    if !verbs.is_empty() {
        let verbs: Vec<_> = verbs.iter().map(|verb| format!("`{verb}`")).collect();
        _ = write!(text, " Only of methods with the verb {}.", verbs.join(" or "));
    }
    text
}
