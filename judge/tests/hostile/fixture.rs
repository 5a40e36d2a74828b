//! One program of the corpus, with what its path says of it.

use std::fs;
use std::path::{Path, PathBuf};

use judge::SourceFile;

/// Which part the program plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Run,
    Files,
    Compile,
    Validator,
    Passes,
    Interactive,
}

pub(crate) struct Fixture {
    /// Its path below `programs/`.
    pub(crate) name: String,
    pub(crate) place: Place,
    /// Verdicts that it may get.
    pub(crate) allowed: Vec<String>,
    pub(crate) files: Vec<SourceFile>,
    pub(crate) entry_point: Option<String>,
}

const PLACES: [(&str, Place); 6] = [
    ("run", Place::Run),
    ("files", Place::Files),
    ("compile", Place::Compile),
    ("validator", Place::Validator),
    ("passes", Place::Passes),
    ("interactive", Place::Interactive),
];

/// What C programs of the corpus have in common; submitted beside those that ask for it.
const HEADER: &str = "hostile.h";

/// What judges those that have several passes, and talks to those that are interactive.
const INTERACTOR: &str = "interactor.c";

pub(crate) fn interactor() -> SourceFile {
    read(&programs().join(INTERACTOR))
}

/// Every program in `programs/`.
pub(crate) fn all() -> Vec<Fixture> {
    let header = read(&programs().join(HEADER));
    let mut all = Vec::new();
    for (folder, place) in PLACES {
        for verdicts in listed(&programs().join(folder)) {
            for program in listed(&verdicts) {
                all.push(fixture(place, &program, &header));
            }
        }
    }
    all
}

/// Where the corpus is; a machine or container that gets it as a copy says so.
fn programs() -> PathBuf {
    std::env::var_os("TRIBUNAL_HOSTILE_PROGRAMS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile/programs"),
        PathBuf::from,
    )
}

fn fixture(place: Place, path: &Path, header: &SourceFile) -> Fixture {
    let mut files = if path.is_dir() {
        listed(path).iter().map(|file| read(file)).collect()
    } else {
        vec![read(path)]
    };
    let asks = |file: &SourceFile| String::from_utf8_lossy(&file.content).contains(HEADER);
    if files.iter().any(asks) {
        files.push(header.clone());
    }
    let name = path.strip_prefix(programs()).unwrap();
    let verdicts = name.iter().nth(1).unwrap().to_string_lossy();
    Fixture {
        name: name.display().to_string(),
        place,
        allowed: verdicts.split(',').map(str::to_owned).collect(),
        files,
        entry_point: None,
    }
}

fn read(path: &Path) -> SourceFile {
    SourceFile {
        name: path.file_name().unwrap().to_string_lossy().into_owned(),
        content: fs::read(path).unwrap(),
    }
}

fn listed(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}
