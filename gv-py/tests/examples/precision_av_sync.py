from precision_av_sync import PrecisionAVSync

sync = PrecisionAVSync(sr=22050)
analysis = sync.analyze_sync_quality("ad_video.mp4")

print(f"Sync percentage: {analysis['sync_percentage']:.1f}%")
print(f"Average offset: {analysis['average_offset_seconds']:.3f}s")
print(f"Recommendation: {analysis['recommendation']}")

# Get cut adjustments
audio_peaks = sync.extract_audio_peaks("audio.wav")
visual_peaks = sync.extract_visual_peaks("video.mp4")
sync_points = sync.find_sync_points(audio_peaks, visual_peaks)
adjustments = sync.suggest_cut_adjustments(sync_points)

for adj in adjustments[:5]:
    print(f"Cut at {adj['current_visual_time']:.2f}s")
    print(f"Should be at {adj['target_audio_time']:.2f}s")
    print(f"Shift {adj['direction']} by {abs(adj['adjustment_needed']):.3f}s")
