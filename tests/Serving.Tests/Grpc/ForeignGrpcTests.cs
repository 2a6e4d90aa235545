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
    [InlineData("cancellation")]
    [InlineData("concurrent")]
    [InlineData("metadata")]
    public async Task PythonClient_Case_Passes(string testCase)
    {
        await using var server = await ServingFixture.StartAsync();
        Run(server, testCase);
    }

    [PythonTheory("grpc, google.protobuf")]
    [InlineData("deadline")]
    public async Task PythonClient_OfAModelThatDoesNotAnswer_SeesItsDeadline(string testCase)
    {
        using var gate = new ManualResetEventSlim(initialState: true);
        await using var server = await ServingFixture.StartAsync(model: new FakeScorer { Gate = gate });
        gate.Reset();
        Run(server, testCase);
        gate.Set();
    }

    private static void Run(ServingFixture server, string testCase)
    {
        using var folder = new TemporaryFolder();
        var descriptors = new FileDescriptorSet();
        descriptors.File.Add(InferenceReflection.Descriptor.ToProto());
        descriptors.File.Add(HealthReflection.Descriptor.ToProto());
        File.WriteAllBytes(folder.File("descriptors"), descriptors.ToByteArray());
        var script = Path.Combine(TestData.Root, "tests", "Serving.Tests", "Grpc", "foreign_client.py");
        var address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{server.GrpcAddress.Port}");
        var (exitCode, output) = Python.Run(script, address, folder.File("descriptors"), testCase);
        Assert.True(exitCode == 0, output);
    }
}
