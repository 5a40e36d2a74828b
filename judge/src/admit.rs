//! Before anything runs: can this host honour the package, and is there something a compiler could be given?

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::compile::Unit;
use crate::package::{OutputValidator, Package};
use crate::program::read_files;
use crate::{Fault, Language, LanguageError, Languages, Reason, Source, SourceFile};

/// Refuses what this judge cannot run wholly, and demands that exceed the host: running it under less would be a wrong verdict.
pub(crate) fn check_package(package: &Package, host_memory_bytes: u64) -> Result<(), Fault> {
    let refuse = |why| {
        Err(Fault::Package {
            package: package.id.clone(),
            why,
        })
    };
    if let Some(feature) = not_run_yet(package) {
        return refuse(format!("{feature} not supported"));
    }
    let limits = &package.limits;
    let demands = [
        ("memory", limits.memory_bytes),
        ("compilation_memory", limits.compilation_memory_bytes),
        ("validation_memory", limits.validation_memory_bytes),
    ];
    for (key, bytes) in demands {
        if bytes > host_memory_bytes {
            let line = limits.given.get(key).copied().unwrap_or(1);
            return refuse(format!(
                "problem.yaml:{line}: limits.{key} is {} MiB and this host has {} MiB; lower it or judge on a larger host",
                bytes >> 20,
                host_memory_bytes >> 20
            ));
        }
    }
    Ok(())
}

/// The package with its open limits lowered to what this host can give.
pub(crate) fn on_host(package: &Package, host_memory_bytes: u64) -> Cow<'_, Package> {
    let limits = package.limits.on_host(host_memory_bytes);
    if limits == package.limits {
        return Cow::Borrowed(package);
    }
    Cow::Owned(Package {
        limits,
        ..package.clone()
    })
}

/// What a package may ask for and no part of the judge does yet.
fn not_run_yet(package: &Package) -> Option<&'static str> {
    let kind = package.kind;
    let several = matches!(package.validator, OutputValidator::All(_));
    (several && (kind.interactive || kind.passes.is_some() || kind.scoring))
        .then_some("several output validators of an interactive, multi-pass or scoring problem are")
}

/// What the compiler will see; the inner `Err` is why the submission itself is refused.
pub(crate) fn unit<'a>(
    languages: &'a Languages,
    package: &Package,
    source: &Source,
) -> Result<Result<Unit<'a>, Reason>, Fault> {
    if let Some(reason) = source.refusal(package.limits.code_bytes) {
        return Ok(Err(reason));
    }
    let language = match languages.detect(source) {
        Ok(language) => language,
        Err(error) => return Ok(Err(Reason::new(error.code(), [error]))),
    };
    if let Some(allowed) = &package.languages
        && !language
            .codes()
            .any(|code| allowed.iter().any(|it| it == code))
    {
        return Ok(Err(Reason::new("language-not-allowed", [&language.id])));
    }
    let own = language
        .codes()
        .find(|code| package.include.contains_key(*code));
    let include = read_files(package.include_files(own.unwrap_or(&language.id)))?;
    Ok(Ok(laid_over(language, source, include)))
}

/// A program of the package's own (a validator): no include files, no limit on its size.
pub(crate) fn unit_as_it_is<'a>(
    languages: &'a Languages,
    source: &Source,
) -> Result<Unit<'a>, LanguageError> {
    let language = languages.detect(source)?;
    Ok(laid_over(language, source, Vec::new()))
}

/// The submission with the include files in place of its own of the same name; and its own in place of the language's.
fn laid_over<'a>(language: &'a Language, source: &Source, include: Vec<SourceFile>) -> Unit<'a> {
    let has_include_files = !include.is_empty();
    let driver = language.driver_name();
    let driven = include
        .iter()
        .any(|file| Some(file.name.as_str()) == driver);
    let helpers = language.files.iter().map(|(name, content)| SourceFile {
        name: name.clone(),
        content: content.clone().into_bytes(),
    });
    let files = helpers.chain(source.files.iter().cloned()).chain(include);
    let files: BTreeMap<String, SourceFile> = files.map(|file| (file.name.clone(), file)).collect();
    let mut unit = Unit {
        language,
        files: files.into_values().collect(),
        entry_points: Vec::new(),
        has_include_files,
    };
    let named = source.entry_point.as_deref();
    unit.entry_points = language.entry_points(named, driven, &unit.sources());
    unit
}
