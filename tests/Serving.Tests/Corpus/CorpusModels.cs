using Gyre.Fixtures;
using Gyre.Serving.Engine;
using Gyre.Serving.Requests;
using Gyre.Serving.Slots;

namespace Gyre.Serving.Tests.Corpus;

/// <summary>The models that the corpus of malformed requests is for.</summary>
internal sealed class CorpusModels : IDisposable
{
    private static readonly ServingOptions Options = new();

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, ServedModel> _models = [];

    public CorpusModels()
    {
        Add("columns", new FakeScorer());
        Add("tensor", Load(("x", OnnxGraph.Float32, [-1, 2])));
        Add("text", Load(("t", OnnxGraph.Text, [-1])));
        Add("ints", Load(("i", OnnxGraph.UInt8, [-1, -2])));
    }

    public static RequestLimits Limits => Options.Limits;

    public IEnumerable<ServedModel> All => _models.Values;

    public ServedModel this[string name] => _models[name];

    public void Dispose()
    {
        foreach (var model in _models.Values) model.Dispose();
        _folder.Dispose();
    }

    private TensorScorer Load((string Name, int Type, long[] Shape) tensor)
    {
        var path = _folder.File(tensor.Name + ".onnx");
        File.WriteAllBytes(path, OnnxGraph.Echo(tensor).Build());
        return TensorScorer.Load(path);
    }

    private void Add(string name, IScorer scorer) => _models.Add(
        name, new ServedModel(name, 1, new Shared<IScorer>(scorer), new Batcher(scorer, Options, joins: false)));
}
