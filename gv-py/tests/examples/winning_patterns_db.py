from datetime import datetime
from winning_patterns_db import (
    WinningPatternsDB, WinningAdPattern, AdPlatform, AdFormat,
    AdObjective, HookPattern, VisualPattern, AudioPattern, CTAPattern
)

db = WinningPatternsDB()

# Add a winning pattern
pattern = WinningAdPattern(
    id="",
    source_platform=AdPlatform.META,
    ad_format=AdFormat.REELS,
    objective=AdObjective.SALES,
    industry="ecommerce",
    estimated_spend=50000,
    estimated_impressions=2000000,
    estimated_ctr=0.032,
    estimated_roas=4.2,
    hook_pattern=HookPattern(
        hook_type="transformation",
        first_element="before_state",
        timing={"before": 0.0, "transition": 1.5, "after": 2.0},
        text_used="Watch this transformation",
        emotion="surprise",
        motion_level="high"
    ),
    visual_pattern=VisualPattern(
        color_palette=["#FF6B6B", "#4ECDC4"],
        dominant_colors=["red", "teal"],
        composition="centered",
        face_ratio=0.4,
        text_overlay_style="bold_center",
        transitions=["swipe", "zoom"],
        aspect_ratio="9:16"
    ),
    audio_pattern=AudioPattern(
        has_music=True,
        music_genre="upbeat_pop",
        has_voiceover=True,
        voice_gender="female",
        voice_energy="excited",
        beat_sync=True,
        audio_hooks=["beat_drop"]
    ),
    cta_pattern=CTAPattern(
        cta_type="shop_now",
        cta_text="Shop Now - 50% Off",
        cta_timing=0.85,
        urgency_used=True,
        scarcity_used=True,
        button_color="#FF4444",
        animation="pulse"
    ),
    duration_seconds=15,
    extracted_at=datetime.now(),
    confidence_score=0.92,
    tags=["transformation", "ecommerce", "high_roas"]
)

pattern_id = db.add_pattern(pattern)

# Find patterns
patterns = db.find_patterns(
    industry="ecommerce",
    platform=AdPlatform.META,
    min_roas=3.0,
    limit=10
)

# Get benchmarks
benchmarks = db.get_industry_benchmarks("ecommerce")
print(f"Average ROAS: {benchmarks['roas']['avg']:.2f}")
print(f"Top hook types: {benchmarks['top_hook_types']}")

# Extract creative DNA
dna = db.extract_creative_dna(patterns)
print(f"Dominant hook: {dna['dominant_hook']}")
print(f"Common colors: {dna['common_colors']}")
