using System.Collections.Immutable;
using System.Text;
using Gyre.Serving.Engine;
using Gyre.Serving.Http;
using Gyre.Serving.Requests;
using Gyre.Serving.Slots;
using Gyre.Tabular;

namespace Gyre.Serving.Tests.Requests;

/// <summary>The baseline of what a request of one row and 14 columns allocates between its bytes and its inputs, and back.</summary>
public sealed class InferenceAllocationTests
{
    // As measured; what exceeds it by a tenth is a regression to be explained.
    private const long BaselineBytes = 992;
    private const long Slack = BaselineBytes / 10;

    [Fact]
    public void ReadAndWrite_OneRowOf14Columns_AllocatesTheBaseline()
    {
        var options = new ServingOptions();
        var scorer = new Fourteen();
        var model = new ServedModel("m", 1, new Shared<IScorer>(scorer), new Batcher(scorer, options, joins: false));
        var form = new InferenceForm(options.Limits);
        var body = Encoding.UTF8.GetBytes($$"""{"inputs":[{{string.Join(',', Enumerable.Range(0, 14).Select(Tensor))}}]}""");
        for (var i = 0; i < 200; i++) Handle(form, body, model, scorer);

        var before = GC.GetAllocatedBytesForCurrentThread();
        const int Requests = 1000;
        for (var i = 0; i < Requests; i++) Handle(form, body, model, scorer);
        var perRequest = (GC.GetAllocatedBytesForCurrentThread() - before) / Requests;

        Assert.InRange(perRequest, 1, BaselineBytes + Slack);
    }

    private static void Handle(InferenceForm form, byte[] body, ServedModel model, Fourteen scorer)
    {
        var request = form.Read(body, model);
        var outputs = scorer.Score(form.InputsOf(request));
        using var answer = JsonAnswer.Rent();
        form.Write(answer, request, model, new Prediction(
            outputs, Fourteen.Ids, TimeSpan.Zero, TimeSpan.Zero, 0, 0, form.InputsOf(request)));
        answer.Json.Flush();
    }

    private static string Tensor(int i) => i % 2 == 0
        ? $$"""{"name":"c{{i}}","shape":[1,1],"datatype":"FP64","data":[1.5]}"""
        : $$"""{"name":"c{{i}}","shape":[1,1],"datatype":"BYTES","data":["some text"]}""";

    private sealed class Fourteen : IScorer
    {
        public static readonly string[] Ids = ["0123456789abcdef"];

        private readonly ModelOutputs _outputs = new NumberOutputs(new float[] { 1 });

        public Schema Inputs { get; } = new(Enumerable.Range(0, 14).Select(i =>
            new ColumnDefinition($"c{i}", i % 2 == 0 ? ColumnType.Numeric : ColumnType.Categorical)));

        public ClassLabels? Labels => null;

        public ImmutableArray<OutputTensor> Outputs { get; } =
            [new OutputTensor(OutputTensor.Prediction, TensorDatatype.Float32, 1)];

        public ModelOutputs Score(ModelInputs inputs) => _outputs;

        public void Dispose()
        {
        }
    }
}
