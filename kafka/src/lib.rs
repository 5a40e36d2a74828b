//! Consumer core, producer and readers; knows nothing of submissions.
