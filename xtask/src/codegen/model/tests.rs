//! A document is read, and what is wrong with one is said with its place.

use super::*;

fn complaint(text: &str) -> String {
    read(text).unwrap_err().to_string()
}

#[test]
fn a_document_is_read() {
    let model = read(
        "brand b \"https://b.example/v2.0\"\nbrand c \"https://c.example/v2.0\" table=b\nid RowId \"A row.\"\n\
         method get.rows_report listing=Rows row=Row cost=1 audience=client each=\"A row.\" \"rows\"\n\
         param date_from iso8601 required\nparam date_till iso8601 required\n\
         field id number as=RowId filter default \"The row.\"\non b type=id flags=none",
    )
    .unwrap();
    let method = model.method("get.rows_report").unwrap();
    assert!(method.is_report());
    assert_eq!(method.module(), "rows");
    assert_eq!(model.table_of("c"), Some("b"));
    let field = method.fields.first().unwrap();
    assert_eq!(field.on("b"), Some((Kind::Id, Flags::default())));
    assert_eq!(field.on("other"), Some((Kind::Number, Flags { filter: true, sort: false, default: true })));
}

#[test]
fn complaints_name_the_place() {
    assert_eq!(complaint("\nfeild a"), "line 2, column 1: no statement begins with `feild`");
    assert_eq!(complaint("id RowId \"A\""), "line 1, column 1: the description must end with a full stop");
    assert_eq!(complaint("id RowId \"A.\"\nid RowId \"B.\""), "line 2, column 1: a second `RowId`");
    assert_eq!(complaint("id rowId \"A.\""), "line 1, column 4: expected a CamelCase name");
    assert_eq!(complaint("value a \"A.\""), "line 1, column 1: no enum stands above this value");
    assert_eq!(complaint("error a x"), "line 1, column 9: expected a number");
    assert_eq!(
        complaint("error a 1 retry=often \"x\""),
        "line 1, column 17: `often` is none of after_login, at_reset, if_idempotent, never"
    );
    assert_eq!(complaint("operator = Equals kinds=numbr"), "line 1, column 25: `numbr` is no kind");
    assert_eq!(
        complaint("operator = Equals kinds=number brands=b"),
        "line 1, column 39: no brand `b` with pages of its own stands above"
    );
    assert_eq!(
        complaint("method get.a cost=1 audience=client \"a\""),
        "line 1, column 8: a `get` method needs listing=, row= and each="
    );
    let method = "method get.a listing=A row=B each=\"C.\" cost=1 audience=client \"a\"\n";
    for (types, expected) in [
        ("listing=A row=D", "line 2, column 22: a second `A`"),
        ("listing=D row=B", "line 2, column 28: a second `B`"),
        ("listing=D row=D", "line 2, column 28: a second `D`"),
    ] {
        let second = format!("method get.d {types} each=\"C.\" cost=1 audience=client \"d\"");
        assert_eq!(complaint(&format!("{method}{second}")), expected);
    }
    assert_eq!(
        complaint(&format!("{method}field a number as=RowId \"A.\"")),
        "line 2, column 19: `RowId` is no type for a field of kind `number`"
    );
    assert_eq!(
        complaint(&format!("{method}field a enum \"A.\"")),
        "line 2, column 9: a field of kind `enum` needs as="
    );
    assert_eq!(
        complaint(&format!("{method}field crate string \"A.\"")),
        "line 2, column 7: a field of a record cannot have this name"
    );
    assert_eq!(
        complaint(&format!("brand b \"u\"\n{method}on b absent")),
        "line 3, column 1: no param or field stands above this line"
    );
    assert_eq!(
        complaint(&format!("brand b \"u\"\n{method}param a array\non b")),
        "line 4, column 1: nothing differs here: say absent, type= or flags="
    );
}

#[test]
fn columns_are_fields_and_our_own_in_one_order() {
    let model = read(
        "method get.a listing=A row=B each=\"C.\" cost=1 audience=client \"a\"\n\
         field rate number column=double \"A rate.\"\nfield size number \"A size.\"\nfield names array \"Names.\"\n\
         field at iso8601 \"A time.\"\nfield done boolean \"An end.\"\nfield word string \"A word.\"\n\
         column word\ncolumn moment type=instant \"A moment.\"\ncolumn done\ncolumn at\ncolumn names\n\
         column size\ncolumn rate\ncolumn rest type=text \"A rest.\"",
    )
    .unwrap();
    let columns = &model.method("get.a").unwrap().columns;
    let told: Vec<_> = columns.iter().map(|c| (&*c.name, c.kind, c.field, &*c.doc)).collect();
    assert_eq!(
        told,
        [
            ("word", ColumnKind::Text, Some(5), "A word."),
            ("moment", ColumnKind::Instant, None, "A moment."),
            ("done", ColumnKind::Boolean, Some(4), "An end."),
            ("at", ColumnKind::WallTime, Some(3), "A time."),
            ("names", ColumnKind::TextList, Some(2), "Names."),
            ("size", ColumnKind::Int64, Some(1), "A size."),
            ("rate", ColumnKind::Double, Some(0), "A rate."),
            ("rest", ColumnKind::Text, None, "A rest."),
        ]
    );
}

#[test]
fn complaints_about_columns_name_the_place() {
    let method = "method get.a listing=A row=B each=\"C.\" cost=1 audience=client \"a\"\n\
         field b number \"B.\"\nfield c number \"C.\"\n";
    for (lines, expected) in [
        ("column b", "line 3, column 1: `c` is missing from the columns of `get.a`"),
        (
            "column b\ncolumn c\nfield d number \"D.\"",
            "line 6, column 1: `d` is missing from the columns of `get.a`",
        ),
        ("column b\ncolumn b", "line 5, column 1: a second `b`"),
        (
            "column d",
            "line 4, column 8: no field `d` of `get.a` stands above; a column of our own needs type=",
        ),
        ("column b type=text \"B.\"", "line 4, column 15: `b` is a field, its own line says the type"),
        ("column b \"B.\"", "line 4, column 10: `column` takes no description"),
        ("column d type=text", "line 4, column 1: `column` needs a description in quotes"),
        ("column d type=int32 \"D.\"", "line 4, column 15: `int32` is none of instant, text"),
        (
            "field d number column=int32 \"D.\"",
            "line 4, column 1: column= means nothing: `get.a` has no columns",
        ),
        ("field d number column=int16 \"D.\"", "line 4, column 23: `int16` is none of double, int32"),
        (
            "field d string column=int32 \"D.\"",
            "line 4, column 23: only a number without as= has a choice of columns",
        ),
    ] {
        assert_eq!(complaint(&format!("{method}{lines}")), expected);
    }
    assert_eq!(complaint("column b"), "line 1, column 1: no `get` method stands above this column");
    assert_eq!(
        complaint("method open.a cost=1 audience=client \"a\"\ncolumn b"),
        "line 2, column 1: no `get` method stands above this column"
    );
}
