from budget_optimizer import BudgetOptimizer, AdPerformance, AdStatus

optimizer = BudgetOptimizer(target_roas=2.5)

# Example ad data
ads = [
    AdPerformance(
        ad_id="ad_001", campaign_id="camp_1", creative_id="creative_1",
        spend=100, daily_budget=50,
        impressions=10000, clicks=200, conversions=10, revenue=500,
        ctr=0.02, cvr=0.05, cpa=10, roas=5.0,
        hours_active=48, status=AdStatus.SCALING, confidence=0.9
    ),
    # ... more ads
]

# Analyze and categorize
categories = optimizer.analyze_ads(ads)
print(f"Winners: {len(categories['winners'])}")
print(f"Losers: {len(categories['losers'])}")

# Generate recommendations
recs = optimizer.generate_recommendations(ads)
for rec in recs:
    print(f"Ad {rec.ad_id}: ${rec.current_budget} -> ${rec.recommended_budget}")
    print(f"  Change: {rec.change_percent:+.1f}%")
    print(f"  Reason: {rec.reason}")

# Get report
report = optimizer.get_optimization_report(ads)
print(f"Overall ROAS: {report['overall_roas']:.2f}")
print(f"Potential savings: ${report['potential_savings']:.2f}")
