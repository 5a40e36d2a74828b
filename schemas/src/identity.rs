//! Who a submission is: the same request gives the same id, however often it is sent.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::submission::SourceFile;

/// The namespace of submission ids (UUIDv5); changing it would make every retry a new submission.
const NAMESPACE: Uuid = Uuid::from_u128(0x6d0c_6a0e_5f0b_4b7e_9a64_1f3d_7c27_54a1);

/// The id of a submission: a UUIDv5 over all that makes it itself, or a random one without a key.
pub fn submission_id(
    tenant: &str,
    user_id: &str,
    idempotency_key: Option<&str>,
    problem_id: &str,
    source_digest: &str,
) -> Uuid {
    let Some(key) = idempotency_key else {
        return Uuid::new_v4();
    };
    let mut tuple = Vec::new();
    for part in [tenant, user_id, key, problem_id, source_digest] {
        push(&mut tuple, part.as_bytes());
    }
    Uuid::new_v5(&NAMESPACE, &tuple)
}

/// The SHA-256 over every file name and byte and the entry point, in hexadecimal. The order in
/// which files were given does not matter.
pub fn source_digest(files: &[SourceFile], entry_point: Option<&str>) -> String {
    let mut sorted: Vec<&SourceFile> = files.iter().collect();
    sorted.sort_by(|a, b| a.name.cmp(&b.name));
    let mut bytes = Vec::new();
    push(&mut bytes, entry_point.unwrap_or_default().as_bytes());
    for file in sorted {
        push(&mut bytes, file.name.as_bytes());
        push(&mut bytes, &file.content);
    }
    hex(&Sha256::digest(&bytes))
}

/// The length goes first, so that no two different tuples give the same bytes.
fn push(bytes: &mut Vec<u8>, part: &[u8]) {
    bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
    bytes.extend_from_slice(part);
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
