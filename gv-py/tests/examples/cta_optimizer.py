from cta_optimizer import CTAOptimizer

optimizer = CTAOptimizer()

# Generate CTA sequence
sequence = optimizer.generate_cta_sequence(
    video_duration=30.0,
    industry="ecommerce"
)

print(f"Sequence for {sequence['video_duration']}s video:")
for element in sequence['sequence']:
    print(f"{element['start']:.1f}s - {element['end']:.1f}s: {element['type']}")
    print(f"  Content: {element['content']}")

# Get goal-specific CTA
cta = optimizer.get_best_cta_for_goal("sales")
print(f"CTA: {cta.text}")
print(f"Color: {cta.button_color}")
print(f"Duration: {cta.duration}s")

# Generate variations
variations = optimizer.generate_cta_variations("Shop Now", count=5)
for var in variations:
    print(f"- {var}")
