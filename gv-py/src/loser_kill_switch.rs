//! The kill switch (component 12).

use crate::ads::{Figures, exception, options};
use crate::columns::{Columns, Sheet};
use crate::errors;
use crate::names::name;
use crate::to_python;
use geminivideo::ErrorKind;
use geminivideo::optimize::loser_kill_switch::{
    AdMetrics, Finding, KillAction, KillDecision, KillReason, KillReport, KillSummary,
    LoserKillSwitch,
};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use std::collections::BTreeMap;

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

    fn evaluate<'py>(&self, ad: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
        let py = ad.py();
        let decision = self.0.evaluate(&one(&ad)?).map_err(|e| exception(py, e))?;
        decision_to_python(py, &decision)
    }

    fn kill_manually<'py>(&self, ad: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
        let py = ad.py();
        let decision = self.0.kill_manually(&one(&ad)?).map_err(|e| exception(py, e))?;
        decision_to_python(py, &decision)
    }

    fn batch_evaluate<'py>(
        &self,
        py: Python<'py>,
        ads: Vec<Bound<'py, PyAny>>,
    ) -> PyResult<Vec<Bound<'py, PyDict>>> {
        self.many(py, &ads, LoserKillSwitch::batch_evaluate)
    }

    fn evaluate_all<'py>(
        &self,
        py: Python<'py>,
        ads: Vec<Bound<'py, PyAny>>,
    ) -> PyResult<Vec<Bound<'py, PyDict>>> {
        self.many(py, &ads, LoserKillSwitch::evaluate_all)
    }

    fn evaluate_columns<'py>(
        &self,
        py: Python<'py>,
        numbers: &Bound<'py, PyDict>,
        texts: &Bound<'py, PyDict>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let ads = of_columns(py, Columns::new(numbers, texts)?)?;
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
    ) -> PyResult<Vec<Bound<'py, PyDict>>> {
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
    ) -> PyResult<Vec<Bound<'py, PyDict>>> {
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
            confidence: figures.number(intern!(py, "confidence"))?,
            waste_prevented: figures.number(intern!(py, "waste_prevented"))?,
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
    let (py, figures) = (object.py(), Figures::of(object)?);
    let mut ad = AdMetrics::default();
    ad.ad_id = figures.id();
    ad.campaign_id = figures.text(intern!(py, "campaign_id"))?;
    ad.spend = figures.number(intern!(py, "spend"))?;
    ad.budget = figures.number(intern!(py, "budget"))?;
    ad.impressions = figures.count(intern!(py, "impressions"))?;
    ad.clicks = figures.count(intern!(py, "clicks"))?;
    ad.conversions = figures.count(intern!(py, "conversions"))?;
    ad.revenue = figures.number(intern!(py, "revenue"))?;
    ad.stated = figures.ratios()?;
    ad.hours_running = figures.number(intern!(py, "hours_running"))?;
    ad.last_conversion = figures.moment(intern!(py, "last_conversion"))?;
    Ok(ad)
}

fn of_columns(py: Python<'_>, mut columns: Columns) -> PyResult<Vec<AdMetrics>> {
    let [impressions, clicks, conversions] = [
        columns.counts(py, "impressions")?,
        columns.counts(py, "clicks")?,
        columns.counts(py, "conversions")?,
    ];
    let [spend, budget, revenue, hours_running] =
        ["spend", "budget", "revenue", "hours_running"].map(|name| columns.numbers(name));
    let names = columns.texts("ad_id").into_iter().zip(columns.texts("campaign_id"));
    let one = |(row, (ad_id, campaign_id))| AdMetrics {
        ad_id,
        campaign_id,
        spend: spend[row],
        budget: budget[row],
        impressions: impressions[row],
        clicks: clicks[row],
        conversions: conversions[row],
        revenue: revenue[row],
        hours_running: hours_running[row],
        ..AdMetrics::default()
    };
    Ok(names.enumerate().map(one).collect())
}

fn metrics(ads: &[Bound<'_, PyAny>]) -> PyResult<Vec<AdMetrics>> {
    ads.iter().map(one).collect()
}

/// A decision as the fields of Python's `KillDecision` by name.
fn decision_to_python<'py>(
    py: Python<'py>,
    decision: &KillDecision,
) -> PyResult<Bound<'py, PyDict>> {
    let fields = PyDict::new(py);
    fields.set_item(intern!(py, "ad_id"), &decision.ad_id)?;
    fields.set_item(intern!(py, "should_kill"), decision.should_kill)?;
    fields.set_item(intern!(py, "reason"), decision.reason.map(|r| name(py, r.name())))?;
    fields.set_item(intern!(py, "confidence"), decision.confidence)?;
    fields.set_item(intern!(py, "waste_prevented"), decision.waste_prevented)?;
    fields.set_item(intern!(py, "recommendation"), &decision.recommendation)?;
    fields.set_item(intern!(py, "metrics_at_kill"), figures(py, &decision.metrics_at_kill)?)?;
    fields.set_item(intern!(py, "action"), name(py, decision.action.name()))?;
    fields.set_item(intern!(py, "waste_interval"), decision.waste_interval)?;
    fields.set_item(intern!(py, "planned_spend"), decision.planned_spend)?;
    fields.set_item(intern!(py, "expected_roas"), decision.expected_roas)?;
    fields.set_item(intern!(py, "roas_interval"), decision.roas_interval)?;
    let unprofitable = decision.probability_unprofitable;
    fields.set_item(intern!(py, "probability_unprofitable"), unprofitable)?;
    let findings = PyList::empty(py);
    for finding in &decision.findings {
        findings.append(finding_to_python(py, finding)?)?;
    }
    fields.set_item(intern!(py, "findings"), findings)?;
    let issues: Vec<String> = decision.issues.iter().map(ToString::to_string).collect();
    fields.set_item(intern!(py, "issues"), issues)?;
    Ok(fields)
}

fn finding_to_python<'py>(py: Python<'py>, finding: &Finding) -> PyResult<Bound<'py, PyDict>> {
    let fields = PyDict::new(py);
    fields.set_item(intern!(py, "reason"), name(py, finding.reason.name()))?;
    fields.set_item(intern!(py, "probability"), finding.probability)?;
    fields.set_item(intern!(py, "metrics"), figures(py, &finding.metrics)?)?;
    fields.set_item(intern!(py, "e_value"), finding.e_value)?;
    Ok(fields)
}

/// Figures by name; counts are ints in Python.
fn figures<'py>(
    py: Python<'py>,
    figures: &BTreeMap<&'static str, f64>,
) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (&label, &value) in figures {
        if matches!(label, "impressions" | "clicks" | "conversions") {
            dict.set_item(name(py, label), value as u64)?;
        } else {
            dict.set_item(name(py, label), value)?;
        }
    }
    Ok(dict)
}
