from runway_gen3 import RunwayGen3Client, GenerationRequest, VideoAspectRatio

client = RunwayGen3Client()

# Generate from text
request = GenerationRequest(
    prompt="Professional product showcase of sleek water bottle, "
           "rotating on white background, studio lighting, 4k quality",
    duration=5,
    aspect_ratio=VideoAspectRatio.PORTRAIT
)

result = await client.generate_video(request)
if result.status == "completed":
    print(f"Video URL: {result.video_url}")
    print(f"Generation time: {result.generation_time:.1f}s")
    print(f"Cost: {result.cost_credits:.4f} credits")

# Generate product shot from image
product_result = await client.generate_product_shot(
    product_image="https://example.com/bottle.jpg",
    scene_description="Rotating smoothly on marble surface with morning sunlight"
)

# Generate lifestyle scene
lifestyle_result = await client.generate_lifestyle_scene(
    description="Person jogging through park at sunrise",
    mood="energetic"
)

# Generate variations
variations = await client.generate_variations(
    base_prompt="Modern office workspace with laptop",
    count=3
)
for i, var in enumerate(variations):
    print(f"Variation {i+1}: {var.video_url}")
