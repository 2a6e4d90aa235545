"""Makes packages/ and expected.json: packages as MLflow's `onnx` flavor lays them out (mlflow 2.9.2, mlflow/onnx and
mlflow/models/model.py), with graphs such as skl2onnx and PyTorch write, and what NumPy says that they answer.

Run with Debian's python3-onnx (1.12), python3-numpy and python3-yaml: python3 make_packages.py
"""

import json
import pathlib
import shutil

import numpy as np
import onnx
import yaml
from onnx import TensorProto, helper, numpy_helper

HERE = pathlib.Path(__file__).parent
PACKAGES = HERE / "packages"
ML = "ai.onnx.ml"
PIP = ["mlflow==2.9.2", "numpy==1.24.2", "onnx==1.12.0", "onnxruntime==1.16.3", "pandas==2.1.4"]
TYPES = {"float32": TensorProto.FLOAT, "int64": TensorProto.INT64, "str": TensorProto.STRING}
EXPECTED = {}


def model(nodes, inputs, outputs, initializers=()):
    graph = helper.make_graph(
        nodes, "graph", [helper.make_tensor_value_info(name, TYPES[kind], shape) for name, kind, shape in inputs],
        outputs, [numpy_helper.from_array(values, name) for name, values in initializers])
    made = helper.make_model(graph, producer_name="skl2onnx", opset_imports=[
        helper.make_opsetid("", 15), helper.make_opsetid(ML, 2)])
    made.ir_version = 8
    return made


def output(name, kind, shape):
    return helper.make_tensor_value_info(name, TYPES[kind], shape)


def column(name, kind, **more):
    return {"type": kind, "name": name, **({"required": True} | more)}


def tensor(kind, shape, name=None):
    spec = {"type": "tensor", "tensor-spec": {"dtype": kind, "shape": shape}}
    return {"name": name, **spec} if name else spec


def save(name, onnx_model, signature=None, example=None, metadata=None, external=None):
    """What mlflow.onnx.save_model(onnx_model, path, signature=…, input_example=…, metadata=…) leaves."""
    path = PACKAGES / name
    path.mkdir(parents=True)
    manifest = {
        "artifact_path": "model",
        "flavors": {
            "onnx": {
                "code": None, "data": "model.onnx", "onnx_session_options": None, "onnx_version": onnx.__version__,
                "providers": ["CUDAExecutionProvider", "CPUExecutionProvider"]},
            "python_function": {
                "data": "model.onnx", "env": {"conda": "conda.yaml", "virtualenv": "python_env.yaml"},
                "loader_module": "mlflow.onnx", "python_version": "3.11.2"}},
        "mlflow_version": "2.9.2",
        "model_uuid": "c0ffee00000000000000000000000001",
        "run_id": "c0ffee00000000000000000000000002",
        "utc_time_created": "2023-12-20 08:00:00.000000"}
    if external is None:
        onnx.save_model(onnx_model, str(path / "model.onnx"))
    else:
        # The default of save_as_external_data; the file is named by a random UUID there.
        onnx.save_model(onnx_model, str(path / "model.onnx"), save_as_external_data=True, location=external)
    if metadata is not None:
        manifest["metadata"] = metadata
    if signature is not None:
        inputs, outputs = signature
        manifest["signature"] = {"inputs": json.dumps(inputs), "outputs": json.dumps(outputs), "params": None}
    if example is not None:
        manifest["saved_input_example_info"] = {
            "artifact_path": "input_example.json", "pandas_orient": "split", "type": "dataframe"}
        (path / "input_example.json").write_text(json.dumps(example))
    manifest["model_size_bytes"] = sum(file.stat().st_size for file in path.iterdir())
    (path / "MLmodel").write_text(yaml.safe_dump(manifest, default_flow_style=False, allow_unicode=True))
    (path / "requirements.txt").write_text("\n".join(PIP))
    (path / "conda.yaml").write_text(yaml.safe_dump({
        "channels": ["conda-forge"], "dependencies": ["python=3.11.2", "pip<=23.0.1", {"pip": PIP}],
        "name": "mlflow-env"}))
    (path / "python_env.yaml").write_text(yaml.safe_dump({
        "python": "3.11.2", "build_dependencies": ["pip==23.0.1", "setuptools==66.1.1", "wheel==0.38.4"],
        "dependencies": ["-r requirements.txt"]}))


