from psychological_timing import PsychologicalTimingOptimizer, TriggerType

optimizer = PsychologicalTimingOptimizer()

# Motion data: (timestamp, energy, has_face)
motion_data = [
    (0.0, 15.2, True),
    (0.5, 12.1, True),
    (1.0, 3.4, False),
    # ... more data
]

windows = optimizer.analyze_motion_windows(motion_data)

for window in windows:
    print(f"Window: {window.start_time:.1f}s - {window.end_time:.1f}s")
    print(f"Motion: {window.motion_level}, Face: {window.has_face}")
    print(f"Absorption score: {window.absorption_score:.2f}")
    print(f"Recommended: {[t.value for t in window.recommended_triggers]}")
