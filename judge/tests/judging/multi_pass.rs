//! Multi-pass problems, and those that are interactive as well.

use std::time::Duration;

use judge::{Fault, Judgement, Verdict};

use crate::workshop::{Workshop, source, told};

/// Prints its input with one more `x`.
const GROW: &str = "print(input() + 'x')\n";

/// What validators here begin with.
const BEGIN: &str = "import os, sys\nhere = sys.argv[3]\ninput_text = open(sys.argv[1]).read().strip()\n\
                     def leave(name, text): open(here + name, 'w').write(text)\n";

fn passes(count: u32, validator: &str) -> Workshop {
    let mut workshop = Workshop::new();
    workshop.package.kind.passes = Some(count);
    workshop.clear_cases();
    workshop.add_case("secret/1", "a\n", "axxx\n");
    workshop.validator("check.py", &format!("{BEGIN}{validator}"));
    workshop
}

fn judged(count: u32, validator: &str) -> Result<Judgement, Fault> {
    passes(count, validator).try_judge(&source(&[("main.py", GROW)]))
}

fn complaint(count: u32, validator: &str) -> String {
    match judged(count, validator) {
        Err(Fault::Validator { case, what }) if case == "secret/1" => what,
        other => panic!("{other:?}"),
    }
}

/// Feeds the output back until it is the answer.
const FEED_BACK: &str = "
got = sys.stdin.read().strip()
if got != input_text + 'x': sys.exit(43)
if got != open(sys.argv[2]).read().strip(): leave('nextpass.in', got + '\\n')
sys.exit(42)
";

#[test]
fn every_pass_gets_the_input_that_the_last_one_left() {
    for (count, expected) in [(3, Some("AC")), (2, None)] {
        let judged = judged(count, FEED_BACK);
        match expected {
            Some(verdict) => assert_eq!(told(&judged.unwrap()), verdict),
            None => assert!(
                matches!(&judged, Err(Fault::Validator { what, .. }) if what.contains("2 passes")),
                "{judged:?}"
            ),
        }
    }
}

#[test]
fn a_wrong_answer_in_any_pass_ends_the_case() {
    let mut workshop = passes(3, FEED_BACK);
    let stops = "line = input()\nprint(line + ('x' if line != 'ax' else 'y'))\n";
    assert_eq!(workshop.verdict("main.py", stops), "WA");
    let crashes = "line = input()\nassert line != 'axx'\nprint(line + 'x')\n";
    assert_eq!(workshop.verdict("main.py", crashes), "RTE exit-status 1");
    let silent = "line = input()\nif line != 'axx': print(line + 'x')\n";
    assert_eq!(workshop.verdict("main.py", silent), "WA no-output");
}

#[test]
fn feedback_is_kept_between_the_passes_and_the_last_word_is_the_first() {
    let validator = "
open(here + 'judgemessage.txt', 'a').write(input_text + ';')
seen = len(open(here + 'judgemessage.txt').read().split(';')) - 1
assert not os.path.exists(here + 'nextpass.in')
if seen < 3: leave('nextpass.in', input_text + str(seen))
sys.exit(42)
";
    let judgement = judged(3, validator).unwrap();
    assert_eq!(told(&judgement), "AC");
    assert_eq!(judgement.cases.len(), 1);
    assert_eq!(judgement.cases[0].jury_message, "a;a1;a12;");
}

#[test]
fn limits_hold_for_each_pass_and_the_slowest_is_reported() {
    let validator = "
if input_text == 'a': leave('nextpass.in', 'b')
sys.exit(42)
";
    let mut workshop = passes(2, validator);
    workshop.package.limits.time = Some(Duration::from_secs(30));
    let busy = "import time\nword = input()\nwhile time.process_time() < (0.5 if word == 'a' else 0): pass\n";
    let judgement = workshop.judge("main.py", busy);
    assert_eq!(told(&judgement), "AC");
    let cpu = judgement.cases[0].cpu;
    assert!(cpu >= Duration::from_millis(500), "{cpu:?}");
    workshop.package.limits.time = Some(Duration::from_millis(300));
    let late = "if input() == 'b':\n    while True: pass\n";
    assert_eq!(workshop.judge("main.py", late).verdict, Verdict::TimeLimit);
}

