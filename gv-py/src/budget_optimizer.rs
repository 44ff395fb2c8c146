//! The budget optimiser (component 11).

use crate::ads::{Figures, exception, options};
use crate::errors;
use crate::to_python;
use geminivideo::ErrorKind;
use geminivideo::optimize::budget_optimizer::{
    AdPerformance, AdStatus, BudgetOptimizer as Optimizer, BudgetPlan, BudgetRecommendation, Impact,
};
use geminivideo::optimize::posterior::{Evidence, HourlyRow};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde::Serialize;

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
    let figures = Figures::of(object)?;
    let mut ad = AdPerformance::default();
    ad.ad_id = figures.id();
    ad.campaign_id = figures.text("campaign_id")?;
    ad.creative_id = figures.text("creative_id")?;
    ad.spend = figures.number("spend")?;
    ad.daily_budget = figures.number("daily_budget")?;
    ad.impressions = figures.count("impressions")?;
    ad.clicks = figures.count("clicks")?;
    ad.conversions = figures.count("conversions")?;
    ad.revenue = figures.number("revenue")?;
    ad.stated = figures.ratios()?;
    ad.hours_active = figures.number("hours_active")?;
    ad.last_conversion_time = figures.moment("last_conversion_time")?;
    ad.budget_24h_ago = figures.maybe_number("budget_24h_ago")?;
    let status = object.getattr("status")?;
    let name = status.getattr_opt("value")?.unwrap_or(status);
    ad.status = match name.extract::<String>()?.as_str() {
        "learning" => AdStatus::Learning,
        "scaling" => AdStatus::Scaling,
        "maintaining" => AdStatus::Maintaining,
        "declining" => AdStatus::Declining,
        "paused" => AdStatus::Paused,
        other => {
            let message = format!("ad {}: status is {other}, allowed is an AdStatus", ad.ad_id);
            return Err(errors::of_kind(object.py(), ErrorKind::InvalidInput, &message));
        }
    };
    Ok(ad)
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
        let optional = |name: &str| Ok::<f64, PyErr>(figures.maybe_number(name)?.unwrap_or(0.0));
        let change = BudgetRecommendation::from_units(
            &figures.id(),
            figures.number("current_budget")?,
            figures.number("recommended_budget")?,
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
