//! Each language: right, not compiling, crashing, and a toolchain that is missing.

use std::time::Duration;

use judge::{Cancel, Fault, Languages, Verdict};

use crate::workshop::{Workshop, source, told};

/// Name, right program, one that does not compile, one that crashes and how.
const PROGRAMS: [[&str; 5]; 4] = [
    [
        "sum.c",
        "#include <stdio.h>\nint main(void) { int a, b; scanf(\"%d %d\", &a, &b); printf(\"%d\\n\", a + b); }",
        "int main(void) { return nothing; }",
        "#include <stdlib.h>\nint main(void) { abort(); }",
        "RTE signal SIGABRT",
    ],
    [
        "sum.cpp",
        "#include <iostream>\nint main() { int a, b; std::cin >> a >> b; std::cout << a + b << '\\n'; }",
        "int main() { return nothing; }",
        "#include <vector>\nint main() { return std::vector<int>().at(1); }",
        "RTE signal SIGABRT",
    ],
    [
        "sum.py",
        "print(sum(map(int, input().split())))",
        "print(",
        "raise ValueError",
        "RTE exit-status 1",
    ],
    [
        "Main.java",
        "public class Main { public static void main(String[] a) { var in = new java.util.Scanner(System.in); System.out.println(in.nextInt() + in.nextInt()); } }",
        "public class Main { int nothing() {} }",
        "public class Main { public static void main(String[] a) { throw new RuntimeException(); } }",
        "RTE exit-status 1",
    ],
];

#[test]
fn every_language_accepts_refuses_and_crashes() {
    let mut workshop = Workshop::new();
    for [name, right, broken, crashing, crash] in PROGRAMS {
        let judgement = workshop.judge(name, right);
        assert_eq!(told(&judgement), "AC", "{judgement:?}");
        assert!(!judgement.toolchain.is_empty());
        let judgement = workshop.judge(name, broken);
        assert_eq!(told(&judgement), "CE compiler-status 1", "{judgement:?}");
        assert!(!judgement.compile_log.is_empty());
        assert!(judgement.cases.is_empty());
        assert_eq!(workshop.verdict(name, crashing), crash, "{name}");
    }
}

#[test]
fn every_language_passes_its_self_test() {
    let mut workshop = Workshop::new();
    let cancel = Cancel::new().unwrap();
    for language in Languages::builtin().iter() {
        let version = workshop.worker.canary(&language.id, &cancel).unwrap();
        assert!(!version.is_empty(), "{}", language.id);
    }
}

fn with_broken_compiler(compiler: &str) -> Languages {
    let mut languages: Vec<_> = Languages::builtin().iter().cloned().collect();
    let python = languages
        .iter_mut()
        .find(|language| language.id == "python3")
        .unwrap();
    python.compile.command = vec![compiler.to_owned()];
    Languages::from_list(languages)
}

#[test]
fn a_missing_compiler_is_our_fault_and_never_a_compile_error() {
    let mut workshop = Workshop::with_languages(with_broken_compiler("/usr/bin/no-such-compiler"));
    let judged = workshop.try_judge(&source(&[("sum.py", "print(7)")]));
    let Err(Fault::NotAvailable { language, why }) = judged else {
        panic!("{judged:?}");
    };
    assert_eq!(language, "python3");
    assert!(why.contains("/usr/bin/no-such-compiler"), "{why}");
}

#[test]
fn a_compiler_that_refuses_everything_fails_the_canary() {
    let mut workshop = Workshop::with_languages(with_broken_compiler("/usr/bin/false"));
    let cancel = Cancel::new().unwrap();
    let tried = workshop.worker.canary("python3", &cancel);
    assert!(
        matches!(tried, Err(Fault::NotAvailable { .. })),
        "{tried:?}"
    );
    assert!(workshop.worker.canary("c", &cancel).is_ok());
}

#[test]
fn a_missing_interpreter_is_our_fault_and_never_a_crash() {
    let mut languages: Vec<_> = Languages::builtin().iter().cloned().collect();
    for language in &mut languages {
        if language.id == "python3" {
            language.run.command[0] = "/usr/bin/no-such-interpreter".to_owned();
        }
    }
    let mut workshop = Workshop::with_languages(Languages::from_list(languages));
    let judged = workshop.try_judge(&source(&[("sum.py", "print(7)")]));
    assert!(
        matches!(judged, Err(Fault::NotAvailable { .. })),
        "{judged:?}"
    );
}