#[test]
fn nothing_of_the_program_is_left_from_one_pass_to_the_next() {
    let mut workshop = passes(
        2,
        "
if input_text == 'a': leave('nextpass.in', 'b')
sys.exit(42 if sys.stdin.read() == 'fresh\\n' else 43)
",
    );
    workshop.package.allow_file_writing = true;
    let program = "import os\nplaces = ['mark', '/tmp/mark', '/dev/shm/mark']\n\
                   print('stale' if any(map(os.path.exists, places)) else 'fresh')\n\
                   for place in places: open(place, 'w').write('x')\n";
    assert_eq!(workshop.verdict("main.py", program), "AC");
}

#[test]
fn a_validator_that_rejects_and_asks_for_another_pass_is_a_fault() {
    let what = complaint(2, "leave('nextpass.in', 'b')\nsys.exit(43)\n");
    assert!(what.contains("rejects"), "{what}");
}

#[test]
fn a_validator_that_fails_is_a_fault_even_if_it_asks_for_another_pass() {
    let what = complaint(2, "leave('nextpass.in', 'b')\nsys.exit(1)\n");
    assert!(what.contains("Exited(1)"), "{what}");
}

#[test]
fn the_next_input_is_a_regular_file_of_bounded_size() {
    for make in [
        "os.symlink('/etc/passwd', here + 'nextpass.in')",
        "os.symlink('nowhere', here + 'nextpass.in')",
        "os.mkdir(here + 'nextpass.in')",
        "os.mkfifo(here + 'nextpass.in')",
        "open(here + 'nextpass.in', 'w').truncate(1 << 20 | 1)",
    ] {
        complaint(2, &format!("{make}\nsys.exit(42)\n"));
    }
}

#[test]
fn huge_feedback_is_the_validators_own_trouble() {
    // The directory is full before, and the write fails.
    let what = complaint(2, "leave('notes.txt', 'x' * (4 << 20))\nsys.exit(42)\n");
    assert!(
        what.contains("Exited(1)") || what.contains("OutputLimit"),
        "{what}"
    );
}

#[test]
fn without_passes_the_file_means_nothing() {
    let mut workshop = passes(2, "leave('nextpass.in', 'b')\nsys.exit(43)\n");
    workshop.package.kind.passes = None;
    assert_eq!(workshop.verdict("main.py", GROW), "WA");
}

#[test]
fn an_interactive_problem_may_have_passes_too() {
    // First pass: the program chooses a word. Second pass: it is told the word and must have known it all along.
    let validator = "
print(input_text, flush=True)
word = sys.stdin.readline().strip()
if input_text == 'a': leave('nextpass.in', 'again ' + word)
elif 'again ' + word != input_text: sys.exit(43)
sys.exit(42)
";
    let mut workshop = passes(2, validator);
    workshop.package.kind.interactive = true;
    let knows = "told = input()\nprint('pear')\n";
    assert_eq!(workshop.verdict("main.py", knows), "AC");
    let forgets = "told = input()\nprint('pear' if told == 'a' else 'plum')\n";
    assert_eq!(workshop.verdict("main.py", forgets), "WA");
    let crashes = "told = input()\nprint('pear', flush=True)\nassert told == 'a'\n";
    assert_eq!(workshop.verdict("main.py", crashes), "RTE exit-status 1");
}

#[test]
fn a_program_that_fails_after_a_yes_gets_no_further_pass() {
    let mut workshop = passes(2, "leave('nextpass.in', 'b')\nsys.exit(42)\n");
    workshop.package.kind.interactive = true;
    let judgement = workshop.judge("main.py", "import sys\nsys.stdin.read()\nsys.exit(5)\n");
    assert_eq!(told(&judgement), "RTE exit-status 5");
    assert_eq!(judgement.cases[0].verdict, Verdict::RunTimeError);
}
