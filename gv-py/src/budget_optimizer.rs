//! The budget optimiser (component 11).

use crate::ads::{Figures, exception, options};
use crate::columns::{Columns, Sheet};
use crate::errors;
use crate::to_python;
use geminivideo::ErrorKind;
use geminivideo::optimize::budget_optimizer::{
    AdPerformance, AdStatus, BudgetOptimizer as Optimizer, BudgetPlan, BudgetRecommendation,
    EXPECTED_SD, Impact,
};
use geminivideo::optimize::posterior::{Evidence, HourlyRow};
use geminivideo::optimize::trainer::Estimate;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use serde::Serialize;
use std::collections::HashMap;

/// The budget optimiser with its options, which are one JSON document.
#[pyclass(frozen, module = "geminivideo._core")]
pub(crate) struct BudgetOptimizer(Optimizer);

#[pymethods]
impl BudgetOptimizer {
    #[new]
    fn new(py: Python<'_>, options_json: &str) -> PyResult<Self> {
        Optimizer::new(options(py, options_json)?).map(Self).map_err(|e| exception(py, e))
    }

    #[pyo3(signature = (ads, history=None))]
    fn assess<'py>(
        &self,
        py: Python<'py>,
        ads: Vec<Bound<'py, PyAny>>,
        history: Option<Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let ads = self.performances(&ads, history.as_ref())?;
        let found = py.detach(|| self.0.assess(&ads)).map_err(|e| exception(py, e))?;
        let result = to_python(py, &found)?;
        for (number, item) in found.iter().enumerate() {
            let issues: Vec<String> = item.issues.iter().map(ToString::to_string).collect();
            result.get_item(number)?.set_item("issues", issues)?;
        }
        Ok(result)
    }

    #[pyo3(signature = (ads, total=None, history=None))]
    fn plan<'py>(
        &self,
        py: Python<'py>,
        ads: Vec<Bound<'py, PyAny>>,
        total: Option<f64>,
        history: Option<Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let ads = self.performances(&ads, history.as_ref())?;
        let plan = py.detach(|| self.0.plan(&ads, total)).map_err(|e| exception(py, e))?;
        to_python(py, &PlanInUnits::of(&plan))
    }

    #[pyo3(signature = (numbers, texts, total=None))]
    fn plan_columns<'py>(
        &self,
        py: Python<'py>,
        numbers: &Bound<'py, PyDict>,
        texts: &Bound<'py, PyDict>,
        total: Option<f64>,
    ) -> PyResult<(Bound<'py, PyDict>, Bound<'py, PyAny>)> {
        let ads = of_columns(py, Columns::new(numbers, texts)?)?;
        let plan = py.detach(|| self.0.plan(&ads, total)).map_err(|e| exception(py, e))?;
        let sheet = sheet_of(py, &ads, &plan)?;
        let summary = PlanSummary {
            total: plan.total.units(),
            unallocated: plan.unallocated.units(),
            notes: &plan.notes,
            expected_impact: plan.expected_impact,
        };
        Ok((sheet, to_python(py, &summary)?))
    }

    fn report<'py>(
        &self,
        py: Python<'py>,
        ads: Vec<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let ads = self.performances(&ads, None)?;
        let report = py.detach(|| self.0.report(&ads)).map_err(|e| exception(py, e))?;
        to_python(py, &report)
    }

    fn simulate<'py>(
        &self,
        py: Python<'py>,
        ads: Vec<Bound<'py, PyAny>>,
        days: u32,
    ) -> PyResult<Bound<'py, PyAny>> {
        let ads = self.performances(&ads, None)?;
        let projection = py.detach(|| self.0.simulate(&ads, days)).map_err(|e| exception(py, e))?;
        to_python(py, &projection)
    }
}

