//! A head start saves time and changes nothing.

use std::path::{Path, PathBuf};
use std::time::Duration;

use judge::{Cancel, Languages};

use crate::workshop::{Workshop, source, told};

const RIGHT: &str = "#include <bits/stdc++.h>\nusing namespace std;\nint main() {\n    vector<int> v{4, 3};\n    \
                     ranges::sort(v);\n    map<string, int> m{{\"sum\", accumulate(v.begin(), v.end(), 0)}};\n    \
                     cout << m[\"sum\"] << '\\n';\n}\n";

/// Every file below `folder`.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(below(&path));
        } else {
            files.push(path);
        }
    }
    files
}

/// What the compiler left of the only program in the cache, which is then forgotten.
fn taken(workshop: &Workshop) -> Vec<(PathBuf, Vec<u8>)> {
    let programs = workshop.cache_dir().join("programs");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(programs).unwrap() {
        let entry = entry.unwrap().path();
        for file in below(&entry.join("files")) {
            let content = std::fs::read(&file).unwrap();
            files.push((file.strip_prefix(&entry).unwrap().to_owned(), content));
        }
        std::fs::remove_dir_all(entry).unwrap();
    }
    files.sort();
    files
}

#[test]
fn a_program_is_the_same_to_the_byte_with_and_without_a_head_start() {
    let java = "import java.util.*;\npublic class Main {\n    public static void main(String[] a) {\n        \
                List<Integer> l = new ArrayList<>(List.of(3, 4));\n        \
                System.out.println(l.stream().mapToInt(i -> i).sum());\n    }\n}\n";
    let kotlin = "data class P(val l: Int, val r: Int)\nfun main() {\n    \
                  val (l, r) = readLine()!!.split(\" \").map { it.toInt() }.let { P(it[0], it[1]) }\n    println(l + r)\n}\n";
    let pragma = format!("#pragma GCC optimize(\"O3\")\n{RIGHT}");
    let programs = [
        ("cpp", "a.cpp", RIGHT),
        ("cpp", "a.cpp", &pragma),
        ("java", "Main.java", java),
        ("kotlin", "main.kt", kotlin),
    ];
    let languages = Languages::builtin();
    for (language, name, text) in programs {
        if !languages.get(language).unwrap().is_installed() {
            // The others are on every host that runs the tests.
            assert_eq!(language, "kotlin");
            continue;
        }
        let mut workshop = Workshop::new();
        workshop.package.limits.time = Some(Duration::from_secs(20));
        workshop.package.limits.compilation_time = Duration::from_secs(120);
        assert_eq!(workshop.verdict(name, text), "AC");
        let without = taken(&workshop);
        let cancel = Cancel::new().unwrap();
        assert!(workshop.worker.prepare(language, &cancel), "{language}");
        assert_eq!(workshop.verdict(name, text), "AC");
        assert_eq!(workshop.compiles, 2);
        assert!(without == taken(&workshop), "{language} differs");
    }
}

#[test]
fn a_head_start_is_made_when_it_was_missed_often_enough() {
    let mut workshop = Workshop::new();
    for number in 1..=3 {
        assert!(below(&workshop.cache_dir().join("head-starts")).is_empty());
        let text = format!("{RIGHT}// {number}\n");
        assert_eq!(workshop.verdict("a.cpp", &text), "AC");
    }
    let made = below(&workshop.cache_dir().join("head-starts"));
    let header = made.iter().find(|path| path.ends_with("bits/stdc++.h.gch"));
    // Changed under our hands, it is made again, and nobody is judged by what it became.
    std::fs::write(header.unwrap(), "poison").unwrap();
    assert_eq!(workshop.verdict("a.cpp", &format!("{RIGHT}// 4\n")), "AC");
    let header = header.unwrap();
    assert!(std::fs::metadata(header).unwrap().len() > 1 << 20);
    // So it is when a header appears beside it, which the compiler would find before its own.
    let planted = header.parent().unwrap().with_file_name("iostream");
    std::fs::write(&planted, "#error poison\n").unwrap();
    let other = format!("{RIGHT}#include <iostream>\n");
    assert_eq!(workshop.verdict("a.cpp", &other), "AC");
    assert!(!planted.exists());
}

#[test]
fn a_head_start_that_cannot_be_made_fails_no_judgement() {
    let mut languages: Vec<_> = Languages::builtin().iter().cloned().collect();
    for language in languages.iter_mut().filter(|it| it.id == "cpp") {
        let head_start = language.compile.head_start.as_mut().unwrap();
        head_start.command = vec!["/usr/bin/false".to_owned()];
    }
    let mut workshop = Workshop::with_languages(Languages::from_list(languages));
    let cancel = Cancel::new().unwrap();
    assert!(!workshop.worker.prepare("cpp", &cancel));
    let judged = workshop.try_judge(&source(&[("a.cpp", RIGHT)])).unwrap();
    assert_eq!(told(&judged), "AC");
}
