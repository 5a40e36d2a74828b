//! Every bug has its row in the table of `docs/design/delivery.md`, and the test that the row names exists.

use std::fs;
use std::path::Path;

use seeded::Bug;

#[test]
fn for_every_bug_there_is_a_test_that_finds_it_and_the_table_says_which() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = fs::read_to_string(root.join("docs/design/delivery.md")).expect("the page");
    for bug in Bug::ALL {
        let begins = format!("| `{bug}` |");
        let row = page.lines().find(|line| line.starts_with(&begins));
        let row = row.unwrap_or_else(|| panic!("`{bug}` has no row in the table"));
        // `crate/path/file.rs`: `name_of_the_test`
        let mut names = row.split('`').filter(|name| !name.contains(' '));
        let file = names.find(|name| name.ends_with(".rs"));
        let test = names.find(|name| name.ends_with("_is_found"));
        let (file, test) = file.zip(test).unwrap_or_else(|| panic!("no test: {row}"));
        let code = fs::read_to_string(root.join(file)).unwrap_or_default();
        let function = format!("fn {test}()");
        assert!(code.contains(&function), "`{test}` is not in {file}");
        let bug = format!("Bug::{bug:?}");
        assert!(code.contains(&bug), "{file} never switches {bug} on");
    }
}
