//! The cache under damage, and under its writers' deaths.

use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use super::*;

fn program(content: &str) -> Vec<ArtefactFile> {
    vec![ArtefactFile {
        path: PathBuf::from("package/Main.class"),
        executable: false,
        content: content.as_bytes().to_vec(),
    }]
}

fn put(cache: &ArtefactCache, key: &str, content: &str) -> anyhow::Result<Artefact> {
    Ok(cache.put(key, &program(content), "Main".into(), "log".into())?)
}

#[test]
fn what_is_put_is_found_again_by_another_process() -> anyhow::Result<()> {
    let root = tempfile::tempdir()?;
    put(&ArtefactCache::open(root.path().into(), 1 << 20)?, "k", "x")?;
    let artefact = ArtefactCache::open(root.path().into(), 1 << 20)?.get("k");
    let artefact = artefact.ok_or_else(|| anyhow::anyhow!("missing"))?;
    assert_eq!(artefact.manifest.entry_point, "Main");
    assert_eq!(artefact.manifest.compile_log, "log");
    let path = artefact.files.join("package/Main.class");
    assert_eq!(fs::read(path)?, b"x");
    Ok(())
}

/// What may happen to an entry that lies there.
const DAMAGES: [&str; 8] = [
    "content",
    "mode",
    "manifest",
    "stranger",
    "empty directory",
    "link",
    "another's",
    "gone",
];

#[test]
fn a_damaged_entry_counts_as_missing_and_is_replaced() -> anyhow::Result<()> {
    let root = tempfile::tempdir()?;
    let cache = ArtefactCache::open(root.path().into(), 1 << 20)?;
    let elsewhere = root.path().join("elsewhere");
    for damage in DAMAGES {
        let artefact = put(&cache, "k", "true program")?;
        let file = artefact.files.join("package/Main.class");
        drop(artefact);
        match damage {
            "content" => fs::write(&file, "poisoned")?,
            "mode" => fs::set_permissions(&file, fs::Permissions::from_mode(0o755))?,
            "manifest" => fs::write(root.path().join("k/manifest.json"), "{")?,
            "stranger" => fs::write(file.with_file_name("Other.class"), "poison")?,
            "empty directory" => fs::create_dir(file.with_file_name("more"))?,
            "link" => {
                fs::rename(&file, &elsewhere)?;
                std::os::unix::fs::symlink(&elsewhere, &file)?;
            }
            "another's" => {
                drop(put(&cache, "other", "another program")?);
                fs::remove_dir_all(root.path().join("k"))?;
                fs::rename(root.path().join("other"), root.path().join("k"))?;
            }
            _ => fs::remove_file(&file)?,
        }
        assert!(cache.get("k").is_none(), "{damage}");
        let rebuilt = put(&cache, "k", "true program")?;
        assert_eq!(
            fs::read(rebuilt.files.join("package/Main.class"))?,
            b"true program"
        );
    }
    Ok(())
}

#[test]
fn the_least_recently_used_goes_first_and_nothing_in_use_goes() -> anyhow::Result<()> {
    let root = tempfile::tempdir()?;
    let cache = ArtefactCache::open(root.path().into(), 100)?;
    let kilo = "x".repeat(40);
    let held = put(&cache, "held", &kilo)?;
    drop(put(&cache, "idle", &kilo)?);
    for (age, key) in [(20, "held"), (10, "idle")] {
        let manifest = File::options()
            .write(true)
            .open(root.path().join(key).join("manifest.json"))?;
        manifest.set_modified(SystemTime::now() - Duration::from_secs(age))?;
    }
    drop(put(&cache, "new", &kilo)?);
    assert!(cache.get("held").is_some(), "it is in use");
    assert!(cache.get("idle").is_none(), "it was the oldest not in use");
    assert!(cache.get("new").is_some());
    drop(held);
    Ok(())
}

#[test]
fn what_a_killed_process_left_is_swept_away() -> anyhow::Result<()> {
    let root = tempfile::tempdir()?;
    for (name, age) in [(".new-old", STALE * 2), (".new-young", Duration::ZERO)] {
        fs::create_dir(root.path().join(name))?;
        let directory = File::open(root.path().join(name))?;
        directory.set_modified(SystemTime::now() - age)?;
    }
    ArtefactCache::open(root.path().into(), 100)?;
    assert!(!root.path().join(".new-old").exists());
    assert!(root.path().join(".new-young").exists());
    Ok(())
}

