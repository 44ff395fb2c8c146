from yolo_face_detector import YOLOFaceDetector

detector = YOLOFaceDetector(confidence_threshold=0.5)

# Single frame detection
import cv2
frame = cv2.imread("frame.jpg")
faces = detector.detect_faces(frame)

for face in faces:
    print(f"Face at ({face.x}, {face.y}) - {face.width}x{face.height}")
    print(f"Confidence: {face.confidence:.2f}")
    print(f"Area: {face.area} pixels")

# Video analysis
analysis = detector.detect_faces_video("video.mp4", sample_rate=3)
print(f"Face presence ratio: {analysis['face_presence_ratio']:.2%}")
print(f"Average faces per frame: {analysis['average_faces_per_frame']:.2f}")

# Best face moments
best = detector.find_best_face_moments("video.mp4", top_n=3)
for moment in best:
    print(f"{moment['timestamp']:.2f}s - {moment['recommendation']}")
