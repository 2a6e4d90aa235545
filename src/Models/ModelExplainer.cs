using System.Collections.Immutable;
using System.Security.Cryptography;
using Gyre.Models.Explanation;
using Gyre.Models.Export;
using Gyre.Models.Scoring;
using Gyre.OnnxRuntime;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Training;

namespace Gyre.Models;

/// <summary>
/// Explains the predictions of a package: what every column added to a row's score, by TreeSHAP. Thread-safe until disposed.
/// </summary>
public sealed class ModelExplainer : IDisposable
{
    private const int BatchRows = 64;

    private readonly InferenceSession _session;
    private readonly ImmutableArray<InputColumn> _inputs;
    private readonly ExplanationContent _content;
    private readonly TreeExplainer _trees;
    private readonly ModelProperties _properties;
    private readonly int _width;

    private ModelExplainer(InferenceSession session, ExplanationContent content, string place)
    {
        (_session, _content) = (session, content);
        _properties = ModelProperties.Read(session.Metadata, place);
        _inputs = [.. _properties.Inputs.Select(c => new InputColumn(c))];
        _width = session.Outputs is [{ Shape: [_, var width] }] ? checked((int)width)
            : throw GyreException.Invalid($"{place}: the graph gives no matrix of features.");
        if (content.Features.Any(f => f.Position >= _width))
            throw GyreException.Invalid($"{place}: a feature stands outside the graph's {_width} columns.");
        _trees = new TreeExplainer(content.Trees);
    }

    /// <summary>The raw columns that it reads: those of the model.</summary>
    public Schema Inputs => _properties.Inputs;

    /// <summary>What contributions belong to; the order of <see cref="Contributions.Of"/>.</summary>
    public ImmutableArray<ExplainedColumn> Columns => _content.Columns;

    /// <summary>One per output: the mean score of the training rows, from which contributions start.</summary>
    public ImmutableArray<double> BaseValues => _trees.BaseValues;

    /// <summary>
    /// What turns scores into predictions, calibration aside, by the name that statistics gives the inverse: <c>identity</c>,
    /// <c>logit</c>, <c>softmax</c> or <c>log</c>.
    /// </summary>
    public string LinkName => _content.Trees.Link switch
    {
        OutputLink.Logistic => "logit",
        OutputLink.Softmax => "softmax",
        OutputLink.Exp => "log",
        _ => "identity",
    };

    /// <summary>What the model predicts.</summary>
    public TaskKind Task => _properties.Task;

    /// <summary>The classes in output order; [negative, positive] for binary tasks; empty for regression.</summary>
    public ImmutableArray<string> Classes => _properties.Classes;

    /// <summary>How contributions are found: <c>treeshap</c>.</summary>
    public string Method => ExplanationExport.TreeShapMethod;

    /// <summary>The unit of scores, base values and contributions, such as <c>log-odds of income = >50K</c>.</summary>
    public string Unit => ExplanationUnit.Of(
        _content.Trees.Link, Task, _properties.TargetName, Classes, _content.IsCalibrated);

    /// <summary>The memory it takes, in bytes, as well as can be told.</summary>
    public long SizeBytes => (3L * _content.Graph.Length) + (1 << 20) + _trees.SizeBytes;

    /// <summary>Loads a package's explanation.</summary>
    /// <param name="folder">The package.</param>
    /// <exception cref="GyreException">
    /// The package has none: <see cref="ErrorCode.NotFound"/>, saying why; or its file cannot be read, or is of another model.
    /// </exception>
    public static ModelExplainer Load(string folder)
    {
        var path = Path.Combine(folder, ExplanationExport.FileName);
        try
        {
            var bytes = File.ReadAllBytes(path);
            using var model = File.OpenRead(Path.Combine(folder, ModelPackage.ModelFile));
            return Create(bytes, path, SHA256.HashData(model));
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw GyreException.NotFound($"{WhyNone(folder)}.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GyreException(
                ErrorCode.Unavailable, $"{path}: the explanation cannot be read ({error.Message})", error);
        }
    }

