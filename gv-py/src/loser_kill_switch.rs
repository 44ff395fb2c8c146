//! The kill switch (component 12).

use crate::ads::{Figures, exception, options};
use crate::columns::{Columns, Sheet};
use crate::errors;
use crate::to_python;
use geminivideo::ErrorKind;
use geminivideo::optimize::loser_kill_switch::{
    AdMetrics, KillAction, KillDecision, KillReason, KillReport, KillSummary, LoserKillSwitch,
};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// The kill switch with its options, which are one JSON document.
#[pyclass(frozen, module = "geminivideo._core")]
pub(crate) struct KillSwitch(LoserKillSwitch);

#[pymethods]
impl KillSwitch {
    #[new]
    fn new(py: Python<'_>, options_json: &str, account: Vec<Bound<'_, PyAny>>) -> PyResult<Self> {
        let mut switch =
            LoserKillSwitch::new(options(py, options_json)?).map_err(|e| exception(py, e))?;
        if !account.is_empty() {
            switch.learn_account(&metrics(&account)?).map_err(|e| exception(py, e))?;
        }
        Ok(Self(switch))
    }

    fn evaluate<'py>(&self, ad: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = ad.py();
        let decision = self.0.evaluate(&one(&ad)?).map_err(|e| exception(py, e))?;
        decision_to_python(py, &decision)
    }

    fn kill_manually<'py>(&self, ad: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = ad.py();
        let decision = self.0.kill_manually(&one(&ad)?).map_err(|e| exception(py, e))?;
        decision_to_python(py, &decision)
    }

    fn batch_evaluate<'py>(
        &self,
        py: Python<'py>,
        ads: Vec<Bound<'py, PyAny>>,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        self.many(py, &ads, LoserKillSwitch::batch_evaluate)
    }

    fn evaluate_all<'py>(
        &self,
        py: Python<'py>,
        ads: Vec<Bound<'py, PyAny>>,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        self.many(py, &ads, LoserKillSwitch::evaluate_all)
    }

    fn evaluate_columns<'py>(
        &self,
        py: Python<'py>,
        numbers: &Bound<'py, PyDict>,
        texts: &Bound<'py, PyDict>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let ads = of_columns(py, &Columns::new(numbers, texts)?)?;
        let rows = py.detach(|| self.rows(&ads)).map_err(|e| exception(py, e))?;
        let numbers = |field: fn(&Row) -> f64| rows.iter().map(field).collect::<Vec<f64>>();
        Ok(Sheet::new(py)
            .array("should_kill", rows.iter().map(|row| row.should_kill).collect())?
            .names("reason", rows.iter().map(|row| row.reason.map(KillReason::name)))?
            .array("confidence", numbers(|row| row.confidence))?
            .array("waste_prevented", numbers(|row| row.waste_prevented))?
            .array("planned_spend", numbers(|row| row.planned_spend))?
            .array("expected_roas", numbers(|row| row.expected_roas))?
            .array("roas_low", numbers(|row| row.roas_interval.0))?
            .array("roas_high", numbers(|row| row.roas_interval.1))?
            .array("probability_unprofitable", numbers(|row| row.probability_unprofitable))?
            .array("is_sound", rows.iter().map(|row| row.is_sound).collect())?
            .into_dict())
    }

    fn review_killed<'py>(
        &self,
        py: Python<'py>,
        ads: Vec<Bound<'py, PyAny>>,
        hours_since_kill: f64,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        self.many(py, &ads, |switch, ads| switch.review_killed(ads, hours_since_kill))
    }
}

/// What a table says of a decision.
struct Row {
    should_kill: bool,
    reason: Option<KillReason>,
    confidence: f64,
    waste_prevented: f64,
    planned_spend: f64,
    expected_roas: f64,
    roas_interval: (f64, f64),
    probability_unprofitable: f64,
    is_sound: bool,
}

impl KillSwitch {
    fn rows(&self, ads: &[AdMetrics]) -> geminivideo::optimize::Result<Vec<Row>> {
        let mut rows = Vec::with_capacity(ads.len());
        self.0.evaluate_each(ads, |decision| {
            rows.push(Row {
                should_kill: decision.should_kill,
                reason: decision.reason,
                confidence: decision.confidence,
                waste_prevented: decision.waste_prevented,
                planned_spend: decision.planned_spend,
                expected_roas: decision.expected_roas,
                roas_interval: decision.roas_interval,
                probability_unprofitable: decision.probability_unprofitable,
                is_sound: !decision.issues.iter().any(|issue| issue.forbids_decisions()),
            });
        })?;
        Ok(rows)
    }

