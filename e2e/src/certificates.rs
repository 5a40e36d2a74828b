//! A certificate authority for one test, and what it has signed.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::ensure;

/// The authority's certificate, and pairs of certificate and key in files beside it.
#[derive(Debug)]
pub struct Certificates {
    folder: PathBuf,
}

impl Certificates {
    /// Makes an authority in a folder.
    pub fn make(folder: &Path) -> anyhow::Result<Self> {
        let made = Self {
            folder: folder.to_owned(),
        };
        openssl(
            folder,
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=authority \
             -keyout authority.key -out authority.pem",
        )?;
        Ok(made)
    }

    /// The authority's certificate, for whoever is to trust it.
    #[must_use]
    pub fn authority(&self) -> PathBuf {
        self.folder.join("authority.pem")
    }

    /// The certificate of a name that was signed.
    #[must_use]
    pub fn certificate(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.pem"))
    }

    /// Its key.
    #[must_use]
    pub fn key(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.key"))
    }

    /// Signs a certificate with the subject `CN=name`, for a server on this host or for a client.
    pub fn sign(&self, name: &str) -> anyhow::Result<()> {
        let extensions = self.folder.join("extensions");
        std::fs::write(extensions, "subjectAltName=IP:127.0.0.1\n")?;
        openssl(
            &self.folder,
            &format!(
                "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN={name} -keyout {name}.key -out {name}.csr"
            ),
        )?;
        openssl(
            &self.folder,
            &format!(
                "x509 -req -in {name}.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 \
                 -extfile extensions -out {name}.pem"
            ),
        )
    }
}

fn openssl(folder: &Path, arguments: &str) -> anyhow::Result<()> {
    let done = Command::new("openssl")
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .output()?;
    let errors = String::from_utf8_lossy(&done.stderr);
    ensure!(done.status.success(), "openssl {arguments}: {errors}");
    Ok(())
}