def expect(name, inputs, outputs):
    """Tensors as {name: {shape, data}}."""
    EXPECTED[name] = {
        side: {key: {"shape": list(values.shape), "data": values.ravel().tolist()} for key, values in tensors.items()}
        for side, tensors in (("inputs", inputs), ("outputs", outputs))}


def stacked():
    """Columns of a data frame side by side in one tensor: LinearRegression through skl2onnx."""
    weights, intercept = np.array([0.5, -1.25, 2.0, 0.125], np.float32), np.float32(3.0)
    node = helper.make_node("LinearRegressor", ["float_input"], ["variable"], domain=ML,
                            coefficients=weights.tolist(), intercepts=[float(intercept)], targets=1)
    names = ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "count"]
    kinds = ["double", "double", "float", "long"]
    rows = np.array([[5.1, 3.5, 1.4, 2], [6.2, 2.9, 4.3, 7], [4.75, 3.25, 1.5, 0]])
    save("stacked", model([node], [("float_input", "float32", [None, 4])], [output("variable", "float32", [None, 1])]),
         ([column(n, k) for n, k in zip(names, kinds)], [tensor("float32", [-1, 1])]),
         {"columns": names, "data": rows.tolist()})
    expect("stacked", {n: rows[:, i] for i, n in enumerate(names)},
           {"variable": (rows.astype(np.float32) @ weights + intercept).reshape(-1, 1)})


def named():
    """A tensor per column, texts and a missing one among them: a classifier through skl2onnx, with its ZipMap."""
    cities = {"Berlin": 1.0, "Paris": 2.5}
    weights, bias = np.array([0.25, 0.5, -0.125], np.float32), np.float32(-5)
    nodes = [
        helper.make_node("LabelEncoder", ["city"], ["city_number"], domain=ML, keys_strings=list(cities),
                         values_floats=list(cities.values()), default_float=-1.0),
        helper.make_node("Cast", ["visits"], ["visits_float"], to=TensorProto.FLOAT),
        helper.make_node("Concat", ["age", "city_number", "visits_float"], ["features"], axis=1),
        helper.make_node("LinearClassifier", ["features"], ["output_label", "scores"], domain=ML,
                         classlabels_ints=[0, 1], coefficients=[*(-weights).tolist(), *weights.tolist()],
                         intercepts=[-float(bias), float(bias)], multi_class=0, post_transform="SOFTMAX"),
        helper.make_node("ZipMap", ["scores"], ["output_probability"], domain=ML, classlabels_int64s=[0, 1]),
    ]
    maps = onnx.TypeProto()
    maps.sequence_type.elem_type.map_type.key_type = TensorProto.INT64
    maps.sequence_type.elem_type.map_type.value_type.tensor_type.elem_type = TensorProto.FLOAT
    outputs = [output("output_label", "int64", [None]), helper.make_value_info("output_probability", maps),
               output("scores", "float32", [None, 2])]
    save("named", model(nodes, [("age", "float32", [None, 1]), ("city", "str", [None, 1]), ("visits", "int64", [None, 1])],
                        outputs),
         ([column("age", "double"), column("city", "string", required=False), column("visits", "long")],
          [column("output_label", "long")]),
         {"columns": ["age", "city", "visits"], "data": [[31.5, "Berlin", 3]]})
    age, visits = np.array([31.5, 18.0, 12.25]), np.array([3, 1, 40])
    city = ["Berlin", "Paris", ""]
    features = np.stack([age, [cities.get(c, -1.0) for c in city], visits], axis=1).astype(np.float32)
    score = features @ weights + bias
    scores = np.stack([-score, score], axis=1)
    scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    scores /= scores.sum(axis=1, keepdims=True)
    expect("named", {"age": age, "city": np.array(city), "visits": visits},
           {"output_label": scores.argmax(axis=1), "scores": scores})


