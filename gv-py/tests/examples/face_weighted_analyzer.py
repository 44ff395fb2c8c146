from face_weighted_analyzer import FaceWeightedAnalyzer

analyzer = FaceWeightedAnalyzer(use_yolo=False)
results = analyzer.analyze_video("ad.mp4")

print(f"Total face motion (3.2x weighted): {results['total_face_motion_weighted']:.2f}")
print(f"Face to background ratio: {results['face_to_background_ratio']:.2f}")
print(f"Average face coverage: {results['average_face_coverage']:.2%}")

for moment in results['peak_face_moments']:
    print(f"Peak at {moment['timestamp']:.2f}s - {moment['face_count']} faces")
