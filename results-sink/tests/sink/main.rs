//! The results sink through its public face.

mod fixture;
mod following;
mod publishing;
mod recording;
mod rejudging;
mod turns;
