from datetime import datetime
from cross_campaign_learning import CrossCampaignLearner, CampaignLearning

learner = CrossCampaignLearner()

# Add learning from successful campaign
learning = CampaignLearning(
    campaign_id="camp_001",
    account_id="acc_1",
    industry="ecommerce",
    objective="conversions",
    winning_patterns=[{"type": "transformation", "performance": 4.2}],
    winning_hooks=["Stop scrolling! Transform your..."],
    winning_ctas=["Shop Now - 50% Off"],
    best_audiences=[{"age": "25-34", "interest": "fitness"}],
    best_times=[{"hour": 19, "day": "weekday"}],
    best_roas=4.2,
    best_ctr=0.032,
    best_cpa=12.5,
    total_spend=50000,
    total_conversions=4000,
    confidence_score=0.92,
    data_points=1000,
    extracted_at=datetime.now(),
    campaign_duration_days=30
)

learner.add_campaign_learning(learning)

# Get recommendations for new campaign
recs = learner.get_recommendations_for_campaign(
    industry="ecommerce",
    objective="conversions"
)

print(f"Expected ROAS: {recs['industry_benchmarks']['expected_roas']:.2f}")
print(f"Confidence: {recs['industry_benchmarks']['confidence']:.2f}")
print("\nRecommended hooks:")
for hook in recs['recommended_hooks'][:3]:
    print(f"  {hook['hook']} (ROAS: {hook['avg_roas']:.2f})")

# Get stats
stats = learner.get_learning_stats()
print(f"\nTotal campaigns learned: {stats['total_campaigns_learned']}")
print(f"Total spend analyzed: ${stats['total_spend_analyzed']:,.2f}")