impl BudgetOptimizer {
    fn performances(
        &self,
        ads: &[Bound<'_, PyAny>],
        history: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Vec<AdPerformance>> {
        let mut performances = ads.iter().map(one).collect::<PyResult<Vec<_>>>()?;
        let Some(history) = history else { return Ok(performances) };
        for ad in &mut performances {
            let Some(rows) = history.get_item(&ad.ad_id)? else { continue };
            let rows = rows.try_iter()?.map(|row| hour(&row?)).collect::<PyResult<Vec<_>>>()?;
            let evidence = Evidence::from_hours(&ad.ad_id, &rows, &self.0.options().evidence);
            ad.history = Some(evidence.map_err(|e| exception(history.py(), e))?);
        }
        Ok(performances)
    }
}

/// An hour of history, a mapping by field name.
fn hour(row: &Bound<'_, PyAny>) -> PyResult<HourlyRow> {
    let field = |name: &str| -> PyResult<f64> {
        row.get_item(name).and_then(|value| value.extract()).map_err(|_| {
            let message = format!("an hourly row needs a number as {name}");
            errors::of_kind(row.py(), ErrorKind::InvalidInput, &message)
        })
    };
    let mut hour = HourlyRow::default();
    hour.age_hours = field("age_hours")?;
    hour.spend = field("spend")?;
    hour.impressions = field("impressions")?;
    hour.clicks = field("clicks")?;
    hour.conversions = field("conversions")?;
    hour.revenue = field("revenue")?;
    Ok(hour)
}

fn one(object: &Bound<'_, PyAny>) -> PyResult<AdPerformance> {
    let (py, figures) = (object.py(), Figures::of(object)?);
    let mut ad = AdPerformance::default();
    ad.ad_id = figures.id();
    ad.campaign_id = figures.text(intern!(py, "campaign_id"))?;
    ad.creative_id = figures.text(intern!(py, "creative_id"))?;
    ad.spend = figures.number(intern!(py, "spend"))?;
    ad.daily_budget = figures.number(intern!(py, "daily_budget"))?;
    ad.impressions = figures.count(intern!(py, "impressions"))?;
    ad.clicks = figures.count(intern!(py, "clicks"))?;
    ad.conversions = figures.count(intern!(py, "conversions"))?;
    ad.revenue = figures.number(intern!(py, "revenue"))?;
    ad.stated = figures.ratios()?;
    ad.hours_active = figures.number(intern!(py, "hours_active"))?;
    ad.last_conversion_time = figures.moment(intern!(py, "last_conversion_time"))?;
    ad.budget_24h_ago = figures.maybe_number(intern!(py, "budget_24h_ago"))?;
    ad.expected = expected(
        figures.maybe_number(intern!(py, "expected_roas"))?,
        figures.maybe_number(intern!(py, "expected_sd"))?,
    );
    ad.budget_owner = match object.getattr_opt(intern!(py, "budget_owner"))? {
        Some(_) => figures.text(intern!(py, "budget_owner"))?,
        None => String::new(),
    };
    let status = object.getattr(intern!(py, "status"))?;
    let name = status.getattr_opt(intern!(py, "value"))?.unwrap_or(status);
    ad.status = status_of(py, &ad.ad_id, &name.extract::<String>()?)?;
    Ok(ad)
}

/// What a model expects of an ad, where it does.
fn expected(roas: Option<f64>, sd: Option<f64>) -> Option<Estimate> {
    roas.map(|mean| Estimate { mean, sd: sd.unwrap_or(EXPECTED_SD) })
}

fn status_of(py: Python<'_>, ad_id: &str, name: &str) -> PyResult<AdStatus> {
    Ok(match name {
        "learning" => AdStatus::Learning,
        "scaling" => AdStatus::Scaling,
        "maintaining" => AdStatus::Maintaining,
        "declining" => AdStatus::Declining,
        "paused" => AdStatus::Paused,
        other => {
            let message = format!("ad {ad_id}: status is {other}, allowed is an AdStatus");
            return Err(errors::of_kind(py, ErrorKind::InvalidInput, &message));
        }
    })
}

fn of_columns(py: Python<'_>, mut columns: Columns) -> PyResult<Vec<AdPerformance>> {
    let [impressions, clicks, conversions] = [
        columns.counts(py, "impressions")?,
        columns.counts(py, "clicks")?,
        columns.counts(py, "conversions")?,
    ];
    let [spend, daily_budget, revenue, hours_active] =
        ["spend", "daily_budget", "revenue", "hours_active"].map(|name| columns.numbers(name));
    let [budget_24h_ago, expected_roas, expected_sd] =
        ["budget_24h_ago", "expected_roas", "expected_sd"].map(|name| columns.maybe(name));
    let stated = |column: &Option<Vec<f64>>, row: usize| {
        column.as_ref().map(|column| column[row]).filter(|value| !value.is_nan())
    };
    let [ad_ids, campaigns, creatives, owners, states] =
        ["ad_id", "campaign_id", "creative_id", "budget_owner", "status"]
            .map(|name| columns.texts(name).into_iter());
    let names = ad_ids.zip(campaigns).zip(creatives.zip(owners)).zip(states);
    let mut ads = Vec::with_capacity(spend.len());
    for (row, (((ad_id, campaign_id), (creative_id, budget_owner)), status)) in names.enumerate() {
        let status =
            if status.is_empty() { AdStatus::default() } else { status_of(py, &ad_id, &status)? };
        ads.push(AdPerformance {
            ad_id,
            campaign_id,
            creative_id,
            budget_owner,
            status,
            spend: spend[row],
            daily_budget: daily_budget[row],
            impressions: impressions[row],
            clicks: clicks[row],
            conversions: conversions[row],
            revenue: revenue[row],
            hours_active: hours_active[row],
            budget_24h_ago: stated(&budget_24h_ago, row),
            expected: expected(stated(&expected_roas, row), stated(&expected_sd, row)),
            ..AdPerformance::default()
        });
    }
    Ok(ads)
}

/// The plan by row of the table given: a row that shares its budget has that budget's figures, one that does not run NaN.
fn sheet_of<'py>(
    py: Python<'py>,
    ads: &[AdPerformance],
    plan: &BudgetPlan,
) -> PyResult<Bound<'py, PyDict>> {
    let rows: HashMap<&str, usize> =
        ads.iter().enumerate().map(|(row, ad)| (ad.ad_id.as_str(), row)).collect();
    let blank = || vec![f64::NAN; ads.len()];
    let (mut current, mut budget, mut low, mut high) = (blank(), blank(), blank(), blank());
    let (mut confidence, mut gain) = (blank(), blank());
    let mut hold: Vec<Option<&'static str>> = vec![None; ads.len()];
    let mut priority = vec![0_u8; ads.len()];
    let mut reason = vec![String::new(); ads.len()];
    let of = |first: &str, others: &[String]| {
        let ids = std::iter::once(first).chain(others.iter().map(String::as_str));
        ids.filter_map(|id| rows.get(id).copied()).collect::<Vec<usize>>()
    };
    for planned in &plan.budgets {
        for row in of(&planned.ad_id, &planned.shares_with) {
            current[row] = planned.current.units();
            budget[row] = planned.budget.units();
            (low[row], high[row]) = (planned.low.units(), planned.high.units());
            hold[row] = planned.hold.map(|hold| hold.text());
        }
    }
    for item in &plan.recommendations {
        for row in of(&item.ad_id, &item.shares_with) {
            confidence[row] = item.confidence;
            gain[row] = item.expected_gain;
            priority[row] = item.priority;
            reason[row].clone_from(&item.reason);
        }
    }
    Ok(Sheet::new(py)
        .array("current_budget", current)?
        .array("budget", budget)?
        .array("low", low)?
        .array("high", high)?
        .names("hold", hold.into_iter())?
        .array("priority", priority)?
        .array("confidence", confidence)?
        .array("expected_gain", gain)?
        .texts("reason", reason)?
        .into_dict())
}

