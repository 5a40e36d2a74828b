//! What every Tribunal process does alike: configuration, logs, health, contract check.
