"""Small ONNX files: one in the layout of YOLOv8 that finds what it is told to, and ones that tell dark from light faces."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIDE = 64


def write_yolov8(path, found, classes=80):
    """Writes a network of 64 x 64 pixels whose candidates are `found`: (class, score, x, y, width, height) each."""
    columns = np.zeros((1, 4 + classes, max(len(found), 1)), np.float32)
    for at, (number, score, x, y, width, height) in enumerate(found):
        columns[0, :4, at] = x + width / 2, y + height / 2, width, height
        columns[0, 4 + number, at] = score
    nodes = [
        helper.make_node("ReduceMean", ["images"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "zero"], ["nothing"]),
        helper.make_node("Add", ["planted", "nothing"], ["output0"]),
    ]
    graph = helper.make_graph(
        nodes,
        "planted",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, SIDE, SIDE])],
        [helper.make_tensor_value_info("output0", TensorProto.FLOAT, columns.shape)],
        [numpy_helper.from_array(columns, "planted"), numpy_helper.from_array(np.float32(0), "zero")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
    return path


def write_brightness(path, weights, offset, channels=1, side=16):
    """Writes a network whose scores are `weights` times the mean of its picture plus `offset`."""
    nodes = [
        helper.make_node("ReduceMean", ["face"], ["mean"], axes=[1, 2, 3], keepdims=0),
        helper.make_node("Reshape", ["mean", "one"], ["column"]),
        helper.make_node("MatMul", ["column", "weights"], ["weighted"]),
        helper.make_node("Add", ["weighted", "offset"], ["scores"]),
    ]
    values = {"one": np.array([1, 1], np.int64), "weights": np.array([weights], np.float32), "offset": np.array([offset], np.float32)}
    graph = helper.make_graph(
        nodes,
        "brightness",
        [helper.make_tensor_value_info("face", TensorProto.FLOAT, [1, channels, side, side])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, len(weights)])],
        [numpy_helper.from_array(value, name) for name, value in values.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
    return path
