from elevenlabs_voice import ElevenLabsClient, VoiceOverRequest, VoiceSettings, VOICE_PRESETS

client = ElevenLabsClient()

# Generate voiceover
request = VoiceOverRequest(
    text="Transform your fitness journey with ProGain Protein. "
         "Get 30 grams of pure protein in every delicious shake. "
         "Shop now and save 20 percent.",
    voice_id=VOICE_PRESETS["josh"],
    settings=VoiceSettings(
        stability=0.6,
        similarity_boost=0.8,
        style=0.7
    )
)

result = await client.generate_voiceover(request)
if result.error is None:
    # Save audio
    with open("voiceover.mp3", "wb") as f:
        f.write(result.audio_data)
    print(f"Duration: {result.duration_seconds:.1f}s")
    print(f"Characters: {result.characters_used}")

# Generate ad-optimized voiceover
ad_result = await client.generate_ad_voiceover(
    script="Stop scrolling! Tired of slow muscle recovery? "
           "ProGain delivers results in half the time. Limited offer!",
    voice_type="energetic_male"
)

# Clone a voice
with open("sample1.mp3", "rb") as f1, open("sample2.mp3", "rb") as f2:
    voice_id = await client.clone_voice(
        name="Brand Voice",
        audio_files=[f1.read(), f2.read()],
        description="Official brand spokesperson voice"
    )
    if voice_id:
        print(f"Voice cloned: {voice_id}")

# Estimate cost
estimate = client.estimate_cost("This is a test script for cost estimation.")
print(f"Characters: {estimate['characters']}")
print(f"Estimated cost: ${estimate['estimated_cost_usd']:.4f}")
