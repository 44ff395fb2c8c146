//! From recorded outcomes to examples to learn from.

use crate::posterior::stream_key;
use crate::prediction_accuracy_tracker::{MetricType, PredictionRecord};
use crate::trainer::{Dataset, Estimate, Example, Features};
use crate::{Error, Result};
use sha2::{Digest, Sha256};

/// The feature that stands in where a prediction came without any: the model then learns to correct the
/// predictions of whatever made them.
const PREDICTED: &str = "predicted_value";
/// Share of the examples that may be older than the newest.
const OLDER: f64 = 0.1;

/// What a run learns from and is compared with.
#[derive(Debug)]
pub(super) struct Evidence {
    pub(super) data: Dataset,
    /// What was predicted for each example when its outcome was not known.
    pub(super) recorded: Vec<Estimate>,
    pub(super) metric: MetricType,
    pub(super) data_hash: String,
}

/// Takes settled predictions, oldest first, to examples; at most `most`, the newest and a fixed sample of
/// the older ones.
pub(super) fn evidence(records: Vec<PredictionRecord>, most: usize) -> Result<Evidence> {
    let metric = metric(&records)?;
    let records = cap(records, most);
    let examples: Vec<Example> = records.iter().map(example).collect();
    let data = Dataset::new(metric.target(), examples)?;
    let by_id: std::collections::HashMap<&str, f64> =
        records.iter().map(|r| (r.prediction_id.as_str(), r.predicted_value)).collect();
    let recorded = data
        .examples()
        .iter()
        .map(|example| Estimate {
            mean: by_id.get(example.id.as_str()).copied().unwrap_or(0.0),
            sd: 0.0,
        })
        .collect();
    let mut hash = Sha256::new();
    for example in data.examples() {
        hash.update(example.id.as_bytes());
        hash.update([0]);
        hash.update(example.value.to_le_bytes());
        hash.update(example.events.to_le_bytes());
    }
    let data_hash = crate::hex::hex(&hash.finalize());
    Ok(Evidence { data, recorded, metric, data_hash })
}

/// What a model is asked with for a record, or for a new prediction.
pub(super) fn features(given: &Features, predicted: f64) -> Features {
    if given.is_empty() {
        Features::new().number(PREDICTED, predicted.max(1e-9).ln())
    } else {
        given.clone()
    }
}

fn example(record: &PredictionRecord) -> Example {
    // Without a campaign a prediction is a group of its own.
    let group = if record.campaign_id.is_empty() {
        format!("prediction {}", record.prediction_id)
    } else {
        record.campaign_id.clone()
    };
    let features = features(&record.features, record.predicted_value);
    let known_at = record.actual_recorded_at.unwrap_or(record.predicted_at);
    Example::new(&record.prediction_id, group, features, record.actual_value.unwrap_or(0.0))
        .events(record.events.unwrap_or(1.0))
        .known_at(known_at)
}

fn metric(records: &[PredictionRecord]) -> Result<MetricType> {
    let Some(first) = records.first() else {
        return Err(Error::TooFewExamples { given: 0, needed: 1 });
    };
    let metric = first.metric_type;
    match records.iter().find(|record| record.metric_type != metric) {
        None => Ok(metric),
        Some(other) => Err(crate::error::parameter(
            "model_type",
            format!(
                "{}, which predicts {} and {}",
                first.model_type,
                metric.name(),
                other.metric_type.name()
            ),
            "a kind of model that predicts one metric",
        )),
    }
}

fn cap(mut records: Vec<PredictionRecord>, most: usize) -> Vec<PredictionRecord> {
    if records.len() <= most {
        return records;
    }
    let older = (most as f64 * OLDER) as usize;
    let newest = records.split_off(records.len() - (most - older));
    // A sample that depends on the ids alone: the same for every run.
    records.sort_by_key(|record| stream_key(0, &record.prediction_id));
    records.truncate(older);
    records.extend(newest);
    records
}