#[test]
fn a_compile_that_takes_too_long_is_a_compile_error() {
    let mut workshop = Workshop::new();
    workshop.package.limits.compilation_time = Duration::from_millis(500);
    let bomb = "template<int N> struct S { static constexpr long v = S<N-1>::v + S<N-2>::v; };\n\
                constexpr long f(long n) { return n < 2 ? n : f(n - 1) + f(n - 2); }\n\
                constexpr long x = f(60);\nint main() { return x; }\n";
    let verdict = workshop.verdict("bomb.cpp", &format!("#pragma GCC optimize(\"O2\")\n{bomb}"));
    // Which of its own bounds or ours g++ meets first depends on its version; both are the submission's doing.
    assert!(verdict.starts_with("CE compile"), "{verdict}");
    let random = workshop.judge("random.c", "#include \"/dev/random\"\nint main(void) {}\n");
    assert_eq!(random.verdict, Verdict::CompileError, "{random:?}");
}

#[test]
fn a_compiler_is_shown_nothing_of_the_host_or_the_package() {
    let mut workshop = Workshop::new();
    let answer = workshop.package.cases[0].answer.clone();
    for path in [
        "/etc/shadow",
        "/etc/hostname",
        "/proc/1/environ",
        answer.to_str().unwrap(),
    ] {
        let quoting = format!("#include \"{path}\"\nint main(void) {{}}\n");
        let judgement = workshop.judge("quote.c", &quoting);
        assert_eq!(judgement.verdict, Verdict::CompileError, "{path}");
        let refused = ["No such file", "Permission denied"];
        let log = &judgement.compile_log;
        assert!(refused.iter().any(|why| log.contains(why)), "{path}: {log}");
    }
}

#[test]
fn a_flood_of_compiler_messages_is_cut() {
    let mut workshop = Workshop::new();
    let flood = format!("int main() {{ {} }}", "undeclared; ".repeat(4000));
    let judgement = workshop.judge("flood.cpp", &flood);
    assert_eq!(judgement.verdict, Verdict::CompileError);
    assert!(judgement.compile_log.len() <= 64 << 10);
}

#[test]
fn java_finds_its_main_class_and_fills_its_heap() {
    let mut workshop = Workshop::new();
    let solver = "class Solver { public static void main(String[] a) { System.out.println(7); } }";
    assert_eq!(workshop.verdict("Solver.java", solver), "AC");
    let hoarder = "import java.util.*; public class Main { public static void main(String[] a) { \
                   List<long[]> all = new ArrayList<>(); while (true) all.add(new long[100000]); } }";
    workshop.package.limits.memory_bytes = 64 << 20;
    assert_eq!(workshop.verdict("Main.java", hoarder), "MLE heap-limit");
    let deep = "public class Main { static int down(int n) { return n == 0 ? 0 : 1 + down(n - 1); } \
                public static void main(String[] a) { System.out.println(down(100000) - 99993); } }";
    assert_eq!(workshop.verdict("Main.java", deep), "AC");
    let nowhere = "class Other { } ";
    let right =
        "public class Main { public static void main(String[] a) { System.out.println(7); } }";
    assert_eq!(
        workshop.verdict("Main.java", nowhere),
        "CE no-entry-point Main Main"
    );
    let mut packaged = source(&[("Main.java", &format!("package org.example; {right}"))]);
    packaged.entry_point = Some("org.example.Main".to_owned());
    assert_eq!(told(&workshop.try_judge(&packaged).unwrap()), "AC");
}

#[test]
fn python_finds_its_main_file_and_its_neighbours() {
    let mut workshop = Workshop::new();
    let files = source(&[
        ("adder.py", "def add(a, b): return a + b"),
        (
            "main.py",
            "from adder import add\nprint(add(*map(int, input().split())))\nexit()",
        ),
    ]);
    assert_eq!(told(&workshop.try_judge(&files).unwrap()), "AC");
    let shadowing = source(&[
        ("token.py", "seven = 7"),
        ("main.py", "from token import seven\nprint(seven)"),
    ]);
    assert_eq!(told(&workshop.try_judge(&shadowing).unwrap()), "AC");
    let mut named = files.clone();
    named.entry_point = Some("adder.py".to_owned());
    assert_eq!(told(&workshop.try_judge(&named).unwrap()), "WA no-output");
}
