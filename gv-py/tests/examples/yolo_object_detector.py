from yolo_object_detector import YOLOObjectDetector

detector = YOLOObjectDetector(model_size='n', confidence_threshold=0.4)

# Analyze video
analysis = detector.analyze_video_objects("ad.mp4", sample_rate=5)

print(f"Total objects detected: {analysis['object_summary']}")
print(f"Scene type: {analysis['scene_analysis']['primary_scene_type']}")
print(f"Product visibility: {analysis['product_visibility']['product_presence_ratio']:.2%}")
print(f"Recommendation: {analysis['product_visibility']['recommendation']}")

# Most common objects
for obj, count in analysis['most_common_objects'][:5]:
    print(f"{obj}: {count} detections")
