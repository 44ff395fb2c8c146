from variation_generator import VariationGenerator, CreativeConcept

generator = VariationGenerator()

concept = CreativeConcept(
    id="concept_001",
    name="Fitness Product Launch",
    description="New protein powder",
    target_audience="fitness enthusiasts",
    industry="health",
    objective="conversions",
    product="ProGain Protein",
    key_benefit="faster muscle recovery",
    pain_point="slow recovery after workouts",
    social_proof="10,000+ athletes",
    brand_colors=["#FF6B6B", "#4ECDC4"],
    tone="energetic",
    hook_script="Tired of slow recovery?",
    main_script="ProGain delivers 30g protein...",
    cta_text="Get 20% Off Today"
)

variations = generator.generate_variations(concept, count=50)
print(f"Generated {len(variations)} variations")

# Get top 10 by predicted performance
top = generator.get_top_variations(variations, count=10)
for var in top:
    print(f"#{var.variation_number}: {var.predicted_performance:.2f}")
    print(f"  Hook: {var.hook}")
    print(f"  CTA: {var.cta}")
    print(f"  Changes: {var.variations_applied}")
