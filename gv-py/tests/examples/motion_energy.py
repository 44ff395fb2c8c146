from motion_energy import MotionEnergyCalculator, MotionMethod

calculator = MotionEnergyCalculator(method=MotionMethod.OPTICAL_FLOW)

# Analyze video
analysis = calculator.analyze_video("video.mp4", sample_rate=1)

print(f"Energy stats: {analysis['energy_stats']}")
print(f"Motion distribution: {analysis['motion_distribution']}")
print(f"Segments: {len(analysis['segments'])}")

# Get recommendations
for rec in analysis['recommendations']:
    print(f"{rec['type']} at {rec.get('timestamp', rec.get('start_time'))}s")
    print(f"Reason: {rec['reason']}")

# Find cut points
cuts = calculator.find_cut_points("video.mp4", num_cuts=5)
for cut in cuts:
    print(f"Cut at {cut['timestamp']:.2f}s - {cut['motion_type']}")
