"""Faces, objects and text: how many are found, beside OpenCV and the labels, and how fast networks run beside ONNX Runtime.

Rows of time are for scripts/bench. The tables of accuracy go to stderr, or are the only output with `--accuracy`.
Photos and models are those of the shared media; OpenCV's Haar cascade and YuNet and ONNX Runtime run in this run.
"""

from __future__ import annotations

import concurrent.futures
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


Scored = tuple[Box, float]


def ours(model: pathlib.Path | None, threshold: float, **options):
    detector = YOLOFaceDetector(model, confidence_threshold=threshold, **options)
    return lambda picture: [((f.x, f.y, f.width, f.height), f.confidence) for f in detector.detect_faces(picture)]


def haar(neighbours: int = 5):
    cascade = cv2.CascadeClassifier(str(HAAR))

    def detect(picture):
        gray = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
        boxes, _, weights = cascade.detectMultiScale3(gray, 1.1, neighbours, minSize=(30, 30), outputRejectLevels=True)
        return [(tuple(box), float(weight)) for box, weight in zip(boxes, np.ravel(weights), strict=True)]

    return detect


def opencv_yunet(threshold: float, side: int = 640):
    detector = cv2.FaceDetectorYN.create(str(YUNET[side]), "", (side, side), threshold, 0.3, 5000)

    def detect(picture):
        padded = np.zeros((side, side, 3), np.uint8)
        scale = min(1.0, side / max(picture.shape[:2]))
        small = picture if scale == 1.0 else cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        padded[: small.shape[0], : small.shape[1]] = small
        found = detector.detect(padded)[1]
        faces = found if found is not None else []
        return [(tuple(np.array(face[:4]) / scale), float(face[14])) for face in faces]

    return detect


def average_precision(truth: dict[str, list[Box]], found: dict[str, list[Scored]], least: float) -> float:
    """Area below precision over recall, every point of it: detections of all photos, surest first."""
    total = sum(map(len, truth.values()))
    free = {photo: list(boxes) for photo, boxes in truth.items()}
    everything = sorted(((score, photo, box) for photo, list_ in found.items() for box, score in list_), key=lambda one: -one[0])
    hits, precisions, recalls = 0, [], []
    for count, (_, photo, box) in enumerate(everything, 1):
        best = max(free.get(photo, []), key=lambda other: iou(box, other), default=None)
        if best is not None and iou(box, best) >= least:
            hits += 1
            free[photo].remove(best)
        precisions.append(hits / count)
        recalls.append(hits / total)
    area, before = 0.0, 0.0
    for at, recall in enumerate(recalls):
        area += (recall - before) * max(precisions[at:])
        before = recall
    return area


def face_table() -> str:
    labels = json.loads((MEDIA / "reference/faces_opencv_reference.json").read_text())["gt_dlib"]
    detectors = {
        "built-in cascade": (ours(None, 0.5), ours(None, 0.05)),
        "YuNet 640": (ours(YUNET[640], 0.6), ours(YUNET[640], 0.05)),
        "YuNet 320": (ours(YUNET[320], 0.6), ours(YUNET[320], 0.05)),
        "UltraFace RFB-320": (ours(ULTRAFACE, 0.7), ours(ULTRAFACE, 0.05)),
        "OpenCV YuNet 640": (opencv_yunet(0.6), opencv_yunet(0.05)),
        "OpenCV Haar": (haar(), haar(1)),
    }
    photos = {name: cv2.imread(str(MEDIA / name)) for name in labels if (MEDIA / name).exists()}
    empty = {name: cv2.imread(str(IMAGES / name)) for name in NO_FACE}
    total = sum(len(labels[name]) for name in photos)
    header = f"| detector | of {total} labelled faces | others on these photos | on {len(NO_FACE)} photos without a face | average precision, all photos |"
    lines = [header, "|---|---|---|---|---|"]
    for name, (detect, detect_all) in detectors.items():
        hits = others = 0
        for photo, picture in photos.items():
            found = [box for box, _ in detect(picture)]
            right = matched([tuple(box) for box in labels[photo]], found, 0.35)
            hits, others = hits + right, others + len(found) - right
        false = sum(len(detect(picture)) for picture in empty.values())
        scored = {photo: detect_all(picture) for photo, picture in (photos | empty).items()}
        truth = {photo: [tuple(box) for box in labels[photo]] for photo in photos}
        lines.append(f"| {name} | {hits} | {others} | {false} | {average_precision(truth, scored, 0.35):.2f} |")
    return "\n".join(lines)


