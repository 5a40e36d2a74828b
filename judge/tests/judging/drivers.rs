//! Include files: a package's driver around a submission that is only a function.

use crate::workshop::{Workshop, source, told};

const CPP_DRIVER: &str = "#include <iostream>\nint add(int, int);\n\
                          int main() { int a, b; std::cin >> a >> b; std::cout << add(a, b) << '\\n'; }\n";

#[test]
fn a_driver_calls_the_submission_in_every_language() {
    let drivers = [
        (
            "c",
            "main.c",
            "#include <stdio.h>\nint add(int, int);\nint main(void) { int a, b; scanf(\"%d %d\", &a, &b); printf(\"%d\\n\", add(a, b)); }",
            "add.c",
            "int add(int a, int b) { return a + b; }",
        ),
        (
            "cpp",
            "main.cpp",
            CPP_DRIVER,
            "add.cpp",
            "int add(int a, int b) { return a + b; }",
        ),
        (
            "python3",
            "__main__.py",
            "from solution import add\nprint(add(*map(int, input().split())))",
            "solution.py",
            "def add(a, b): return a + b",
        ),
        (
            "java",
            "Main.java",
            "public class Main { public static void main(String[] x) { var in = new java.util.Scanner(System.in); System.out.println(Solution.add(in.nextInt(), in.nextInt())); } }",
            "Solution.java",
            "class Solution { static int add(int a, int b) { return a + b; } }",
        ),
    ];
    for (language, driver, driver_source, name, solution) in drivers {
        let mut workshop = Workshop::new();
        workshop.include(language, driver, driver_source);
        let judgement = workshop.judge(name, solution);
        assert_eq!(told(&judgement), "AC", "{judgement:?}");
        assert!(judgement.compile_log_is_jury);
    }
}

#[test]
fn a_driver_replaces_a_file_of_the_same_name_and_ignores_a_named_entry_point() {
    let mut workshop = Workshop::new();
    workshop.include("python3", "__main__.py", "import solution\nprint(7)");
    let mut own = source(&[
        ("__main__.py", "print('mine')"),
        ("solution.py", "print('', end='')"),
    ]);
    own.entry_point = Some("solution.py".to_owned());
    assert_eq!(told(&workshop.try_judge(&own).unwrap()), "AC");
}

#[test]
fn the_default_include_directory_is_for_languages_without_their_own() {
    let mut workshop = Workshop::new();
    workshop.include("default", "seven.txt", "7");
    let judgement = workshop.judge("main.py", "print(open('seven.txt').read())");
    assert_eq!(told(&judgement), "AC", "{judgement:?}");
}

#[test]
fn changing_only_the_driver_compiles_again() {
    let mut workshop = Workshop::new();
    let solution = "int add(int a, int b) { return a + b; }";
    workshop.include("cpp", "main.cpp", CPP_DRIVER);
    let before = workshop.judge("add.cpp", solution);
    workshop.include(
        "cpp",
        "main.cpp",
        &CPP_DRIVER.replace("add(a, b) <<", "add(a, b) + 1 <<"),
    );
    let after = workshop.judge("add.cpp", solution);
    assert_eq!((told(&before), told(&after)), ("AC".into(), "WA".into()));
    assert_ne!(before.source_digest, after.source_digest);
    assert_eq!(workshop.compiles, 2);
}
