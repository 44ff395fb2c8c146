"""Faces, objects and text: how many are found, beside OpenCV and the labels, and how fast networks run beside ONNX Runtime.

Rows of time are for scripts/bench. The tables of accuracy go to stderr, or are the only output with `--accuracy`.
Photos and models are those of the shared media; OpenCV's Haar cascade and YuNet and ONNX Runtime run in this run.
"""

from __future__ import annotations

import json
import os
import pathlib
import sys

import cv2
import numpy as np
import onnxruntime
from benchlib import cpu, in_turn, row, say

from geminivideo.yolo_face_detector import YOLOFaceDetector
from geminivideo.yolo_object_detector import COCO_CLASSES, YOLOObjectDetector

ROOT = pathlib.Path(__file__).resolve().parents[2]
MEDIA = pathlib.Path(os.environ.get("GV_TEST_MEDIA", ROOT / ".." / "shared" / "media"))
MODELS = pathlib.Path(os.environ.get("GV_TEST_MODELS", ROOT / ".." / "shared" / "models"))
IMAGES = MEDIA / "images"
YUNET = {side: MODELS / f"yunet/yunet_n_{side}_{side}.onnx" for side in (320, 640)}
ULTRAFACE = MODELS / "ultraface/version-RFB-320.onnx"
YOLOX = MODELS / "yolox/yolox_nano.onnx"
HAAR = MODELS / "haar/haarcascade_frontalface_default.xml"

NO_FACE = ["misc/chelsea_cat_noface.png", "misc/coffee.png", "misc/sofa-cats.jpg", "darknet/eagle.jpg"]
NO_FACE += ["darknet/giraffe.jpg", "darknet/dog.jpg"]

Box = tuple[float, float, float, float]


def iou(a: Box, b: Box) -> float:
    wide = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    high = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    common = max(wide, 0) * max(high, 0)
    return common / (a[2] * a[3] + b[2] * b[3] - common)


def matched(truth: list[Box], found: list[Box], least: float) -> int:
    free = list(found)
    hits = 0
    for box in truth:
        best = max(free, key=lambda other: iou(box, other), default=None)
        if best is not None and iou(box, best) >= least:
            hits += 1
            free.remove(best)
    return hits


def ours(model: pathlib.Path | None, threshold: float):
    detector = YOLOFaceDetector(model, confidence_threshold=threshold)
    return lambda picture: [(f.x, f.y, f.width, f.height) for f in detector.detect_faces(picture)]


def haar():
    cascade = cv2.CascadeClassifier(str(HAAR))

    def detect(picture):
        gray = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
        return [tuple(box) for box in cascade.detectMultiScale(gray, 1.1, 5, minSize=(30, 30))]

    return detect


def opencv_yunet(threshold: float):
    detector = cv2.FaceDetectorYN.create(str(YUNET[640]), "", (640, 640), threshold, 0.3, 5000)

    def detect(picture):
        padded = np.zeros((640, 640, 3), np.uint8)
        scale = min(1.0, 640 / max(picture.shape[:2]))
        small = picture if scale == 1.0 else cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        padded[: small.shape[0], : small.shape[1]] = small
        found = detector.detect(padded)[1]
        return [tuple(np.array(face[:4]) / scale) for face in (found if found is not None else [])]

    return detect


def face_table() -> str:
    labels = json.loads((MEDIA / "reference/faces_opencv_reference.json").read_text())["gt_dlib"]
    detectors = {
        "built-in cascade": ours(None, 0.5),
        "YuNet 640": ours(YUNET[640], 0.6),
        "YuNet 320": ours(YUNET[320], 0.6),
        "UltraFace RFB-320": ours(ULTRAFACE, 0.7),
        "OpenCV YuNet 640": opencv_yunet(0.6),
        "OpenCV Haar": haar(),
    }
    photos = {name: cv2.imread(str(MEDIA / name)) for name in labels if (MEDIA / name).exists()}
    total = sum(len(labels[name]) for name in photos)
    lines = [f"| detector | of {total} labelled faces | others on these photos | on {len(NO_FACE)} photos without a face |", "|---|---|---|---|"]
    for name, detect in detectors.items():
        hits = others = 0
        for photo, picture in photos.items():
            found = detect(picture)
            right = matched([tuple(box) for box in labels[photo]], found, 0.35)
            hits, others = hits + right, others + len(found) - right
        false = sum(len(detect(cv2.imread(str(IMAGES / photo)))) for photo in NO_FACE)
        lines.append(f"| {name} | {hits} | {others} | {false} |")
    return "\n".join(lines)


