"""Calls a server with the gRPC project's own client. Arguments: address, file of descriptors, case."""

import struct
import sys

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

ADDRESS, DESCRIPTORS, CASE = sys.argv[1:4]
OPTIONS = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]
PATH = "/inference.GRPCInferenceService/"


def load(path):
    files = descriptor_pb2.FileDescriptorSet()
    with open(path, "rb") as stream:
        files.ParseFromString(stream.read())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    factory = message_factory.MessageFactory(pool)
    names = [f"{file.package}.{m.name}" for file in files.file for m in file.message_type]
    return {name: factory.GetPrototype(pool.FindMessageTypeByName(name)) for name in names}


MESSAGES = load(DESCRIPTORS)


def message(kind, package="inference", **values):
    return MESSAGES[f"{package}.{kind}"](**values)


def method(channel, name, path=PATH, package="inference", request=None, answer=None):
    answer = MESSAGES[f"{package}.{answer or name + 'Response'}"]
    return channel.unary_unary(
        path + name, request_serializer=lambda m: m.SerializeToString(), response_deserializer=answer.FromString)


def typed(temp=10.5):
    request = message("ModelInferRequest", model_name="m", id="from python")
    for name, datatype, contents in [
            ("temp", "FP64", {"fp64_contents": [temp]}), ("hour", "INT64", {"int64_contents": [3]}),
            ("holiday", "BOOL", {"bool_contents": [True]}), ("weather", "BYTES", {"bytes_contents": [b"clear"]}),
            ("at", "BYTES", {"bytes_contents": [b"2012-01-01T00:00:00Z"]})]:
        tensor = request.inputs.add(name=name, datatype=datatype, shape=[1])
        for field, values in contents.items():
            getattr(tensor.contents, field).extend(values)
    return request


def raw(rows):
    request = message("ModelInferRequest", model_name="m")
    for name, datatype, contents in [
            ("temp", "FP32", b"".join(struct.pack("<f", row) for row in range(rows))),
            ("hour", "UINT8", bytes(row % 24 for row in range(rows))),
            ("holiday", "BOOL", bytes(row % 2 for row in range(rows))),
            ("weather", "BYTES", (struct.pack("<I", 5) + b"clear") * rows),
            ("at", "INT64", b"".join(struct.pack("<q", row) for row in range(rows)))]:
        request.inputs.add(name=name, datatype=datatype, shape=[rows, 1])
        request.raw_input_contents.append(contents)
    return request


def fails(status, call):
    try:
        call()
    except grpc.RpcError as failure:
        assert failure.code() == status, f"{failure.code()}: {failure.details()}"
        return failure
    raise AssertionError(f"no error where {status} was expected")


def six_rpcs(channel):
    assert method(channel, "ServerLive")(message("ServerLiveRequest")).live
    assert method(channel, "ServerReady")(message("ServerReadyRequest")).ready
    assert method(channel, "ModelReady")(message("ModelReadyRequest", name="m")).ready
    assert not method(channel, "ModelReady")(message("ModelReadyRequest", name="other")).ready
    assert method(channel, "ServerMetadata")(message("ServerMetadataRequest")).name == "gyre"
    model = method(channel, "ModelMetadata")(message("ModelMetadataRequest", name="m"))
    assert [tensor.name for tensor in model.inputs] == ["temp", "hour", "holiday", "weather", "at"], model
    assert list(model.inputs[0].shape) == [-1, 1], model
    answer = method(channel, "ModelInfer")(typed())
    assert answer.id == "from python" and answer.model_version == "1", answer
    assert list(answer.outputs[0].contents.fp32_contents) == [21.0], answer
    health = method(channel, "Check", "/grpc.health.v1.Health/", "grpc.health.v1", answer="HealthCheckResponse")
    assert health(message("HealthCheckRequest", "grpc.health.v1")).status == 1


def raw_contents(channel):
    answer = method(channel, "ModelInfer")(raw(3))
    assert struct.unpack("<3f", answer.raw_output_contents[0]) == (0.0, 2.0, 4.0), answer
    assert not answer.outputs[0].HasField("contents"), answer


def big_message(channel):
    """Longer than the 4 MiB that gRPC's own servers take by default."""
    request = raw(1)
    request.raw_input_contents[3] = struct.pack("<I", 6_000_000) + b"x" * 6_000_000
    answer = method(channel, "ModelInfer")(request)
    assert struct.unpack("<f", answer.raw_output_contents[0]) == (0.0,), answer


def gzip(channel):
    answer = method(channel, "ModelInfer")(raw(1000), compression=grpc.Compression.Gzip)
    assert len(answer.raw_output_contents[0]) == 4000


def deflate(channel):
    call = lambda: method(channel, "ModelInfer")(raw(1000), compression=grpc.Compression.Deflate)
    failure = fails(grpc.StatusCode.UNIMPLEMENTED, call)
    assert "gzip" in failure.details(), failure.details()


def errors(channel):
    infer = method(channel, "ModelInfer")
    request = typed()
    request.inputs[0].name = "Wärme %41"
    failure = fails(grpc.StatusCode.INVALID_ARGUMENT, lambda: infer(request))
    assert "'Wärme %41'" in failure.details(), failure.details()
    request = typed()
    request.model_name = "other"
    failure = fails(grpc.StatusCode.NOT_FOUND, lambda: infer(request))
    assert "'other'" in failure.details(), failure.details()
    fails(grpc.StatusCode.UNIMPLEMENTED,
          lambda: method(channel, "ModelTrain", answer="ServerLiveResponse")(message("ServerLiveRequest")))
    broken = channel.unary_unary(PATH + "ModelInfer")
    fails(grpc.StatusCode.INTERNAL, lambda: broken(b"\x0a\xff"))


def deadline(channel):
    """The model waits until the test lets it go, which is after this has ended."""
    failure = fails(grpc.StatusCode.DEADLINE_EXCEEDED, lambda: method(channel, "ModelInfer")(typed(), timeout=0.3))
    assert failure is not None
    assert method(channel, "ServerLive")(message("ServerLiveRequest"), timeout=30).live


def cancellation(channel):
    call = method(channel, "ModelInfer").future(typed())
    call.cancel()
    assert call.cancelled()
    assert method(channel, "ServerLive")(message("ServerLiveRequest"), timeout=30).live


def concurrent(channel):
    infer = method(channel, "ModelInfer")
    calls = [infer.future(typed(float(temp))) for temp in range(100)]
    results = [list(call.result(timeout=60).outputs[0].contents.fp32_contents) for call in calls]
    assert results == [[2.0 * temp] for temp in range(100)], results


def metadata(channel):
    """What a client sends as metadata reaches the server as headers: the key that keeps a user with one version."""
    answer = method(channel, "ModelInfer")(typed(), metadata=[("x-gyre-key", "user 1"), ("authorization", "Bearer x")])
    assert answer.model_version == "1"


with grpc.insecure_channel(ADDRESS, options=OPTIONS) as opened:
    globals()[CASE](opened)
