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

#[cfg(test)]
mod tests {
    use super::*;

    fn id(parts: [&str; 5]) -> Uuid {
        submission_id(parts[0], parts[1], Some(parts[2]), parts[3], parts[4])
    }

    #[test]
    fn the_same_request_is_the_same_submission_for_ever() {
        let first = id(["t", "u", "k", "p", "d"]);
        assert_eq!(first.to_string(), "3ed6e195-f65b-52e0-9242-5705dff55ef0");
        assert_eq!(first.get_version_num(), 5);
    }

    #[test]
    fn every_part_counts_and_none_can_flow_into_its_neighbour() {
        let all = [
            id(["t", "u", "k", "p", "d"]),
            id(["tu", "", "k", "p", "d"]),
            id(["", "tu", "k", "p", "d"]),
            id(["t", "u", "kp", "", "d"]),
            id(["t", "u", "k", "p", "e"]),
        ];
        let different: std::collections::BTreeSet<Uuid> = all.into_iter().collect();
        assert_eq!(different.len(), all.len());
    }

    #[test]
    fn without_a_key_every_request_is_a_submission_of_its_own() {
        let one = submission_id("t", "u", None, "p", "d");
        assert_ne!(one, submission_id("t", "u", None, "p", "d"));
        assert_eq!(one.get_version_num(), 4);
    }

    #[test]
    fn a_source_digest_sees_names_contents_and_entry_point_but_not_the_order_of_files() {
        let file = |name: &str, content: &str| SourceFile {
            name: name.to_owned(),
            content: content.into(),
        };
        let (a, b) = (file("a", "x"), file("b", "y"));
        let digest = source_digest(&[a.clone(), b.clone()], None);
        assert_eq!(digest.len(), 64);
        assert_eq!(source_digest(&[b.clone(), a.clone()], None), digest);
        assert_ne!(source_digest(&[a.clone(), b.clone()], Some("Main")), digest);
        assert_ne!(source_digest(&[a.clone(), file("b", "z")], None), digest);
        assert_ne!(source_digest(&[a, file("by", "")], None), digest);
        assert_ne!(source_digest(&[b], None), digest);
    }
}
