using System.Collections.Concurrent;
using Gyre.Models.Export;
using Gyre.Models.Expressions;
using Gyre.Models.Graph;
using Gyre.OnnxRuntime;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Training;
using Onnx;
using Kind = Onnx.TensorProto.Types.DataType;

namespace Gyre.Models;

/// <summary>
/// An ONNX file whose output for an image becomes the features of a model that is trained on top. The file is read when
/// it is first needed; what is run in training is the very graph that an export carries. Thread-safe.
/// </summary>
/// <param name="path">The ONNX file.</param>
/// <param name="output">Any value of its graph, [N, …]; null takes its first output.</param>
public sealed class OnnxExtractor(string path, string? output) : IFeatureExtractor
{
    private const string Image = "image";
    private const string Features = "features";
    private const int BatchImages = 64;

    private readonly ConcurrentDictionary<ImageShape, InferenceSession> _sessions = new();
    private readonly Lazy<ModelProto> _model = new(() => Read(path));

    /// <inheritdoc/>
    public double[] Extract(ImageColumn images)
    {
        var session = _sessions.GetOrAdd(images.Shape, Open);
        var shape = images.Shape;
        double[] all = [];
        for (var start = 0; start < images.Length; start += BatchImages)
        {
            var count = Math.Min(BatchImages, images.Length - start);
            var pixels = images.Memory.Slice(start * shape.Size, count * shape.Size).ToArray();
            using var input = Tensor.Over<byte>(pixels, count, shape.Height, shape.Width, shape.Channels);
            var outputs = new Tensor?[1];
            try
            {
                session.Run([input], outputs);
            }
            catch (OnnxRuntimeException error)
            {
                throw GyreException.Invalid($"{path}: {error.Message}", error);
            }

            using var features = outputs[0] ?? throw new InvalidOperationException("The engine gave no output.");
            var numbers = features.Elements<double>();
            if (start == 0) all = new double[images.Length * (numbers.Length / count)];
            numbers.CopyTo(all.AsSpan(start * (numbers.Length / count)));
        }

        return all;
    }

    /// <summary>Writes the file's graph into another; returns its features, [N, count] in float64.</summary>
    internal string Write(GraphMath math, string image, ImageShape shape)
    {
        try
        {
            var value = EmbeddedGraph.Write(math.Graph, _model.Value, image, shape, output);
            return math.ToNumber(math.Graph.Node("Flatten", [value], NodeAttribute.Of("axis", 1L)));
        }
        catch (GyreException error)
        {
            throw GyreException.Invalid($"{path}: {error.Message}", error);
        }
    }

    private InferenceSession Open(ImageShape shape)
    {
        var graph = new GraphBuilder([Image, Features]);
        graph.Input(Image, Kind.Uint8, shape.Height, shape.Width, shape.Channels);
        graph.OutputOfAnyShape(Write(new GraphMath(graph), Image, shape), Features, Kind.Double);
        try
        {
            return InferenceSession.FromBytes(graph.Build(ModelProperties.ProducerVersion, []));
        }
        catch (OnnxRuntimeException error)
        {
            throw GyreException.Invalid($"{path}: {error.Message}", error);
        }
    }

    private static ModelProto Read(string path)
    {
        try
        {
            return ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or Google.Protobuf.InvalidProtocolBufferException)
        {
            throw GyreException.Invalid($"the frozen model cannot be read ({error.Message.ReplaceLineEndings(" ")})", error);
        }
    }
}
