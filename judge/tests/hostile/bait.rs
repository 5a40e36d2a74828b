//! What hostile programs are after: things of the host that every process of the host could have.

use std::fmt::Write;
use std::fs;
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::{Path, PathBuf};

/// A variable of our environment whose value nobody may see.
pub(crate) const VARIABLE: &str = "TRIBUNAL_HOSTILE_SECRET";

/// Open to everybody by its permissions, so that only the sandbox is in the way.
pub(crate) struct Bait {
    folder: PathBuf,
    /// The words that must never come back.
    token: String,
    port: TcpListener,
    path: UnixListener,
    name: UnixListener,
    untouched: String,
}

impl Bait {
    /// Lays it out in `folder`, which must not exist.
    pub(crate) fn lay(folder: PathBuf) -> Bait {
        fs::create_dir(&folder).unwrap();
        allow(&folder, 0o777);
        let token = std::env::var(VARIABLE).unwrap();
        for (name, mode) in [("secret", 0o644), ("writable", 0o666)] {
            fs::write(folder.join(name), &token).unwrap();
            allow(&folder.join(name), mode);
        }
        let path = UnixListener::bind(folder.join("socket")).unwrap();
        allow(&folder.join("socket"), 0o777);
        let name = SocketAddr::from_abstract_name(abstract_name()).unwrap();
        let mut bait = Bait {
            port: TcpListener::bind("127.0.0.1:0").unwrap(),
            path,
            name: UnixListener::bind_addr(&name).unwrap(),
            untouched: String::new(),
            folder,
            token,
        };
        bait.port.set_nonblocking(true).unwrap();
        bait.path.set_nonblocking(true).unwrap();
        bait.name.set_nonblocking(true).unwrap();
        bait.untouched = bait.state();
        bait
    }

    /// What a hostile program is told, a `name value` pair a line.
    pub(crate) fn facts(&self, case: u32, answer: &Path) -> String {
        let mut facts = format!("case {case}\n");
        let path = |name| self.folder.join(name).display().to_string();
        for (name, value) in [
            ("answer", answer.display().to_string()),
            ("secret", path("secret")),
            ("writable", path("writable")),
            ("folder", self.folder.display().to_string()),
            ("socket", path("socket")),
            ("abstract", abstract_name()),
            ("pid", std::process::id().to_string()),
            ("port", self.port.local_addr().unwrap().port().to_string()),
        ] {
            writeln!(facts, "{name} {value}").unwrap();
        }
        facts
    }

    /// Whether `text` gives the secret away.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        text.contains(&self.token)
    }

    /// Says what has been done to it, if anything.
    pub(crate) fn check(&self) -> Result<(), String> {
        let now = self.state();
        if now != self.untouched {
            return Err(format!("the host was changed: {} to {now}", self.untouched));
        }
        let called = self.port.accept().is_ok() || self.path.accept().is_ok();
        if called || self.name.accept().is_ok() {
            return Err("a service of the host was called".to_owned());
        }
        Ok(())
    }

    fn state(&self) -> String {
        let mut names: Vec<_> = fs::read_dir(&self.folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        names.sort();
        let mut state = String::new();
        for path in names {
            let is = fs::symlink_metadata(&path).unwrap();
            let content = fs::read_to_string(&path).unwrap_or_default();
            writeln!(
                state,
                "{path:?} {:o} {}:{} {} {}.{} {content}",
                is.mode(),
                is.uid(),
                is.gid(),
                is.nlink(),
                is.mtime(),
                is.mtime_nsec(),
            )
            .unwrap();
        }
        state
    }
}

fn abstract_name() -> String {
    format!("tribunal-hostile-{}", std::process::id())
}

fn allow(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}
