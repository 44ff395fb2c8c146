from hook_optimizer import HookOptimizer, HookType

optimizer = HookOptimizer()

# Analyze existing hook
analysis = optimizer.analyze_hook("ad.mp4")
print(f"Hook type: {analysis.hook_type.value}")
print(f"Effectiveness: {analysis.effectiveness_score}/100")
print(f"First face: {analysis.first_face_time}s")
print(f"First motion peak: {analysis.first_motion_peak}s")

for improvement in analysis.improvements:
    print(f"- {improvement}")

# Get best template for industry
template = optimizer.get_best_template("fitness")
print(f"Best template: {template.name} ({template.avg_performance}% avg)")

# Generate hook script
script = optimizer.generate_hook_script(
    product="Protein Powder",
    pain_point="muscle recovery",
    template=template
)
for element in script['structure']:
    print(f"{element['time']}: {element['action']}")
