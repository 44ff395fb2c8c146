from loser_kill_switch import LoserKillSwitch, AdMetrics, KillReason

kill_switch = LoserKillSwitch(target_cpa=50.0, target_roas=2.0)

# Evaluate ad
metrics = AdMetrics(
    ad_id="ad_bad_001",
    campaign_id="camp_1",
    spend=120,
    budget=200,
    impressions=15000,
    clicks=30,
    conversions=0,
    revenue=0,
    ctr=0.002,
    cvr=0.0,
    cpa=0,
    roas=0,
    hours_running=72,
    last_conversion=None
)

decision = kill_switch.evaluate_ad(metrics)
if decision.should_kill:
    print(f"KILL AD {decision.ad_id}")
    print(f"Reason: {decision.reason.value}")
    print(f"Recommendation: {decision.recommendation}")
    print(f"Waste prevented: ${decision.waste_prevented:.2f}")

    # Execute kill (would call platform API)
    # result = await kill_switch.execute_kill(decision, platform_client)

# Batch evaluate
from dataclasses import replace
metrics1, metrics2, metrics3 = (replace(metrics, ad_id=f"ad_{i}") for i in range(3))
ads_to_check = [metrics1, metrics2, metrics3]
decisions = kill_switch.batch_evaluate(ads_to_check)
report = kill_switch.get_kill_report(decisions)
print(f"Total to kill: {report['total_ads_to_kill']}")
print(f"Total waste prevented: ${report['total_waste_prevented']:.2f}")
