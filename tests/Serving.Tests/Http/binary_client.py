"""Writes and reads the binary tensor extension as Triton's client does; Python's standard library and numpy."""
import http.client, json, struct, sys
import numpy as np

PORT, CASE = int(sys.argv[1]), sys.argv[2]
NUMPY = {"BOOL": np.bool_, "UINT8": np.uint8, "UINT16": np.uint16, "UINT32": np.uint32, "UINT64": np.uint64,
         "INT8": np.int8, "INT16": np.int16, "INT32": np.int32, "INT64": np.int64,
         "FP16": np.float16, "FP32": np.float32, "FP64": np.float64}


def raw(datatype, values):
    if datatype == "BYTES":
        return b"".join(struct.pack("<I", len(v)) + v for v in values)
    if datatype == "BF16":
        return (np.array(values, np.float32).view(np.uint32) >> 16).astype(np.uint16).tobytes()
    return np.array(values, NUMPY[datatype]).tobytes()


def post(head, tail=b"", header=True):
    body = json.dumps(head).encode() if head is not None else b""
    headers = {"Content-Type": "application/octet-stream"}
    if header:
        headers["Inference-Header-Content-Length"] = str(len(body))
    connection = http.client.HTTPConnection("127.0.0.1", PORT)
    connection.request("POST", "/v2/models/m/infer", body + tail, headers)
    answer = connection.getresponse()
    data = answer.read()
    length = int(answer.getheader("Inference-Header-Content-Length", len(data)))
    head = json.loads(data[:length])
    assert answer.status == 200, data
    rest, outputs = data[length:], {}
    for tensor in head["outputs"]:
        size = tensor.get("parameters", {}).get("binary_data_size")
        if size is None:
            outputs[tensor["name"]] = (tensor, tensor["data"])
        else:
            outputs[tensor["name"]] = (tensor, rest[:size])
            rest = rest[size:]
    assert rest == b"", rest
    return head, outputs


VALUES = {"BOOL": [True, False], "FP16": [0.5, -65504], "BF16": [1.5, -2], "FP32": [0.1, float("inf")], "FP64": [0.1, float("nan")],
          "BYTES": ["größer".encode(), b""]}
for name, type in NUMPY.items():
    if np.issubdtype(type, np.integer):
        VALUES[name] = [np.iinfo(type).min, np.iinfo(type).max]


def tensors(binary):
    inputs, tail = [], b""
    for datatype, values in VALUES.items():
        tensor = {"name": "in_" + datatype, "shape": [len(values)], "datatype": datatype}
        if binary(datatype):
            data = raw(datatype, values)
            tensor["parameters"] = {"binary_data_size": len(data)}
            tail += data
        else:
            tensor["data"] = [v.decode() if isinstance(v, bytes) else v for v in values]
        inputs.append(tensor)
    return inputs, tail


if CASE == "every_datatype":
    inputs, tail = tensors(lambda datatype: True)
    head, outputs = post({"id": "7", "inputs": inputs, "parameters": {"binary_data_output": True}}, tail)
    assert head["id"] == "7"
    for datatype, values in VALUES.items():
        tensor, data = outputs[datatype]
        assert tensor["datatype"] == datatype and tensor["shape"] == [2], tensor
        assert data == raw(datatype, values), (datatype, data)
elif CASE == "mixed":
    VALUES["FP32"], VALUES["FP64"] = [0.5, 1.5], [0.1, 0.2]
    inputs, tail = tensors(lambda datatype: datatype in ("FP16", "BF16", "INT32", "BYTES"))
    outputs = [{"name": "INT32", "parameters": {"binary_data": True}}, {"name": "FP64"},
               {"name": "BYTES", "parameters": {"binary_data": False}}]
    head, outputs = post({"inputs": inputs, "outputs": outputs}, tail)
    assert [t["name"] for t in head["outputs"]] == ["INT32", "FP64", "BYTES"]
    assert outputs["INT32"][1] == raw("INT32", VALUES["INT32"])
    assert outputs["FP64"][1] == [0.1, 0.2]
    assert outputs["BYTES"][1] == ["größer", ""]
elif CASE == "raw":
    data = np.array([[1, 2], [3, 4], [5, 6]], np.float32)
    head, outputs = post(None, data.tobytes())
    assert outputs["x"][0]["shape"] == [3, 2], head
    assert outputs["x"][1] == data.tobytes()
else:
    connection = http.client.HTTPConnection("127.0.0.1", PORT)
    connection.request("GET", "/v2")
    server = json.loads(connection.getresponse().read())
    assert "binary_tensor_data" in server["extensions"], server
    connection.request("GET", "/v2/models/m")
    model = json.loads(connection.getresponse().read())
    assert {t["datatype"] for t in model["inputs"]} == set(VALUES), model
    assert all(t["shape"] == [-1] for t in model["inputs"]), model
