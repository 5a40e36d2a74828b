//! Each language: right, not compiling, crashing, and a toolchain that is missing.

use std::path::{Path, PathBuf};
use std::time::Duration;

use judge::{Cancel, Fault, Languages, Source, SourceFile, Verdict};

use crate::workshop::{Workshop, source, told};

/// What `./test` installs: these are never skipped.
const INSTALLED: &str = include_str!("../fixtures/languages_of_every_host");

/// The folders below `folder`, by name.
fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// A program of the fixtures, in the language of its folder.
fn program(language: &str, folder: &Path) -> Source {
    let files = folders(folder).into_iter().map(|path| SourceFile {
        name: name(&path),
        content: std::fs::read(&path).unwrap(),
    });
    Source {
        files: files.collect(),
        language: Some(language.to_owned()),
        entry_point: None,
    }
}

/// Judges every program of `fixtures/languages/ID/VERDICT…/`; the folder's name begins with what it must get.
fn every_program_gets_what_its_folder_says(id: &str) {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/languages");
    let mut workshop = Workshop::new();
    let cancel = Cancel::new().unwrap();
    let version = workshop.worker.canary(id, &cancel).unwrap();
    assert!(!version.is_empty());
    let programs = folders(&fixtures.join(id));
    assert!(programs.len() >= 6, "{id} lacks a program");
    for folder in programs {
        let expected = name(&folder);
        let expected = expected.split('-').next().unwrap();
        // A program that ends by itself has all the time it needs, however busy the machine is.
        let seconds = if expected == "TLE" { 1 } else { 20 };
        workshop.package.limits.time = Some(Duration::from_secs(seconds));
        let judgement = workshop.try_judge(&program(id, &folder)).unwrap();
        let told = told(&judgement);
        assert!(told.starts_with(expected), "{folder:?}: {judgement:?}");
        assert_eq!(judgement.toolchain, version);
        if expected == "CE" {
            assert!(told.starts_with("CE compiler-status"), "{folder:?}: {told}");
            assert!(!judgement.compile_log.is_empty(), "{folder:?}");
        }
    }
}

#[test]
fn every_language_that_is_installed_here_accepts_refuses_crashes_and_is_stopped() {
    let others = Languages::builtin();
    let others = others.iter().map(|language| language.id.as_str());
    let others = others.filter(|id| !INSTALLED.lines().any(|installed| installed == *id));
    for id in others {
        let languages = Languages::builtin();
        if languages.get(id).unwrap().is_installed() {
            every_program_gets_what_its_folder_says(id);
        }
    }
}

#[test]
fn c_is_judged() {
    every_program_gets_what_its_folder_says("c");
}

#[test]
fn cpp_is_judged() {
    every_program_gets_what_its_folder_says("cpp");
}

#[test]
fn go_is_judged() {
    every_program_gets_what_its_folder_says("go");
}

#[test]
fn java_is_judged() {
    every_program_gets_what_its_folder_says("java");
}

#[test]
fn javascript_is_judged() {
    every_program_gets_what_its_folder_says("javascript");
}

#[test]
fn lua_is_judged() {
    every_program_gets_what_its_folder_says("lua");
}

#[test]
fn perl_is_judged() {
    every_program_gets_what_its_folder_says("perl");
}

#[test]
fn python_3_is_judged() {
    every_program_gets_what_its_folder_says("python3");
}

#[test]
fn ruby_is_judged() {
    every_program_gets_what_its_folder_says("ruby");
}

#[test]
fn rust_is_judged() {
    every_program_gets_what_its_folder_says("rust");
}

#[test]
fn every_language_has_programs_that_try_it() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/languages");
    for language in Languages::builtin().iter() {
        for verdict in ["AC", "AC-several-files", "CE", "RTE", "TLE", "MLE"] {
            let folder = fixtures.join(&language.id).join(verdict);
            assert!(folder.is_dir(), "no {}", folder.display());
        }
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
fn a_refusal_by_a_broken_compiler_is_our_fault_and_never_a_compile_error() {
    for broken in ["/usr/bin/false", "/usr/bin/true"] {
        let mut workshop = Workshop::with_languages(with_broken_compiler(broken));
        let judged = workshop.try_judge(&source(&[("sum.py", "print(")]));
        // `true` compiles nothing, which only shows where something must come of it.
        let expected = broken.ends_with("false");
        assert_eq!(judged.is_err(), expected, "{broken}: {judged:?}");
    }
}

#[test]
fn a_crash_of_a_broken_runtime_is_our_fault_and_never_the_programs() {
    let mut languages: Vec<_> = Languages::builtin().iter().cloned().collect();
    for language in &mut languages {
        if language.id == "python3" {
            language.run.command = vec!["/usr/bin/false".to_owned()];
        }
    }
    let mut workshop = Workshop::with_languages(Languages::from_list(languages));
    let judged = workshop.try_judge(&source(&[("sum.py", "print(7)")]));
    let Err(Fault::NotAvailable { language, why }) = judged else {
        panic!("{judged:?}");
    };
    assert_eq!(language, "python3");
    assert!(
        why.contains("self-test") && why.contains("apt-get"),
        "{why}"
    );
}

#[test]
fn a_toolchain_that_disappears_is_our_fault_though_it_was_there_before() {
    let home = tempfile::tempdir().unwrap();
    let needed = home.path().join("part-of-the-toolchain");
    std::fs::write(&needed, "").unwrap();
    let mut languages: Vec<_> = Languages::builtin().iter().cloned().collect();
    for language in &mut languages {
        language.needs.push(needed.clone());
    }
    let mut workshop = Workshop::with_languages(Languages::from_list(languages));
    assert_eq!(workshop.verdict("sum.py", "print(7)"), "AC");
    std::fs::remove_file(&needed).unwrap();
    let judged = workshop.try_judge(&source(&[("sum.py", "print(7)")]));
    let Err(Fault::NotAvailable { why, .. }) = judged else {
        panic!("{judged:?}");
    };
    assert!(why.contains("part-of-the-toolchain is missing"), "{why}");
    std::fs::write(&needed, "another version").unwrap();
    assert_eq!(workshop.verdict("sum.py", "print(7)"), "AC");
    assert_eq!(workshop.compiles, 2, "another toolchain compiles anew");
}

#[test]
fn a_variant_is_judged_by_what_the_package_says_of_its_language() {
    let languages = Languages::builtin();
    let mut variants: Vec<_> = languages.iter().cloned().collect();
    let python = languages.get("python3").unwrap();
    // A stand-in that is installed everywhere.
    let variant = variants.iter_mut().find(|it| it.id == "pypy3").unwrap();
    variant.compile = python.compile.clone();
    variant.run = python.run.clone();
    variant.version = python.version.clone();
    let mut workshop = Workshop::with_languages(Languages::from_list(variants));
    workshop.package.languages = Some(vec!["python3".to_owned()]);
    workshop.include("python3", "__main__.py", "import solution");
    let mut named = source(&[("solution.py", "print(7)")]);
    named.language = Some("pypy3".to_owned());
    let judgement = workshop.try_judge(&named).unwrap();
    assert_eq!(
        (told(&judgement), &*judgement.language),
        ("AC".into(), "pypy3")
    );
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
