//! The head starts of this process: made once for each toolchain, on disk for the next process, verified before the first use.
//!
//! Making one takes seconds and saves tenths, so it is made when it has been missed a few times. Nothing that goes wrong
//! here fails a judgement: the compiler does without.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sandbox::{Cancel, Ending, Mount, Program, Volume};

use super::compiler::compile_box;
use super::leavings::collect;
use super::{Artefact, ArtefactCache, CompileLimits, Unit, artefact_key};
use crate::Fault;
use crate::languages::{HeadStart, Language, Placeholders};
use crate::stamp::Stamp;
use crate::worker::Worker;

/// Where a compiler finds it.
const DIRECTORY: &str = "/head-start";
/// How often one must have been missed before it is made.
const MISSES: u32 = 3;
const BYTES: u64 = 512 << 20;
/// On disk, all together.
const CACHE_BYTES: u64 = 2 << 30;

/// By key: the toolchain's and the command's digest.
#[derive(Debug)]
pub(crate) struct HeadStarts {
    cache: ArtefactCache,
    known: Mutex<BTreeMap<String, State>>,
}

#[derive(Clone, Debug)]
enum State {
    /// How often it would have been of use.
    Missed(u32),
    /// Somebody makes it, or it could not be made; the toolchain's next version has another key.
    Without,
    Ready(Arc<Ready>),
}

/// What there is for one compile.
enum Found {
    Ready(Arc<Ready>),
    /// It does without.
    Nothing,
    /// It does without, unless it makes one.
    Missing,
}

/// Verified, and held against eviction. Who could write these files is us: a change since then shows in their stamps.
#[derive(Debug)]
pub(crate) struct Ready {
    artefact: Artefact,
    stamps: Vec<Stamp>,
}

impl Ready {
    fn new(artefact: Artefact) -> Ready {
        let stamps = stamps(&artefact);
        Ready { artefact, stamps }
    }

    pub(crate) fn mount(&self) -> Mount {
        Mount::ReadOnly {
            source: self.artefact.files.clone(),
            target: PathBuf::from(DIRECTORY),
        }
    }
}

/// Of its files and directories: a file more is a change too, since a compiler looks for headers there.
fn stamps(artefact: &Artefact) -> Vec<Stamp> {
    let files = artefact.manifest.files.iter();
    let paths: BTreeSet<&Path> = files.flat_map(|file| file.path.ancestors()).collect();
    let paths = paths.into_iter().map(|path| artefact.files.join(path));
    paths.map(|path| Stamp::of(&path)).collect()
}

impl HeadStarts {
    pub(crate) fn open(root: PathBuf) -> Result<HeadStarts, Fault> {
        Ok(HeadStarts {
            cache: ArtefactCache::open(root, CACHE_BYTES)?,
            known: Mutex::default(),
        })
    }

    /// The one with this key; who misses it for the `misses`th time is told to make it.
    fn get(&self, key: &str, misses: u32) -> Found {
        let mut known = self.lock();
        let state = known.entry(key.to_owned()).or_insert_with(|| {
            let artefact = self.cache.get(key).map(Ready::new).map(Arc::new);
            artefact.map_or(State::Missed(0), State::Ready)
        });
        match state {
            State::Ready(ready) if stamps(&ready.artefact) == ready.stamps => {
                Found::Ready(Arc::clone(ready))
            }
            State::Missed(missed) if *missed + 1 < misses => {
                *missed += 1;
                Found::Nothing
            }
            State::Without => Found::Nothing,
            // Missed often enough, or changed under our hands.
            State::Missed(_) | State::Ready(_) => {
                *state = State::Without;
                Found::Missing
            }
        }
    }

    fn ready(&self, key: &str, artefact: Artefact) -> Arc<Ready> {
        let ready = Arc::new(Ready::new(artefact));
        let state = State::Ready(Arc::clone(&ready));
        self.lock().insert(key.to_owned(), state);
        ready
    }

    /// Every change is one assignment, so a thread that died in between left nothing half done.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, State>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Worker {
    /// Makes the language's head start now, instead of after some compiles that miss it; tells whether there is one.
    pub fn prepare(&mut self, language_id: &str, cancel: &Cancel) -> bool {
        let shared = Arc::clone(&self.shared);
        let language = shared.languages.get(language_id);
        language.is_some_and(|language| self.head_start_of(language, 1, cancel).is_some())
    }

    /// What the compiler of `unit` may be given.
    pub(super) fn head_start(&mut self, unit: &Unit<'_>, cancel: &Cancel) -> Option<Arc<Ready>> {
        let head_start = unit.language.compile.head_start.as_ref()?;
        let files = unit.files.iter();
        let mut files = files.map(|file| (&file.content[..], unit.language.owns(&file.name)));
        let fits = match &head_start.only_for {
            Some(shape) => shape.fits(&mut files),
            None => true,
        };
        fits.then(|| self.head_start_of(unit.language, MISSES, cancel))?
    }

    fn head_start_of(
        &mut self,
        language: &Language,
        misses: u32,
        cancel: &Cancel,
    ) -> Option<Arc<Ready>> {
        let head_start = language.compile.head_start.as_ref()?;
        let toolchain = self.toolchain(language, cancel).ok()?;
        let key = artefact_key(&head_start.digest(), &toolchain.digest);
        let shared = Arc::clone(&self.shared);
        match shared.head_starts.get(&key, misses) {
            Found::Ready(ready) => Some(ready),
            Found::Nothing => None,
            Found::Missing => match self.make(language, head_start, &key, cancel) {
                Ok(artefact) => Some(shared.head_starts.ready(&key, artefact)),
                Err(error) => {
                    tracing::warn!(language = language.id, %error, "compiling goes on without a head start");
                    None
                }
            },
        }
    }

    fn make(
        &mut self,
        language: &Language,
        head_start: &HeadStart,
        key: &str,
        cancel: &Cancel,
    ) -> Result<Artefact, Fault> {
        let volume = Volume::new(BYTES, 256)?;
        for (name, content) in &head_start.files {
            volume.write(name, content.as_bytes(), 0o644)?;
        }
        let volume = Arc::new(volume);
        let limits = CompileLimits::generous(self.shared.slower);
        let outcome = self.run(maker(language, head_start, limits, &volume), cancel)?;
        let failed =
            |why: String| Fault::broken_toolchain(language, format!("its head start {why}"));
        if outcome.ending != Ending::Exited(0) {
            let said = String::from_utf8_lossy(&outcome.stderr);
            return Err(failed(format!("ended with {:?}: {said}", outcome.ending)));
        }
        let files = collect(&volume, BYTES)?.ok_or_else(|| failed("is too large".to_owned()))?;
        let cache = &self.shared.head_starts.cache;
        cache.put(key, &files, String::new(), String::new())
    }
}

fn maker(
    language: &Language,
    head_start: &HeadStart,
    limits: CompileLimits,
    volume: &Arc<Volume>,
) -> Program {
    let values = Placeholders {
        directory: DIRECTORY,
        compile_memory_mib: limits.memory_bytes >> 20,
        ..Placeholders::default()
    };
    let words = head_start.command.iter();
    let argv = words.map(|word| values.fill(word, 0)).collect();
    compile_box(language, argv, limits, volume, DIRECTORY)
}