    /// <summary>Whether a package has an explanation.</summary>
    public static bool Exists(string folder) => File.Exists(Path.Combine(folder, ExplanationExport.FileName));

    /// <summary>Explains every row of a table.</summary>
    /// <param name="rows">Has the columns of <see cref="Inputs"/>, in any order; others are ignored.</param>
    /// <param name="threads">The most threads to use, at least 1; the numbers do not depend on it.</param>
    /// <param name="cancellationToken">Stops within a tree's leaf.</param>
    /// <exception cref="GyreException">A column is absent, of another type, or misses a value that the model
    /// needs.</exception>
    public Contributions Explain(Table rows, int threads = 1, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var count = rows.RowCount;
        var features = FeaturesOf(rows, cancellationToken);
        var byFeature = _trees.Explain(features, count, threads, cancellationToken);
        var outputs = BaseValues.Length;
        var values = new double[count * outputs * Columns.Length];
        for (var i = 0; i < count * outputs; i++)
        {
            var own = values.AsSpan(i * Columns.Length, Columns.Length);
            for (var f = 0; f < features.Length; f++)
                own[_content.Features[f].Column] += byFeature[(i * features.Length) + f];
        }

        return new Contributions(count, BaseValues, Columns, values);
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    internal static ModelExplainer FromBytes(byte[] bytes, string place) => Create(bytes, place, null);

    private static ModelExplainer Create(byte[] bytes, string place, byte[]? modelHash)
    {
        var content = ExplanationBytes.Read(bytes, place);
        if (modelHash is not null && !content.ModelHash.AsSpan().SequenceEqual(modelHash))
            throw GyreException.Invalid($"{place}: the explanation was made for another {ModelPackage.ModelFile}.");
        InferenceSession? session = null;
        try
        {
            session = InferenceSession.FromBytes(content.Graph);
            return new ModelExplainer(session, content, place);
        }
        catch (Exception error)
        {
            session?.Dispose();
            if (error is not OnnxRuntimeException failure) throw;
            throw new GyreException(failure.Code, $"{place}: {failure.Message}", failure);
        }
    }

    private static string WhyNone(string folder)
    {
        const string Begin = "This version has no explanation: ";
        if (!File.Exists(Path.Combine(folder, ModelPackage.ManifestFile))) return Begin + "it is no package of Gyre's";
        var said = ModelPackage.Read(folder).Metadata.GetValueOrDefault(ExplanationExport.MetadataKey);
        return Begin + (said?.StartsWith(ExplanationExport.None, StringComparison.Ordinal) == true
            ? said[ExplanationExport.None.Length..]
            : "it was packaged before explanations were; train it again");
    }

    private float[][] FeaturesOf(Table rows, CancellationToken cancellationToken)
    {
        var features = new float[_content.Features.Length][];
        for (var f = 0; f < features.Length; f++) features[f] = new float[rows.RowCount];
        var matrix = new float[Math.Min(BatchRows, rows.RowCount) * _width];
        for (var start = 0; start < rows.RowCount; start += BatchRows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = Math.Min(BatchRows, rows.RowCount - start);
            Run(rows, start, count, matrix);
            for (var f = 0; f < features.Length; f++)
            {
                var position = _content.Features[f].Position;
                for (var i = 0; i < count; i++) features[f][start + i] = matrix[(i * _width) + position];
            }
        }

        return features;
    }

    private void Run(Table rows, int start, int count, float[] matrix)
    {
        var inputs = BatchInputs.Create(_inputs, rows, start, count);
        try
        {
            using var output = Tensor.Over(matrix.AsMemory(0, count * _width), count, _width);
            _session.Run(inputs, new Tensor?[] { output });
        }
        finally
        {
            foreach (var input in inputs) input.Dispose();
        }
    }
}