#[derive(Serialize)]
struct PlanSummary<'a> {
    total: f64,
    unallocated: f64,
    notes: &'a [String],
    expected_impact: Impact,
}

/// A plan with amounts in currency units.
#[derive(Serialize)]
struct PlanInUnits<'a> {
    recommendations: Vec<RecommendationInUnits<'a>>,
    budgets: Vec<(&'a str, f64)>,
    holds: Vec<(&'a str, &'static str)>,
    total: f64,
    unallocated: f64,
    notes: &'a [String],
    expected_impact: Impact,
}

#[derive(Serialize)]
struct RecommendationInUnits<'a> {
    ad_id: &'a str,
    shares_with: &'a [String],
    current_budget: f64,
    recommended_budget: f64,
    change_amount: f64,
    change_percent: f64,
    reason: &'a str,
    confidence: f64,
    priority: u8,
    expected_gain: f64,
    expected_revenue_change: f64,
    revenue_change_sd: f64,
    expected_savings: f64,
    expected_revenue: f64,
}

impl<'a> PlanInUnits<'a> {
    fn of(plan: &'a BudgetPlan) -> Self {
        Self {
            recommendations: plan.recommendations.iter().map(in_units).collect(),
            budgets: plan.budgets.iter().map(|b| (b.ad_id.as_str(), b.budget.units())).collect(),
            holds: plan
                .budgets
                .iter()
                .filter_map(|b| b.hold.map(|hold| (b.ad_id.as_str(), hold.text())))
                .collect(),
            total: plan.total.units(),
            unallocated: plan.unallocated.units(),
            notes: &plan.notes,
            expected_impact: plan.expected_impact,
        }
    }
}

