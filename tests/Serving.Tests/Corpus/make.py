"""Writes the corpus of malformed requests: one file each, and cases.json with what each must be answered with.

columns: inputs temp FP64, hour INT64, holiday BOOL?, weather BYTES?, at TIMESTAMP? (tests/Serving.Tests/FakeScorer.cs)
tensor:  one input in_x, FP32 [-1, 2];  text: one input in_t, BYTES [-1];  ints: one input in_i, UINT8 [-1, -1]
"""
import json, os, struct

HERE = os.path.dirname(os.path.abspath(__file__))
cases = []


def case(name, model, body, reason, cause, header=None):
    binary = isinstance(body, bytes)
    data = body if binary else body.encode()
    file = name + (".bin" if binary else ".json")
    with open(os.path.join(HERE, file), "wb") as f:
        f.write(data)
    cases.append({"file": file, "model": model, "header": header, "reason": reason, "cause": cause})


def x(shape, data, datatype="FP32", **more):
    return json.dumps({"inputs": [{"name": "in_x", "shape": shape, "datatype": datatype, **more, "data": data}]})


def binary(name, shape, datatype, raw, size=None, **more):
    head = json.dumps({"inputs": [{"name": name, "shape": shape, "datatype": datatype,
                                   "parameters": {"binary_data_size": len(raw) if size is None else size}, **more}]}).encode()
    return head + raw, str(len(head))


f32 = lambda *v: struct.pack("<%df" % len(v), *v)
text = lambda *v: b"".join(struct.pack("<I", len(t)) + t for t in v)

# shapes
case("too-few-values", "tensor", x([2, 2], [1, 2, 3]), "bad-shape", "4 elements")
case("too-many-values", "tensor", x([1, 2], [1, 2, 3]), "bad-shape", "2 elements")
case("ragged", "tensor", x([2, 2], [[1, 2], [3]]), "bad-shape", "neither flat nor nested")
case("ragged-long-row", "tensor", x([2, 2], [[1, 2, 3], [4]]), "bad-shape", "neither flat nor nested")
case("half-nested", "tensor", x([2, 2], [1, 2, [3, 4]]), "bad-shape", "neither flat nor nested")
case("nested-too-deeply", "tensor", x([2, 2], [[[1, 2], [3, 4]]]), "bad-shape", "neither flat nor nested")
case("wrong-width", "tensor", x([1, 3], [1, 2, 3]), "bad-shape", "the model takes [-1, 2]")
case("wrong-rank", "tensor", x([2], [1, 2]), "bad-shape", "the model takes [-1, 2]")
case("empty-shape", "tensor", x([], [1]), "bad-shape", "the model takes [-1, 2]")
case("negative-length", "tensor", x([-1, 2], [1, 2]), "bad-shape", "list of lengths")
case("fractional-length", "tensor", x([1.5, 2], [1, 2]), "bad-shape", "list of lengths")
case("zero-length", "tensor", x([0, 2], []), "no-rows", "no element")
case("four-billion-elements", "ints", x([4294967296, 1], [1], "UINT8").replace("in_x", "in_i"), "bad-shape", "cannot hold")
case("product-overflow", "ints", x([4294967296, 4294967296], [1], "UINT8").replace("in_x", "in_i"), "bad-shape", "too large")
case("product-wraps-to-small", "ints", x([9223372036854775807, 2], [1], "UINT8").replace("in_x", "in_i"), "bad-shape", "too large")
case("nine-lengths", "ints", x([1] * 9, [1], "UINT8").replace("in_x", "in_i"), "bad-shape", "list of lengths")
case("columns-four-billion-rows", "columns", x([4000000000], [1], "FP64").replace("in_x", "temp"), "bad-shape", "cannot hold")
case("no-shape", "tensor", '{"inputs":[{"name":"in_x","datatype":"FP32","data":[1,2]}]}', "bad-shape", "no 'shape'")
case("shape-is-text", "tensor", x("[1,2]", [1, 2]), "bad-shape", "no array")

# values
case("text-for-number", "tensor", x([1, 2], ["1", 2]), "wrong-type", "no value of datatype FP32")
case("object-for-number", "tensor", x([1, 2], [{}, 2]), "bad-shape", "not a scalar")
case("null-in-tensor", "tensor", x([1, 2], [None, 2]), "missing-value", "no missing values")
case("nan-text", "tensor", x([1, 2], ["NaN", 2]), "not-finite", "not a finite number")
case("nan-literal", "tensor", '{"inputs":[{"name":"in_x","shape":[1,2],"datatype":"FP32","data":[NaN,1]}]}', "not-finite", "finite")
case("float-overflow", "tensor", x([1, 2], [3.5e38, 0]), "not-finite", "beyond the range")
case("double-overflow", "tensor", '{"inputs":[{"name":"in_x","shape":[1,2],"datatype":"FP32","data":[1e999,1]}]}', "not-finite", "beyond the range")
case("byte-overflow", "ints", x([1, 1], [256], "UINT8").replace("in_x", "in_i"), "wrong-type", "UINT8")
case("negative-unsigned", "ints", x([1, 1], [-1], "UINT8").replace("in_x", "in_i"), "wrong-type", "UINT8")
case("fraction-for-integer", "ints", x([1, 1], [1.5], "UINT8").replace("in_x", "in_i"), "wrong-type", "UINT8")
case("half-in-json", "tensor", x([1, 2], [1, 2], "FP16"), "wrong-type", "no form in JSON")
case("unknown-datatype", "tensor", x([1, 2], [1, 2], "FLOAT"), "wrong-type", "not one of the protocol")
case("other-datatype", "tensor", x([1, 2], [1, 2], "FP64"), "wrong-type", "the model takes FP32")
case("zero-character", "text", '{"inputs":[{"name":"in_t","shape":[1],"datatype":"BYTES","data":["a\\u0000b"]}]}', "wrong-type", "zero character")

