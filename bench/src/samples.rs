//! What is made of many measured values.

/// The middle one; of none, no number.
pub(crate) fn median(values: Vec<f64>) -> f64 {
    percentile(values, 0.5)
}

/// The smallest value that this part of all does not exceed; of none, no number.
pub(crate) fn percentile(mut values: Vec<f64>, part: f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let index = (values.len() as f64 * part) as usize;
    let last = values.len().saturating_sub(1);
    values.get(index.min(last)).copied().unwrap_or(f64::NAN)
}

/// How quickly a count grew on its way from a tenth to nine tenths of `all`: without the start and the end. The samples are
/// (seconds, count), in order, from none to all.
pub(crate) fn middle_rate(samples: &[(f64, f64)], all: f64) -> f64 {
    let (low, high) = (all * 0.1, all * 0.9);
    match (time_of(samples, low), time_of(samples, high)) {
        (Some(from), Some(to)) => (high - low) / (to - from),
        _ => f64::NAN,
    }
}

/// When the count was passed, on a straight line between two samples.
fn time_of(samples: &[(f64, f64)], count: f64) -> Option<f64> {
    let pairs = samples.iter().zip(samples.iter().skip(1));
    let mut around = pairs.filter(|(before, after)| before.1 < count && after.1 >= count);
    let (before, after) = around.next()?;
    let part = (count - before.1) / (after.1 - before.1);
    Some(before.0 + part * (after.0 - before.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let values = || (1..=100).rev().map(f64::from).collect::<Vec<_>>();
        assert_eq!(percentile(values(), 0.5), 51.0);
        assert_eq!(percentile(values(), 0.99), 100.0);
        assert_eq!(percentile(values(), 1.0), 100.0);
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert!(median(Vec::new()).is_nan());
    }

    #[test]
    fn the_middle_rate_leaves_a_slow_start_and_a_slow_end_out() {
        let samples = [
            (0.0, 0.0),
            (5.0, 0.0),
            (6.0, 100.0),
            (15.0, 1_000.0),
            (60.0, 1_000.0),
        ];
        assert_eq!(middle_rate(&samples, 1_000.0), 100.0);
        assert!(middle_rate(&samples, 5_000.0).is_nan());
        assert!(middle_rate(&[], 1.0).is_nan());
    }
}