def same_as_opencv() -> str:
    mine, theirs = ours(YUNET[640], 0.55), opencv_yunet(0.6)
    worst, count, missed, outside = 1.0, 0, 0, 0
    for path in sorted(IMAGES.glob("*/*.jpg")) + sorted(IMAGES.glob("misc/*.png")):
        picture = cv2.imread(str(path))
        if picture is None or max(picture.shape[:2]) > 640 or path.name == "baseball.jpg":
            continue
        found = [box for box, _ in mine(picture)]
        for (x, y, width, height), _ in theirs(picture):
            right, bottom = min(x + width, picture.shape[1]), min(y + height, picture.shape[0])
            x, y = max(x, 0), max(y, 0)
            if right <= x or bottom <= y:
                outside += 1
                continue
            box = (round(x), round(y), round(right) - round(x), round(bottom) - round(y))
            best = max((iou(box, other) for other in found), default=0.0)
            count += 1
            if best < 0.5:
                missed += 1
            else:
                worst = min(worst, best)
    return (
        f"YuNet through tract against OpenCV's, boxes cut off at the picture's edge: {count} boxes, {missed} without a partner, "
        f"lowest IoU of the others {worst:.3f} (whole pixels); {outside} of OpenCV's lie outside of the picture"
    )


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


def same_objects() -> str:
    """Boxes of YOLOX-nano through tract, through ONNX Runtime, and those recorded with the reference implementation."""
    reference = json.loads((MEDIA / "reference/yolox_nano_reference.json").read_text())["files"]
    here = YOLOObjectDetector(confidence_threshold=0.3, model_path=YOLOX)
    there = YOLOObjectDetector(confidence_threshold=0.3, model_path=YOLOX, runtime="onnxruntime")
    apart, moved, count, recorded, found_recorded = 0.0, 0, 0, 0, 0
    for file, boxes in reference.items():
        picture = cv2.imread(str(IMAGES / "coco_cc" / file))
        if picture is None:
            continue
        mine, peers = here.detect_objects(picture), there.detect_objects(picture)
        count += len(peers)
        moved += abs(len(mine) - len(peers))
        for one, peer in zip(mine, peers, strict=False):
            apart = max(apart, abs(one.confidence - peer.confidence))
            moved += (one.class_name, one.x, one.y, one.width, one.height) != (peer.class_name, peer.x, peer.y, peer.width, peer.height)
        for name, (x, y, width, height), score in boxes:
            if score < 0.35:
                continue
            right, bottom = min(x + width, picture.shape[1]), min(y + height, picture.shape[0])
            box = (max(x, 0), max(y, 0), right - max(x, 0), bottom - max(y, 0))
            recorded += 1
            found_recorded += any(o.class_name == name and iou(box, (o.x, o.y, o.width, o.height)) >= 0.8 for o in mine)
    return (
        f"YOLOX-nano through tract against ONNX Runtime: {count} boxes, {moved} that differ by a pixel or more, scores at most {apart:.1e} apart; "
        f"{found_recorded} of {recorded} recorded boxes of the reference above 0.35"
    )


def accuracy() -> str:
    return "\n".join([face_table(), "", same_as_opencv(), object_table(), same_objects()])


def session(model: pathlib.Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def two_at_once(work):
    """`work` eight times on two threads; the time of one."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: work(), range(8)))


def speed() -> None:
    picture = cv2.resize(cv2.imread(str(IMAGES / "face_recognition/two_people.jpg")), (640, 360))
    faces = {"YuNet 640": YUNET[640], "YuNet 320": YUNET[320], "UltraFace RFB-320": ULTRAFACE}
    for name, model in (faces | {"YOLOX-nano 416": YOLOX}).items():

        def detector(model=model, **options):
            if model == YOLOX:
                return YOLOObjectDetector(model_path=model, **options).detect_objects
            return YOLOFaceDetector(model, **options).detect_faces

        peer = session(model, 1)
        given = peer.get_inputs()[0]
        tensor = {given.name: np.random.default_rng(0).random(given.shape, np.float32)}
        here, there = detector(), detector(runtime="onnxruntime")
        mine, theirs = in_turn(lambda: here(picture), lambda: peer.run(None, tensor), runs=15, clock=cpu)
        row(f"{name}, 640x360, every step of ours beside the network alone", mine, "ONNX Runtime, 1 thread", theirs)
        mine, theirs = in_turn(lambda: there(picture), lambda: peer.run(None, tensor), runs=15, clock=cpu)
        row(f"{name}, the same with runtime onnxruntime", mine, "ONNX Runtime, 1 thread", theirs)
        wide = session(model, 2)
        mine, theirs = in_turn(
            lambda: two_at_once(lambda: here(picture)), lambda: [wide.run(None, tensor) for _ in range(8)], runs=7
        )
        row(f"{name}, 8 pictures, two at once, wall time", mine, "ONNX Runtime, 2 threads", theirs)
    cascade = cv2.CascadeClassifier(str(HAAR))
    gray = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    cv2.setNumThreads(1)
    detector = YOLOFaceDetector()
    mine, theirs = in_turn(
        lambda: detector.detect_faces(picture),
        lambda: cascade.detectMultiScale(gray, 1.1, 5, minSize=(40, 40)),
        clock=cpu,
    )
    row("built-in cascade, 640x360", mine, "OpenCV Haar, 1 thread", theirs)


if __name__ == "__main__":
    os.environ["GV_NUM_THREADS"] = "1"
    if "--accuracy" in sys.argv:
        print(accuracy())
    else:
        say(accuracy())
        speed()