#[test]
fn a_path_that_leaves_the_directory_is_refused() -> anyhow::Result<()> {
    let root = tempfile::tempdir()?;
    let cache = ArtefactCache::open(root.path().into(), 100)?;
    let mut files = program("x");
    files[0].path = PathBuf::from("../../escape");
    assert!(
        cache
            .put("k", &files, String::new(), String::new())
            .is_err()
    );
    Ok(())
}

#[test]
fn an_entry_of_which_a_power_cut_kept_only_a_part_counts_as_missing() -> anyhow::Result<()> {
    let root = tempfile::tempdir()?;
    let cache = ArtefactCache::open(root.path().into(), 1 << 20)?;
    for part in ["k/manifest.json", "k/files/package/Main.class"] {
        drop(put(&cache, "k", "a program")?);
        let path = root.path().join(part);
        let whole = fs::read(&path)?;
        for kept in 0..whole.len() {
            fs::write(&path, &whole[..kept])?;
            assert!(cache.get("k").is_none(), "{kept} bytes of {part}");
        }
        // What the file system had room for and never wrote reads as zeros.
        fs::write(&path, vec![0; whole.len()])?;
        assert!(cache.get("k").is_none(), "zeros in {part}");
        fs::write(&path, &whole)?;
        assert!(cache.get("k").is_some());
    }
    Ok(())
}

/// Where the process below writes; it is this test's own program once more.
const WRITER: &str = "TRIBUNAL_TEST_CACHE_WRITER";
const WRITER_TEST: &str =
    "compile::cache::tests::an_entry_whose_writer_was_killed_half_way_is_never_used";
/// Takes long enough to write that somebody can look on.
const LARGE_BYTES: usize = 48 << 20;

#[test]
fn an_entry_whose_writer_was_killed_half_way_is_never_used() -> anyhow::Result<()> {
    if let Some(root) = std::env::var_os(WRITER) {
        let cache = ArtefactCache::open(root.into(), 1 << 30)?;
        let content = "x".repeat(LARGE_BYTES);
        return put(&cache, "k", &content).map(drop);
    }
    let mut killed_half_way = 0;
    for _ in 0..20 {
        let root = tempfile::tempdir()?;
        let mut writer = start_writer(root.path())?;
        wait_for_a_part(root.path(), &mut writer)?;
        writer.kill()?;
        writer.wait()?;
        let cache = ArtefactCache::open(root.path().into(), 1 << 30)?;
        if root.path().join("k").exists() {
            assert!(cache.get("k").is_some(), "renamed, so all of it is there");
            continue;
        }
        killed_half_way += 1;
        assert!(cache.get("k").is_none());
        assert_eq!(cache.bytes.load(Ordering::Relaxed), 0);
        let anew = put(&cache, "k", "a program")?;
        assert_eq!(
            fs::read(anew.files.join("package/Main.class"))?,
            b"a program"
        );
        if killed_half_way == 2 {
            return Ok(());
        }
    }
    anyhow::bail!("no writer was killed half way, but {killed_half_way}")
}

fn start_writer(root: &Path) -> anyhow::Result<Child> {
    let child = Command::new(std::env::current_exe()?)
        .args(["--exact", WRITER_TEST])
        .env(WRITER, root)
        .stdout(Stdio::null())
        .spawn()?;
    Ok(child)
}

/// Until some bytes of the large file are there, or the writer is through.
fn wait_for_a_part(root: &Path, writer: &mut Child) -> anyhow::Result<()> {
    let start = Instant::now();
    while writer.try_wait()?.is_none() {
        let entries = fs::read_dir(root)?.flatten();
        let mut files = entries.map(|entry| entry.path().join("files/package/Main.class"));
        if files.any(|file| fs::metadata(file).is_ok_and(|file| file.len() > 0)) {
            break;
        }
        anyhow::ensure!(start.elapsed() < Duration::from_secs(60), "it never writes");
    }
    Ok(())
}
