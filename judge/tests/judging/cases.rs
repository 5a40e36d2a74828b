//! Several cases: what decides, what each of them gets, and what none of them may leave behind.

use judge::{Cancel, Step, Verdict};

use crate::workshop::{Workshop, source, told};

/// Does what its input says.
const OBEDIENT: &str = r#"
import os, sys
words = sys.stdin.read().split()
if words[0] == "crash": os.abort()
if words[0] == "fail": sys.exit(5)
print(words[0])
"#;

#[test]
fn the_first_case_that_is_not_accepted_decides() {
    for stop_early in [true, false] {
        let mut workshop = Workshop::new();
        workshop.options.stop_early = stop_early;
        workshop.clear_cases();
        workshop.add_case("sample/1", "yes", "yes");
        workshop.add_case("secret/1", "no", "yes");
        workshop.add_case("secret/2", "crash", "yes");
        let judgement = workshop.judge("main.py", OBEDIENT);
        assert_eq!(told(&judgement), "WA");
        assert_eq!(judgement.case_count, 3);
        let verdicts: Vec<Verdict> = judgement.cases.iter().map(|case| case.verdict).collect();
        let all = [
            Verdict::Accepted,
            Verdict::WrongAnswer,
            Verdict::RunTimeError,
        ];
        let expected = if stop_early { &all[..2] } else { &all[..] };
        assert_eq!(verdicts, expected);
    }
}

#[test]
fn every_step_is_told_in_order() {
    let mut workshop = Workshop::new();
    workshop.clear_cases();
    workshop.add_case("sample/1", "yes", "yes");
    workshop.add_case("secret/1", "fail", "yes");
    let mut told = Vec::new();
    let mut on_step = |step| match step {
        Step::Compiling => told.push("compiling".to_owned()),
        Step::Case {
            index,
            total,
            result,
        } => told.push(format!(
            "{index}/{total} {} {}",
            result.name, result.verdict
        )),
    };
    workshop
        .worker
        .judge(
            &workshop.package,
            &source(&[("main.py", OBEDIENT)]),
            &workshop.options,
            &Cancel::new().unwrap(),
            &mut on_step,
        )
        .unwrap();
    assert_eq!(told, ["compiling", "0/2 sample/1 AC", "1/2 secret/1 RTE"]);
}

#[test]
fn a_case_brings_its_own_arguments_and_files() {
    let mut workshop = Workshop::new();
    workshop.clear_cases();
    let files = vec![workshop.file("data/secret/1.files/map.txt", "treasure")];
    let case = workshop.add_case("secret/1", "", "--north treasure");
    case.args = vec!["--north".to_owned()];
    case.files = files;
    workshop.add_case("secret/2", "", "False");
    let program = "import os, sys\nif len(sys.argv) > 1: print(sys.argv[1], open('map.txt').read())\n\
                   else: print(os.path.exists('map.txt'))\n";
    assert_eq!(workshop.verdict("main.py", program), "AC");
}

#[test]
fn nothing_is_left_from_one_case_to_the_next() {
    let mut workshop = Workshop::new();
    workshop.package.allow_file_writing = true;
    workshop.clear_cases();
    workshop.add_case("secret/1", "", "fresh");
    workshop.add_case("secret/2", "", "fresh");
    let program = "import os\nplaces = ['mark', '/tmp/mark', '/dev/shm/mark']\n\
                   print('stale' if any(map(os.path.exists, places)) else 'fresh')\n\
                   for place in places:\n    try: open(place, 'w').write('x')\n    except OSError: pass\n\
                   assert os.path.exists('mark')\n";
    assert_eq!(workshop.verdict("main.py", program), "AC");
}

#[test]
fn the_working_directory_is_read_only_unless_the_package_allows_writing() {
    let program =
        "try:\n    open('mark', 'w')\n    print('written')\nexcept OSError: print('refused')\n";
    for (allowed, answer) in [(false, "refused"), (true, "written")] {
        let mut workshop = Workshop::new();
        workshop.package.allow_file_writing = allowed;
        workshop.clear_cases();
        workshop.add_case("secret/1", "", answer);
        assert_eq!(workshop.verdict("main.py", program), "AC", "{allowed}");
    }
}

#[test]
fn the_answer_is_nowhere_to_be_found() {
    let mut workshop = Workshop::new();
    workshop.clear_cases();
    workshop.add_case("secret/1", "", "nothing");
    let program = "import os\nfound = [os.path.join(d, f) for d, _, fs in os.walk('/') for f in fs if f.endswith('.ans') or f == 'answer']\n\
                   print(*found or ['nothing'])\n";
    assert_eq!(workshop.verdict("main.py", program), "AC");
}

#[test]
fn the_environment_is_fixed() {
    let mut workshop = Workshop::new();
    workshop.clear_cases();
    workshop.add_case("secret/1", "", "HOME LC_ALL PATH TZ");
    let program = "import os\nprint(*sorted(name for name in os.environ if name != 'LC_CTYPE'))\n";
    assert_eq!(workshop.verdict("main.py", program), "AC");
}
