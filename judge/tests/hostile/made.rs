//! Programs that no file can hold well: too large, or under names that are the attack.

use judge::SourceFile;

use crate::fixture::{Fixture, Place};

const REFUSED: &str = "#include <stdio.h>\nint main(void) { puts(\"refused\"); }\n";

/// All of them, named as if they were files.
pub(crate) fn all() -> Vec<Fixture> {
    let mut all = vec![
        compiled("CE", "empty.c", "main.c", Vec::new()),
        compiled("CE", "only_blanks.py", "main.py", b"\0".repeat(1000)),
        compiled(
            "CE",
            "larger_than_the_limit.c",
            "main.c",
            vec![b' '; (1 << 20) + 1],
        ),
        compiled("AC", "large.c", "main.c", padded(1000 << 10)),
        compiled("AC", "one_long_line.c", "main.c", long_line(1000 << 10)),
        compiled(
            "AC",
            "crlf.c",
            "main.c",
            REFUSED.replace('\n', "\r\n").into(),
        ),
        compiled(
            "AC",
            "byte_order_mark.c",
            "main.c",
            format!("\u{feff}{REFUSED}").into(),
        ),
        compiled(
            "AC",
            "no_newline_at_the_end.c",
            "main.c",
            REFUSED.trim().into(),
        ),
        compiled(
            "AC,CE",
            "zero_bytes.c",
            "main.c",
            format!("//\0\0\n{REFUSED}\0").into(),
        ),
        compiled("CE", "utf16.c", "main.c", utf16(REFUSED)),
        compiled(
            "AC",
            "longest_name.c",
            &format!("{}.c", "a".repeat(250)),
            REFUSED.into(),
        ),
        compiled("AC", "name_of_a_device.c", "nul.c", REFUSED.into()),
        compiled(
            "AC",
            "name_of_a_module.py",
            "random.py",
            b"print('refused')".into(),
        ),
        compiled("CE", "nested_too_deep.py", "main.py", nested(20_000)),
    ];
    all.extend(ODD_NAMES.iter().zip(1..).map(|(name, number)| {
        let test = format!("odd_name_{number}");
        compiled("CE", &test, name, REFUSED.into())
    }));
    all.extend(
        ODD_ENTRY_POINTS
            .iter()
            .zip(1..)
            .map(|(name, number)| Fixture {
                entry_point: Some((*name).to_owned()),
                ..compiled(
                    "CE",
                    &format!("odd_entry_point_{number}"),
                    "main.py",
                    b"print('refused')".into(),
                )
            }),
    );
    all
}

/// Paths, options, response files, shell code and other surprises in place of a name.
const ODD_NAMES: [&str; 16] = [
    "../escape.c",
    "/tmp/hostile-left.c",
    "a/../../escape.c",
    "-o.c",
    "--version.c",
    "@response.c",
    "a b.c",
    "$(touch hostile-left).c",
    "a;touch hostile-left;.c",
    "a\nb.c",
    "a\0b.c",
    ".hidden.c",
    ".program",
    "\u{202e}c.niam.c",
    "",
    "..",
];

const ODD_ENTRY_POINTS: [&str; 5] = ["-c", "../main.py", "/etc/passwd", "main.py;id", ""];

fn compiled(verdicts: &str, test: &str, file: &str, content: Vec<u8>) -> Fixture {
    Fixture {
        name: format!("compile/{verdicts}/{test} (made)"),
        place: Place::Compile,
        allowed: verdicts.split(',').map(str::to_owned).collect(),
        files: vec![SourceFile {
            name: file.to_owned(),
            content,
        }],
        entry_point: None,
    }
}

fn padded(size: usize) -> Vec<u8> {
    let mut content = REFUSED.as_bytes().to_vec();
    content.resize(size, b'\n');
    content
}

fn long_line(size: usize) -> Vec<u8> {
    let mut content = REFUSED.as_bytes().to_vec();
    content.extend_from_slice(b"//");
    content.resize(size, b'x');
    content
}

fn nested(depth: usize) -> Vec<u8> {
    [b"(".repeat(depth), b")".repeat(depth)].concat()
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}