def same_as_opencv() -> str:
    mine, theirs = ours(YUNET[640], 0.55), opencv_yunet(0.6)
    worst, count, missed = 1.0, 0, 0
    for path in sorted(IMAGES.glob("*/*.jpg")) + sorted(IMAGES.glob("misc/*.png")):
        picture = cv2.imread(str(path))
        if picture is None or max(picture.shape[:2]) > 640 or path.name == "baseball.jpg":
            continue
        found = mine(picture)
        for x, y, width, height in theirs(picture):
            box = (round(x), round(y), round(x + width) - round(x), round(y + height) - round(y))
            best = max((iou(box, other) for other in found), default=0.0)
            count += 1
            if best < 0.5:
                missed += 1
            else:
                worst = min(worst, best)
    return f"YuNet through tract against OpenCV's: {count} boxes, {missed} without a partner, lowest IoU of the others {worst:.3f} (whole pixels)"


def object_table() -> str:
    truth = json.loads((IMAGES / "coco_cc/instances_subset.json").read_text())
    names = {c["id"]: c["name"] for c in truth["categories"]}
    files = {image["id"]: image["file_name"] for image in truth["images"]}
    detector = YOLOObjectDetector(confidence_threshold=0.3, model_path=YOLOX)
    hits = found_all = total = 0
    for number, file in files.items():
        path = IMAGES / "coco_cc" / file
        if not path.exists():
            continue
        picture = cv2.imread(str(path))
        found = detector.detect_objects(picture)
        found_all += len(found)
        for name in COCO_CLASSES:
            boxes = [tuple(a["bbox"]) for a in truth["annotations"] if a["image_id"] == number and names[a["category_id"]] == name]
            total += len(boxes)
            hits += matched(boxes, [(f.x, f.y, f.width, f.height) for f in found if f.class_name == name], 0.5)
    return f"YOLOX-nano on photos of COCO at 0.3: {hits} of {total} labelled objects, {found_all - hits} others (recall {hits / total:.2f}, precision {hits / found_all:.2f})"


def accuracy() -> str:
    return "\n".join([face_table(), "", same_as_opencv(), object_table()])


def session(model: pathlib.Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def speed() -> None:
    picture = cv2.resize(cv2.imread(str(IMAGES / "face_recognition/two_people.jpg")), (640, 360))
    networks = {
        "YuNet 640": (YUNET[640], YOLOFaceDetector(YUNET[640]).detect_faces),
        "YuNet 320": (YUNET[320], YOLOFaceDetector(YUNET[320]).detect_faces),
        "UltraFace RFB-320": (ULTRAFACE, YOLOFaceDetector(ULTRAFACE).detect_faces),
        "YOLOX-nano 416": (YOLOX, YOLOObjectDetector(model_path=YOLOX).detect_objects),
    }
    for name, (model, detect) in networks.items():
        peer = session(model)
        given = peer.get_inputs()[0]
        tensor = np.random.default_rng(0).random(given.shape, np.float32)
        ours, theirs = in_turn(
            lambda: detect(picture), lambda: peer.run(None, {given.name: tensor}), clock=cpu
        )
        row(f"{name}, 640x360, every step of ours beside the network alone", ours, "ONNX Runtime, 1 thread", theirs)
    cascade = cv2.CascadeClassifier(str(HAAR))
    gray = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    cv2.setNumThreads(1)
    detector = YOLOFaceDetector()
    ours, theirs = in_turn(
        lambda: detector.detect_faces(picture),
        lambda: cascade.detectMultiScale(gray, 1.1, 5, minSize=(40, 40)),
        clock=cpu,
    )
    row("built-in cascade, 640x360", ours, "OpenCV Haar, 1 thread", theirs)


if __name__ == "__main__":
    if "--accuracy" in sys.argv:
        print(accuracy())
    else:
        say(accuracy())
        speed()
