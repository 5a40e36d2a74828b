//! What a package's validator may be: sources in some language, or scripts that build and start it.

use judge::Fault;
use judge::package::OutputValidator;

use crate::workshop::{Workshop, source, told};

/// In C, accepts what equals the answer.
const C_SOURCE: &str = r#"
#include <stdio.h>
int main(int argc, char **argv) {
    int expected, got;
    FILE *answer = fopen(argv[2], "r");
    if (argc < 4 || !answer || fscanf(answer, "%d", &expected) != 1) return 1;
    return scanf("%d", &got) == 1 && got == expected ? 42 : 43;
}
"#;

fn verdicts(workshop: &mut Workshop) -> [String; 2] {
    ["print(7)", "print(8)"].map(|program| workshop.verdict("main.py", program))
}

fn refusal(workshop: &mut Workshop) -> String {
    match workshop.try_judge(&source(&[("main.py", "print(7)")])) {
        Err(Fault::Package { why, .. }) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_build_script_makes_the_program_that_judges() {
    let mut workshop = Workshop::new();
    let build = "#!/bin/sh\nset -e\ncc -o run src/check.c\n";
    workshop.validator_of(&[("build", build), ("src/check.c", C_SOURCE)]);
    assert_eq!(verdicts(&mut workshop), ["AC", "WA"]);
}

#[test]
fn a_run_script_is_the_program_and_finds_its_files() {
    let mut workshop = Workshop::new();
    let run = "#!/bin/sh\nread got\nread expected < \"$2\"\n\
               [ \"$got\" = \"$expected\" ] && exit $(cat \"$(dirname \"$0\")/yes.txt\")\nexit 43\n";
    workshop.validator_of(&[("run", run), ("yes.txt", "42")]);
    assert_eq!(verdicts(&mut workshop), ["AC", "WA"]);
}

#[test]
fn scripts_that_name_no_interpreter_are_run_by_the_shell() {
    let mut workshop = Workshop::new();
    let build = "mv script run\n";
    let script =
        "read got\nread expected < \"$2\"\n[ \"$got\" = \"$expected\" ] && exit 42\nexit 43\n";
    workshop.validator_of(&[("build", build), ("script", script)]);
    assert_eq!(verdicts(&mut workshop), ["AC", "WA"]);
}

#[test]
fn a_program_is_built_once_and_again_when_a_byte_of_it_changes() {
    let mut workshop = Workshop::new();
    // A random mark tells one build from another.
    let build = "#!/bin/sh\nhead -c 8 /dev/urandom | od -An -tx1 > mark\n";
    let run = "#!/bin/sh\ncp \"$(dirname \"$0\")/mark\" \"$3/judgemessage.txt\"\nexit 42\n";
    let mark = |workshop: &mut Workshop| {
        let judgement = workshop.judge("main.py", "print(7)");
        judgement.cases[0].jury_message.clone()
    };
    workshop.validator_of(&[("build", build), ("run", run)]);
    let first = mark(&mut workshop);
    assert_eq!(first.trim().len(), 23, "{first:?}");
    assert_eq!(mark(&mut workshop), first);
    workshop.validator_of(&[("build", build), ("run", run), ("notes.txt", "new")]);
    assert_ne!(mark(&mut workshop), first);
}

#[test]
fn a_build_that_fails_or_leaves_no_program_is_refused_by_name() {
    let mut workshop = Workshop::new();
    workshop.validator_of(&[("build", "#!/bin/sh\necho no luck\nexit 3\n")]);
    let why = refusal(&mut workshop);
    assert!(
        why.contains("compiler-status 3") && why.contains("no luck"),
        "{why}"
    );
    workshop.validator_of(&[("build", "#!/bin/sh\ntrue\n")]);
    let why = refusal(&mut workshop);
    assert!(why.contains("no-entry-point run"), "{why}");
}

#[test]
fn a_build_is_held_to_the_limits_of_a_compiler() {
    let mut workshop = Workshop::new();
    workshop.package.limits.compilation_time = std::time::Duration::from_millis(300);
    workshop.validator_of(&[("build", "#!/bin/sh\nwhile :; do :; done\n")]);
    let why = refusal(&mut workshop);
    assert!(why.contains("compile-time-limit"), "{why}");
}

#[test]
fn a_legacy_validator_may_be_in_any_language_and_a_2025_09_one_in_those_it_names() {
    const JAVA: &str = "import java.util.Scanner;\n\
        public class Check { public static void main(String[] args) throws Exception {\n\
        int expected = new Scanner(new java.io.File(args[1])).nextInt();\n\
        System.exit(new Scanner(System.in).nextInt() == expected ? 42 : 43); } }\n";
    let mut workshop = Workshop::new();
    workshop.validator_of(&[("Check.java", JAVA)]);
    let why = refusal(&mut workshop);
    assert!(why.contains("Java") && why.contains("Python 3"), "{why}");
    workshop.package.format_version = "legacy".to_owned();
    assert_eq!(verdicts(&mut workshop), ["AC", "WA"]);
}

/// Accepts a number that leaves this remainder by this modulus.
fn remainder(modulus: u32, remainder: u32) -> String {
    format!(
        "import sys\nleft = int(sys.stdin.read()) % {modulus}\n\
         open(sys.argv[3] + 'judgemessage.txt', 'w').write(f'{{left}} by {modulus};' + ' '.join(sys.argv[4:]))\n\
         sys.exit(42 if left == {remainder} else 43)\n"
    )
}

#[test]
fn of_several_validators_all_must_accept() {
    let mut workshop = Workshop::new();
    let programs = [
        ("output_validators/two", remainder(2, 1)),
        ("output_validators/three", remainder(3, 1)),
    ];
    let programs = programs.map(|(name, check)| workshop.program(name, &[("check.py", &check)]));
    workshop.package.validator = OutputValidator::All(programs.to_vec());
    let case = &mut workshop.package.cases[0];
    case.validator_args = vec!["all".to_owned()];
    case.named_validator_args.insert(
        "output_validators/three".to_owned(),
        vec!["third".to_owned()],
    );
    for (answer, verdict, message) in [
        (7, "AC", "1 by 2;all1 by 3;third"),
        (9, "WA", "1 by 2;all0 by 3;third"),
        // The first no is the last word.
        (4, "WA", "0 by 2;all"),
    ] {
        let judgement = workshop.judge("main.py", &format!("print({answer})"));
        assert_eq!(told(&judgement), verdict);
        assert_eq!(judgement.cases[0].jury_message, message);
    }
}