def external():
    """Weights in a file beside the graph, a tensor without a name in the signature, names of the classes."""
    random = np.random.RandomState(7)
    first = random.randn(4, 96).astype(np.float32)
    second, bias = random.randn(96, 3).astype(np.float32), np.array([0.5, 0, -0.5], np.float32)
    nodes = [helper.make_node("MatMul", ["x", "first"], ["a"]), helper.make_node("Relu", ["a"], ["b"]),
             helper.make_node("Gemm", ["b", "second", "bias"], ["logits"])]
    made = model(nodes, [("x", "float32", ["batch", 4])], [output("logits", "float32", ["batch", 3])],
                 [("first", first), ("second", second), ("bias", bias)])
    save("external", made, ([tensor("float32", [-1, 4])], [tensor("float32", [-1, 3])]),
         metadata={"id2label": {"0": "low", "1": "middle", "2": "high"}},
         external="6b1f7a30-9f3b-11ee-b9d1-0242ac120002")
    x = np.round(random.randn(5, 4), 3).astype(np.float32)
    logits = np.maximum(x @ first, 0) @ second + bias
    labels = np.array(["low", "middle", "high"])[logits.argmax(axis=1)]
    expect("external", {"x": x}, {"logits": logits, "label": labels})


def several():
    """Several tensors with names: free lengths, a scalar, texts; several outputs."""
    nodes = [helper.make_node("ReduceSum", ["tokens", "axes"], ["total"], keepdims=0),
             helper.make_node("Cast", ["tokens"], ["numbers"], to=TensorProto.FLOAT),
             helper.make_node("Mul", ["numbers", "weight"], ["scaled"]), helper.make_node("Identity", ["who"], ["same"])]
    made = model(nodes, [("tokens", "int64", ["batch", "length"]), ("weight", "float32", []), ("who", "str", ["batch"])],
                 [output("total", "int64", ["batch"]), output("scaled", "float32", ["batch", "length"]),
                  output("same", "str", ["batch"])], [("axes", np.array([1], np.int64))])
    save("several", made, (
        [tensor("int64", [-1, -1], "tokens"), tensor("float32", [], "weight"), tensor("str", [-1], "who")],
        [tensor("int64", [-1], "total"), tensor("float32", [-1, -1], "scaled"), tensor("str", [-1], "same")]))
    tokens, weight = np.array([[1, 2, 3], [40, 50, 60]]), np.float32(0.5)
    who = np.array(["Zoë", "李"])
    expect("several", {"tokens": tokens, "weight": np.array(weight), "who": who},
           {"total": tokens.sum(axis=1), "scaled": tokens.astype(np.float32) * weight, "same": who})


def unsigned():
    """No signature: a tensor for each column of a data frame, as MLflow fills them."""
    node = helper.make_node("Add", ["a", "b"], ["sum"])
    save("unsigned", model([node], [("a", "float32", ["n"]), ("b", "float32", ["n"])], [output("sum", "float32", ["n"])]))
    a, b = np.array([1.5, -2, 0.25], np.float32), np.array([4, 8, 0.5], np.float32)
    expect("unsigned", {"a": a, "b": b}, {"sum": a + b})


shutil.rmtree(PACKAGES, ignore_errors=True)
for make in (stacked, named, external, several, unsigned):
    make()
lines = [f"{json.dumps(name)}: {json.dumps(tensors, ensure_ascii=False)}" for name, tensors in EXPECTED.items()]
(HERE / "expected.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