fn in_units(item: &BudgetRecommendation) -> RecommendationInUnits<'_> {
    RecommendationInUnits {
        ad_id: &item.ad_id,
        shares_with: &item.shares_with,
        current_budget: item.current_budget.units(),
        recommended_budget: item.recommended_budget.units(),
        change_amount: item.change_amount.units(),
        change_percent: item.change_percent,
        reason: &item.reason,
        confidence: item.confidence,
        priority: item.priority,
        expected_gain: item.expected_gain,
        expected_revenue_change: item.expected_revenue_change,
        revenue_change_sd: item.revenue_change_sd,
        expected_savings: item.expected_savings,
        expected_revenue: item.expected_revenue,
    }
}

/// What recommendations are expected to bring, the money they move, and the order to make them in:
/// cuts before rises, so that the total is never passed on the way.
#[pyfunction]
pub(crate) fn budget_impact<'py>(
    py: Python<'py>,
    recommendations: Vec<Bound<'py, PyAny>>,
) -> PyResult<(Bound<'py, PyAny>, f64, Vec<usize>)> {
    let mut changes = Vec::with_capacity(recommendations.len());
    for item in &recommendations {
        let figures = Figures::of(item)?;
        let optional = |name: &str| {
            Ok::<f64, PyErr>(figures.maybe_number(&PyString::intern(py, name))?.unwrap_or(0.0))
        };
        let change = BudgetRecommendation::from_units(
            &figures.id(),
            figures.number(intern!(py, "current_budget"))?,
            figures.number(intern!(py, "recommended_budget"))?,
        )
        .map_err(|e| exception(py, e))?;
        changes.push(change.with_expectation(
            optional("expected_revenue")?,
            optional("expected_revenue_change")?,
            optional("revenue_change_sd")?,
            optional("expected_savings")?,
        ));
    }
    let mut order: Vec<usize> = (0..changes.len()).collect();
    order.sort_by_key(|i| changes[*i].change_amount);
    let shifted = Impact::shifted(&changes).units();
    Ok((to_python(py, &Impact::of(&changes))?, shifted, order))
}
