"""A small ONNX file in the layout of YOLOv8 that finds what it is told to, wherever it looks."""

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
