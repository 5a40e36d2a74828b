//! The results sink through its public face.

mod fixture;
mod following;
mod recording;
