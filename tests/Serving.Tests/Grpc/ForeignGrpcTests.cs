using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Gyre.Fixtures;
using Gyre.Serving.Grpc.Protocol;

namespace Gyre.Serving.Tests.Grpc;

/// <summary>The gRPC project's own client for Python against this server.</summary>
public class ForeignGrpcTests
{
    [PythonTheory("grpc, google.protobuf")]
    [InlineData("six_rpcs")]
    [InlineData("raw_contents")]
    [InlineData("big_message")]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("errors")]
    [InlineData("concurrent")]
    [InlineData("metadata")]
    public async Task PythonClient_Case_Passes(string testCase)
    {
        await using var server = await ServingFixture.StartAsync();
        Run(server, testCase);
    }

    [PythonTheory("grpc, google.protobuf")]
    [InlineData("deadline")]
    [InlineData("cancellation")]
    public async Task PythonClient_OfAModelThatDoesNotAnswer_IsNotHeld(string testCase)
    {
        using var gate = new ManualResetEventSlim(initialState: true);
        await using var server = await ServingFixture.StartAsync(model: new FakeScorer { Gate = gate });
        gate.Reset();
        Run(server, testCase);
        gate.Set();
    }

    [PythonTheory("grpc, google.protobuf")]
    [InlineData("serving.md")]
    public async Task Guide_Request_IsAnswered(string guide)
    {
        await using var server = await ServingFixture.StartAsync();
        await server.PromoteAsync("bike");
        using var folder = new TemporaryFolder();
        WriteDescriptors(folder.File("descriptors"));
        // In place of what protoc makes of the .proto file: the same classes, made when they are imported.
        File.WriteAllText(folder.File("inference_pb2.py"), """
            import os
            from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
            files = descriptor_pb2.FileDescriptorSet()
            with open(os.path.join(os.path.dirname(__file__), "descriptors"), "rb") as stream:
                files.ParseFromString(stream.read())
            pool = descriptor_pool.DescriptorPool()
            for file in files.file:
                pool.Add(file)
                for message in file.message_type:
                    descriptor = pool.FindMessageTypeByName(f"{file.package}.{message.name}")
                    globals()[message.name] = message_factory.MessageFactory(pool).GetPrototype(descriptor)
            """);
        var text = File.ReadAllText(Path.Combine(TestData.Root, "docs", "guide", guide));
        var code = text.Split("```python\n").Single(part => part.Contains("import grpc\n")).Split("```")[0];
        File.WriteAllText(folder.File("request.py"), code);
        var (exitCode, output) = Python.Run(folder.File("request.py"), Address(server));
        Assert.True(exitCode == 0, output);
        Assert.Equal("prediction [21.0]", output.Trim());
    }

    private static void Run(ServingFixture server, string testCase)
    {
        using var folder = new TemporaryFolder();
        WriteDescriptors(folder.File("descriptors"));
        var script = Path.Combine(TestData.Root, "tests", "Serving.Tests", "Grpc", "foreign_client.py");
        var (exitCode, output) = Python.Run(script, Address(server), folder.File("descriptors"), testCase);
        Assert.True(exitCode == 0, output);
    }

    private static string Address(ServingFixture server) =>
        string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{server.GrpcAddress.Port}");

    private static void WriteDescriptors(string file)
    {
        var descriptors = new FileDescriptorSet();
        descriptors.File.Add(InferenceReflection.Descriptor.ToProto());
        descriptors.File.Add(HealthReflection.Descriptor.ToProto());
        File.WriteAllBytes(file, descriptors.ToByteArray());
    }
}
