//! The packages that come with the product are read without a word of warning.

use std::fs;
use std::path::PathBuf;

use judge::package::Package;

fn problems() -> anyhow::Result<Vec<PathBuf>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../problems");
    let mut problems: Vec<_> = fs::read_dir(folder)?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.join("problem.yaml").is_file())
        .collect();
    problems.sort();
    Ok(problems)
}

#[test]
fn every_package_of_ours_is_read_strictly() -> anyhow::Result<()> {
    let problems = problems()?;
    assert!(!problems.is_empty());
    for problem in problems {
        let package = Package::load(&problem)?;
        assert_eq!(package.warnings, [], "{}", package.id);
        assert!(!package.cases.is_empty(), "{}", package.id);
        assert!(!package.submissions.is_empty(), "{}", package.id);
    }
    Ok(())
}
