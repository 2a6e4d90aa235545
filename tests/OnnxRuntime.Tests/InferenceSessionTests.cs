using Gyre.OnnxRuntime;

namespace Gyre.OnnxRuntime.Tests;

public sealed class InferenceSessionTests
{
    /// <summary>y = x + x over float [N], s = Identity(t) over string [N], written by hand as protobuf.</summary>
    private static readonly byte[] Model = TinyModel.Bytes();

    [Fact]
    public void FromBytes_TinyModel_DescribesInputsAndOutputs()
    {
        using var session = InferenceSession.FromBytes(Model);

        Assert.Equal(["x", "t"], session.Inputs.Select(i => i.Name));
        Assert.Equal([TensorElementType.Float, TensorElementType.String], session.Inputs.Select(i => i.ElementType));
        Assert.Equal(["y", "s"], session.Outputs.Select(o => o.Name));
        Assert.Equal(-1, session.Inputs[0].Shape.Single());
        Assert.StartsWith("1.", InferenceSession.EngineVersion, StringComparison.Ordinal);
    }

    [Fact]
    public void Metadata_PresentAndAbsentKey_IsTextOrNull()
    {
        using var session = InferenceSession.FromBytes(Model);

        Assert.Equal("wert ü", session.Metadata("key"));
        Assert.Null(session.Metadata("other"));
    }

    [Fact]
    public void Run_OutputsLeftToTheEngine_ReturnsThem()
    {
        using var session = InferenceSession.FromBytes(Model);
        using var x = Tensor.Over<float>(new[] { 1f, 2.5f, float.NaN }, 3);
        using var t = Tensor.OfStrings(["a", "größer", null], 3);
        var outputs = new Tensor?[2];

        session.Run([x, t], outputs);

        Assert.Equal([2f, 5f, float.NaN], outputs[0]!.Elements<float>().ToArray());
        Assert.Equal(["a", "größer", ""], outputs[1]!.GetStrings());
        Assert.Equal(3L, outputs[1]!.Shape.Single());
        foreach (var output in outputs) output!.Dispose();
    }

    [Fact]
    public void Run_OutputOverCallersMemory_WritesInPlaceWithoutAllocating()
    {
        using var session = InferenceSession.FromBytes(Model);
        var input = new float[] { 1, 2 };
        var result = new float[2];
        using var x = Tensor.Over<float>(input, 2);
        using var y = Tensor.Over<float>(result, 2);
        using var t = Tensor.OfStrings(["", ""], 2);
        using var s = Tensor.Strings(2);
        Tensor[] inputs = [x, t];
        Tensor?[] outputs = [y, s];
        session.Run(inputs, outputs);

        input[1] = 21;
        var before = GC.GetAllocatedBytesForCurrentThread();
        session.Run(inputs, outputs);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal([2f, 42f], result);
        Assert.Equal(0, allocated);
    }

    [Fact]
    public void Run_OneOutputChosen_FetchesOnlyThat()
    {
        using var session = InferenceSession.FromBytes(Model, new SessionOptions { FetchOutput = name => name == "s" });
        using var x = Tensor.Over<float>(new float[1], 1);
        using var t = Tensor.OfStrings(["only"], 1);
        var outputs = new Tensor?[1];

        session.Run([x, t], outputs);

        Assert.Equal(["only"], outputs[0]!.GetStrings());
        outputs[0]!.Dispose();
    }

    [Fact]
    public void Run_WrongShape_ThrowsTheEnginesMessage()
    {
        using var session = InferenceSession.FromBytes(Model);
        using var x = Tensor.Over<float>(new float[4], 2, 2);
        using var t = Tensor.OfStrings([""], 1);

        var error = Assert.Throws<OnnxRuntimeException>(() => session.Run([x, t], new Tensor?[2]));

        Assert.Equal(OnnxRuntimeError.InvalidArgument, error.Error);
        Assert.Contains("x", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Run_WrongCount_IsTheCallersError()
    {
        using var session = InferenceSession.FromBytes(Model);

        Assert.Throws<ArgumentException>(() => session.Run([], new Tensor?[2]));
    }

    [Fact]
    public void FromBytes_Garbage_Throws()
    {
        var error = Assert.Throws<OnnxRuntimeException>(() => InferenceSession.FromBytes([1, 2, 3]));

        Assert.True(error.IsUserError);
    }

    [Fact]
    public void FromFile_AbsentFile_NamesIt()
    {
        var error = Assert.Throws<OnnxRuntimeException>(() => InferenceSession.FromFile("no-such-model.onnx"));

        Assert.Contains("no-such-model.onnx", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromFile_ModelOnDisk_Runs()
    {
        using var folder = new Fixtures.TemporaryFolder();
        File.WriteAllBytes(folder.File("mödel.onnx"), Model);

        using var session = InferenceSession.FromFile(folder.File("mödel.onnx"));

        Assert.Equal(2, session.Outputs.Length);
    }

    [Fact]
    public async Task Run_ManyThreadsWhileDisposed_EndsCleanly()
    {
        var session = InferenceSession.FromBytes(Model);
        using var started = new CountdownEvent(4);
        var runners =
            Enumerable.Range(0, 4).Select(i => Task.Run(() => RunUntilDisposed(session, i, started))).ToArray();

        started.Wait();
        session.Dispose();

        Assert.All(await Task.WhenAll(runners), Assert.True);
    }

    private static bool RunUntilDisposed(InferenceSession session, int seed, CountdownEvent started)
    {
        var input = new float[] { seed };
        var result = new float[1];
        using var x = Tensor.Over<float>(input, 1);
        using var y = Tensor.Over<float>(result, 1);
        using var t = Tensor.OfStrings(["z"], 1);
        using var s = Tensor.Strings(1);
        for (var i = 0; ; i++)
        {
            input[0] = seed + i;
            try
            {
                session.Run([x, t], new Tensor?[] { y, s });
            }
            catch (ObjectDisposedException)
            {
                return true;
            }

            if (result[0] != 2 * (seed + i)) return false;
            if (i == 0) started.Signal();
        }
    }
}
