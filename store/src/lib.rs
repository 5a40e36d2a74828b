//! The database: connections, migrations, consumer offsets by compare-and-set, and projections:
//! state derived from a log, recorded in the same transaction as how far the log was read.
//!
//! PostgreSQL is the real one, SQLite serves the embedded profile. One SQL text runs on both:
//! `$1` parameters, `ON CONFLICT`, `RETURNING`, row values and window functions mean the same in
//! the two. Batches go in as multi-row `INSERT`s, cut to what both accept in one statement; where the
//! databases truly differ (how a write transaction begins) this crate hides it.

mod database;
mod error;
mod leadership;
mod migrations;
mod offsets;
mod projection;

#[cfg(feature = "testing")]
pub mod testing;
mod transaction;
mod url;
mod value;
mod wake;

pub use database::Database;
pub use error::Error;
pub use leadership::Leadership;
pub use offsets::{OffsetConflict, Offsets, Span};
pub use projection::{
    ApplyError, DatabaseOffsets, Projection, ProjectionConfig, ProjectionError, ProjectionState,
    connect_when_up, project,
};
pub use transaction::{Sharing, Transaction};
pub use value::{Row, Value};
pub use wake::Listener;
