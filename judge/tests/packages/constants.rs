//! `{{name}}` stands for a value where a program or the settings of a group use it, and nowhere else.

use judge::package::{OutputValidator, PackageFile};

use crate::fixture::{Fixture, assert_says};

const CONSTANTS: &str =
    "constants: {max_n: 1_000, eps: {value: 1e-6, tex: '10^{-6}'}, name: \"a {{max_n}}\"}";

fn read(file: &PackageFile) -> String {
    String::from_utf8(file.read().unwrap()).unwrap()
}

#[test]
fn programs_and_group_settings_see_the_value_as_its_author_wrote_it() {
    let text = "{{max_n}} {{eps}} {{eps.value}} {{eps.tex}} {{max_n.value}}";
    let filled = "1_000 1e-6 1e-6 10^{-6} 1_000";
    let fixture = Fixture::modern(CONSTANTS)
        .file("output_validator/check.py", text)
        .file("input_validators/in.py", text)
        .file("static_validator/style.py", text)
        .file("include/cpp/driver.cpp", text)
        .file("submissions/accepted/other.py", text)
        .file(
            "data/secret/test_group.yaml",
            "output_validator_args: ['n={{max_n}}']",
        )
        .file("data/secret/2.files/table.txt", text)
        .case("secret/2");
    let package = fixture.load();
    let OutputValidator::Custom(validator) = &package.validator else {
        panic!("{:?}", package.validator);
    };
    assert_eq!(read(&validator.files[0]), filled);
    assert_eq!(read(&package.input_validators[0].files[0]), filled);
    assert_eq!(
        read(&package.static_validator.as_ref().unwrap().files[0]),
        filled
    );
    assert_eq!(read(&package.include_files("cpp")[0]), filled);
    assert_eq!(
        read(&fixture.submission("accepted/other.py").files[0]),
        filled
    );
    let case = fixture.test_case("secret/2");
    assert_eq!(case.validator_args, ["n=1_000"]);
    assert_eq!(read(&case.files[0]), text, "test data is never touched");
}

#[test]
fn what_is_no_constant_stays_and_values_are_not_looked_at_again() {
    let text = "{{unknown}} {{max_nodes}} {{ max_n }} {{{max_n}}} {{max_n.tex}} {{name}} {{";
    let fixture = Fixture::modern(CONSTANTS).file("submissions/accepted/other.py", text);
    assert_eq!(
        read(&fixture.submission("accepted/other.py").files[0]),
        "{{unknown}} {{max_nodes}} {{ max_n }} {1_000} {{max_n.tex}} a {{max_n}} {{"
    );
}

#[test]
fn bytes_that_are_no_text_stay_as_they_are() {
    let fixture = Fixture::modern(CONSTANTS);
    let path = fixture.root().join("include/default/table.bin");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, b"\xff{{max_n}}\x00").unwrap();
    let file = fixture.load().include_files("c")[0].clone();
    assert_eq!(file.read().unwrap(), b"\xff1_000\x00");
}

#[test]
fn names_are_those_of_the_format() {
    for name in ["2n", "n-max", "''"] {
        let error = Fixture::modern(&format!("constants: {{{name}: 1}}")).refusal();
        assert_says(&error, &["problem.yaml:4: ", "constants.", "no name"]);
    }
}
