from motion_moment_sdk import MotionMomentSDK

sdk = MotionMomentSDK(fps=30.0)
moments = sdk.detect_motion_moments("video.mp4")

for moment in moments:
    print(f"Type: {moment.moment_type}")
    print(f"Time: {moment.timestamp_start:.2f}s")
    print(f"Energy: {moment.motion_energy:.2f}")
    print(f"Face present: {moment.face_present}")

# Get attention curve
curve = sdk.get_attention_curve("video.mp4")
print(f"Timeline: {curve['timeline']}")
print(f"Attention: {curve['attention']}")
