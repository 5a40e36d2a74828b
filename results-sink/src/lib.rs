//! Verdicts into the database, once each.
