"""Checks an exported model without ONNX Runtime: onnx.checker, then a plain numpy evaluation of the graph by the ONNX
specification, compared with the predictions that a test expects.

    python3 check_model.py model.onnx case.json

case.json: {"inputs": {column: [value or null]}, "output": name, "expected": [[numbers of a row]]}
"""
import json
import sys

import numpy as np
import onnx
from onnx import helper, numpy_helper

model = onnx.load(sys.argv[1])
# The checker knows the operators of its own time alone; the evaluation below knows what it needs.
if next(o.version for o in model.opset_import if o.domain == "") <= onnx.defs.onnx_opset_version():
    onnx.checker.check_model(model, full_check=True)
case = json.load(open(sys.argv[2], encoding="utf-8"))


def attributes(node):
    return {a.name: helper.get_attribute_value(a) for a in node.attribute}


def tensor(proto):
    if proto.data_type == onnx.TensorProto.STRING:
        return np.array([s.decode() for s in proto.string_data], dtype=object).reshape(tuple(proto.dims))
    return numpy_helper.to_array(proto)


def label_encoder(values, a):
    if "keys_strings" in a:
        keys = [k.decode() for k in a["keys_strings"]]
    else:
        keys = list(a["keys_int64s"])
    if "values_floats" in a:
        out, other, kind = a["values_floats"], a.get("default_float", 0.0), np.float32
    elif "values_int64s" in a:
        out, other, kind = a["values_int64s"], a.get("default_int64", -1), np.int64
    else:
        out, other, kind = [v.decode() for v in a["values_strings"]], a.get("default_string", b"_Unused").decode(), object
    table = dict(zip(keys, out))
    return np.array([table.get(v, other) for v in values.ravel()], dtype=kind).reshape(values.shape)


def trees(x, a):
    # float64 in tensors, or float32 in lists
    thresholds, weights = (
        numpy_helper.to_array(a[n + "_as_tensor"]) if n + "_as_tensor" in a else np.array(a[n], np.float32)
        for n in ("nodes_values", "target_weights"))
    bases = numpy_helper.to_array(a["base_values_as_tensor"]) if "base_values_as_tensor" in a else np.zeros(a["n_targets"])
    nodes, leaves, roots = {}, {}, []
    for i, (tree, node) in enumerate(zip(a["nodes_treeids"], a["nodes_nodeids"])):
        nodes[tree, node] = i
        if node == 0:
            roots.append(tree)
    for tree, node, target, weight in zip(a["target_treeids"], a["target_nodeids"], a["target_ids"], weights):
        leaves.setdefault((tree, node), []).append((target, weight))
    scores = np.tile(bases.astype(np.float64), (len(x), 1))
    for row, score in zip(x, scores):
        for tree in roots:
            node = 0
            while (mode := a["nodes_modes"][nodes[tree, node]].decode()) != "LEAF":
                i = nodes[tree, node]
                value = row[a["nodes_featureids"][i]]
                if np.isnan(value):
                    goes = "nodes_missing_value_tracks_true" in a and a["nodes_missing_value_tracks_true"][i] == 1
                elif mode == "BRANCH_LEQ":
                    goes = value <= thresholds[i]
                else:
                    assert mode == "BRANCH_EQ", mode
                    goes = value == thresholds[i]
                node = (a["nodes_truenodeids"] if goes else a["nodes_falsenodeids"])[i]
            for target, weight in leaves[tree, node]:
                score[target] += weight
    return scores.astype(np.float32)


def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


OPERATORS = {
    "Identity": lambda a, x: x,
    "Concat": lambda a, *xs: np.concatenate(xs, axis=a["axis"]),
    "Cast": lambda a, x: x.astype(onnx.mapping.TENSOR_TYPE_TO_NP_TYPE[a["to"]]),
    "IsNaN": lambda a, x: np.isnan(x),
    "Where": lambda a, c, x, y: np.where(c, x, y),
    "Add": lambda a, x, y: x + y,
    "Sub": lambda a, x, y: x - y,
    "Mul": lambda a, x, y: x * y,
    "MatMul": lambda a, x, y: x @ y,
    "BitwiseAnd": lambda a, x, y: x & y,
    "Neg": lambda a, x: -x,
    "Abs": lambda a, x: np.abs(x),
    "Log": lambda a, x: np.log(x),
    "GatherElements": lambda a, x, i: x[i, 0, np.arange(x.shape[2])],
    "Reshape": lambda a, x, shape: x.reshape([x.shape[i] if n == 0 else n for i, n in enumerate(shape)]),
    "LessOrEqual": lambda a, x, y: x <= y,
    "Gather": lambda a, x, i: np.take(x, i, axis=a.get("axis", 0)),
    "ReduceSum": lambda a, x, axes: x.sum(axis=tuple(axes), keepdims=bool(a.get("keepdims", 1))),
    "Squeeze": lambda a, x, axes: np.squeeze(x, axis=tuple(axes)),
    "Sigmoid": lambda a, x: 1 / (1 + np.exp(-x)),
    "Softmax": lambda a, x: softmax(x),
    "ArgMax": lambda a, x: x.argmax(axis=a["axis"]),
    "LabelEncoder": lambda a, x: label_encoder(x, a),
    "TreeEnsembleRegressor": lambda a, x: trees(x, a),
}

values = {t.name: tensor(t) for t in model.graph.initializer}
for graph_input in model.graph.input:
    given = case["inputs"][graph_input.name]
    kind = graph_input.type.tensor_type.elem_type
    if kind == onnx.TensorProto.STRING:
        column = np.array([v or "" for v in given], dtype=object)
    elif kind == onnx.TensorProto.DOUBLE:
        column = np.array([np.nan if v is None else v for v in given], dtype=np.float64)
    else:
        column = np.array(given, dtype=onnx.mapping.TENSOR_TYPE_TO_NP_TYPE[kind])
    values[graph_input.name] = column.reshape(-1, 1)
for node in model.graph.node:
    with np.errstate(invalid="ignore"):
        values[node.output[0]] = OPERATORS[node.op_type](attributes(node), *[values[i] for i in node.input])

expected = np.array(case["expected"])
actual = values[case["output"]].reshape(expected.shape).astype(np.float64)
difference = np.max(np.abs(actual - expected) / np.maximum(np.abs(expected), 1e-3))
assert difference <= 1e-5, f"differs by {difference}"
print(f"{len(model.graph.node)} nodes, {len(expected)} rows, greatest difference {difference:.1e}")