    fn many<'py>(
        &self,
        py: Python<'py>,
        ads: &[Bound<'py, PyAny>],
        judge: impl FnOnce(
            &LoserKillSwitch,
            &[AdMetrics],
        ) -> geminivideo::optimize::Result<Vec<KillDecision>>
        + Send,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let ads = metrics(ads)?;
        let decisions = py.detach(|| judge(&self.0, &ads)).map_err(|e| exception(py, e))?;
        decisions.iter().map(|decision| decision_to_python(py, decision)).collect()
    }
}

/// Sums up decisions.
#[pyfunction]
pub(crate) fn kill_report<'py>(
    py: Python<'py>,
    decisions: Vec<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let mut ids = Vec::with_capacity(decisions.len());
    for decision in &decisions {
        ids.push(Figures::of(decision)?);
    }
    let names: Vec<String> = ids.iter().map(Figures::id).collect();
    let mut summaries = Vec::with_capacity(ids.len());
    for (figures, (name, decision)) in ids.iter().zip(names.iter().zip(&decisions)) {
        let reason = decision.getattr("reason")?;
        let reason =
            if reason.is_none() { None } else { Some(reason_of(&reason.getattr("value")?)?) };
        let action = decision.getattr_opt("action")?.and_then(|a| a.extract::<String>().ok());
        let action = match (decision.getattr("should_kill")?.is_truthy()?, action.as_deref()) {
            (true, _) => KillAction::Kill,
            (false, Some("revive")) => KillAction::Revive,
            (false, _) => KillAction::Keep,
        };
        summaries.push(KillSummary {
            ad_id: name,
            action,
            reason,
            confidence: figures.number("confidence")?,
            waste_prevented: figures.number("waste_prevented")?,
        });
    }
    to_python(py, &KillReport::new(summaries))
}

fn reason_of(value: &Bound<'_, PyAny>) -> PyResult<KillReason> {
    let name: String = value.extract()?;
    KillReason::ALL.into_iter().find(|reason| reason.name() == name).ok_or_else(|| {
        errors::of_kind(
            value.py(),
            ErrorKind::InvalidInput,
            &format!("{name} is no reason of KillReason"),
        )
    })
}

fn one(object: &Bound<'_, PyAny>) -> PyResult<AdMetrics> {
    let figures = Figures::of(object)?;
    let mut ad = AdMetrics::default();
    ad.ad_id = figures.id();
    ad.campaign_id = figures.text("campaign_id")?;
    ad.spend = figures.number("spend")?;
    ad.budget = figures.number("budget")?;
    ad.impressions = figures.count("impressions")?;
    ad.clicks = figures.count("clicks")?;
    ad.conversions = figures.count("conversions")?;
    ad.revenue = figures.number("revenue")?;
    ad.stated = figures.ratios()?;
    ad.hours_running = figures.number("hours_running")?;
    ad.last_conversion = figures.moment("last_conversion")?;
    Ok(ad)
}

fn of_columns(py: Python<'_>, columns: &Columns) -> PyResult<Vec<AdMetrics>> {
    let one = |row| {
        let mut ad = AdMetrics::default();
        ad.ad_id = columns.text("ad_id", row);
        ad.campaign_id = columns.text("campaign_id", row);
        ad.spend = columns.number("spend", row);
        ad.budget = columns.number("budget", row);
        ad.impressions = columns.count(py, "impressions", row)?;
        ad.clicks = columns.count(py, "clicks", row)?;
        ad.conversions = columns.count(py, "conversions", row)?;
        ad.revenue = columns.number("revenue", row);
        ad.hours_running = columns.number("hours_running", row);
        Ok(ad)
    };
    (0..columns.rows()).map(one).collect()
}

fn metrics(ads: &[Bound<'_, PyAny>]) -> PyResult<Vec<AdMetrics>> {
    ads.iter().map(one).collect()
}

/// The figures that are counts are ints in Python.
fn decision_to_python<'py>(
    py: Python<'py>,
    decision: &KillDecision,
) -> PyResult<Bound<'py, PyAny>> {
    let dict = to_python(py, decision)?;
    let figures = dict.get_item("metrics_at_kill")?;
    for name in ["impressions", "clicks", "conversions"] {
        if let Some(value) = decision.metrics_at_kill.get(name) {
            figures.set_item(name, *value as u64)?;
        }
    }
    let issues: Vec<String> = decision.issues.iter().map(ToString::to_string).collect();
    dict.set_item("issues", issues)?;
    Ok(dict)
}