# names and structure
case("unknown-input", "tensor", x([1, 2], [1, 2]).replace("in_x", "x"), "unknown-column", "no such input")
case("same-name-twice", "tensor", '{"inputs":[' + ",".join(['{"name":"in_x","shape":[1,2],"datatype":"FP32","data":[1,2]}'] * 2) + "]}", "duplicate-column", "two tensors")
case("name-given-twice", "tensor", '{"inputs":[{"name":"in_x","name":"in_x","shape":[1,2],"datatype":"FP32","data":[1,2]}]}', "bad-json", "given twice")
case("data-given-twice", "tensor", '{"inputs":[{"name":"in_x","shape":[1,2],"datatype":"FP32","data":[1,2],"data":[1,2]}]}', "bad-json", "given twice")
case("id-given-twice", "tensor", '{"id":"a","id":"b","inputs":[]}', "bad-json", "'id' is given twice")
case("inputs-given-twice", "tensor", '{"inputs":[],"inputs":[]}', "bad-json", "'inputs' is given twice")
case("data-before-wrong-shape", "tensor", '{"inputs":[{"data":[1,2,3],"shape":[1,2],"datatype":"FP32","name":"in_x"}]}', "bad-shape", "2 elements")
case("no-inputs", "tensor", "{}", "bad-json", "'inputs' is missing")
case("input-missing", "tensor", '{"inputs":[]}', "missing-column", "in_x")
case("deep-nesting", "tensor", '{"inputs":' + "[" * 5000, "bad-json", "Expected a tensor")
case("deep-parameters", "tensor", '{"parameters":' + '{"a":' * 5000, "bad-json", "not JSON")
case("ends-early", "tensor", x([1, 2], [1, 2])[:-3], "bad-json", "not JSON")
case("more-follows", "tensor", x([1, 2], [1, 2]) + "{}", "bad-json", "JSON")
case("wrong-utf8-name", "tensor", b'{"inputs":[{"name":"\xff\xfe","shape":[1,2],"datatype":"FP32","data":[1,2]}]}', "bad-json", "UTF-8")
case("wrong-utf8-text", "text", b'{"inputs":[{"name":"in_t","shape":[1],"datatype":"BYTES","data":["\xc3\x28"]}]}', "bad-json", "UTF-8")
case("half-surrogate", "text", '{"inputs":[{"name":"in_t","shape":[1],"datatype":"BYTES","data":["\\ud800"]}]}', "bad-json", "UTF-8")
case("nothing", "tensor", b"", "bad-json", "JSON")

# binary tensors
body, header = binary("in_x", [1, 2], "FP32", f32(1, 2))
case("binary-cut-off", "tensor", body[:-3], "bad-json", "bytes follow the JSON", header)
case("binary-too-long", "tensor", body + b"\0", "bad-json", "1 bytes more", header)
case("header-beyond-body", "tensor", body, "bad-json", "not the length", str(len(body) + 1))
case("header-not-a-number", "tensor", body, "bad-json", "not the length", "many")
case("header-negative", "tensor", body, "bad-json", "not the length", "-5")
case("header-cuts-json", "tensor", body, "bad-json", "not JSON", str(int(header) - 2))
case("binary-without-header", "tensor", body, "bad-json", "JSON")
case("binary-size-lies", "tensor", binary("in_x", [1, 2], "FP32", f32(1, 2), 4_000_000_000)[0], "bad-json", "4000000000",
     binary("in_x", [1, 2], "FP32", f32(1, 2), 4_000_000_000)[1])
case("binary-size-negative", "tensor", binary("in_x", [1, 2], "FP32", b"", -8)[0], "bad-json", "no number of bytes",
     binary("in_x", [1, 2], "FP32", b"", -8)[1])
body, header = binary("in_x", [2, 2], "FP32", f32(1, 2))
case("binary-shape-lies", "tensor", body, "bad-shape", "says 4 elements", header)
body, header = binary("in_x", [1, 2], "FP32", f32(1, 2), data=[1, 2])
case("data-and-binary", "tensor", body, "bad-json", "both", header)
body, header = binary("in_x", [1, 2], "FP32", b"\0" * 7)
case("binary-half-element", "tensor", body, "bad-shape", "7 bytes", header)
for name, raw in [("text-length-lies", struct.pack("<I", 100) + b"abc"), ("text-length-of-4-gib", b"\xff\xff\xff\xff" + b"abc"),
                  ("text-half-length", b"\1\0"), ("text-one-too-few", b"")]:
    body, header = binary("in_t", [1], "BYTES", raw)
    case("binary-" + name, "text", body, "bad-shape", "BYTES", header)
body, header = binary("in_t", [1], "BYTES", text(b"a", b"b"))
case("binary-text-one-too-many", "text", body, "bad-shape", "BYTES", header)
body, header = binary("in_t", [1], "BYTES", text(b"\xc3\x28"))
case("binary-text-wrong-utf8", "text", body, "wrong-type", "UTF-8", header)
case("raw-of-no-rows", "tensor", b"", "no-rows", "no element", "0")
case("raw-half-row", "tensor", f32(1, 2, 3), "bad-shape", "bytes", "0")
case("raw-two-free-lengths", "ints", b"\1\2", "bad-shape", "more than one length is free", "0")
case("raw-several-inputs", "columns", b"\1\2", "bad-json", "5 inputs", "0")

with open(os.path.join(HERE, "cases.json"), "w") as f:
    f.write("[\n" + ",\n".join("  " + json.dumps(c) for c in cases) + "\n]\n")
