using System.Collections.Immutable;
using System.Security.Cryptography;
using Gyre.Models.Explanation;
using Gyre.Models.Export;
using Gyre.Models.Scoring;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Training;

namespace Gyre.Models;

/// <summary>
/// Explains the predictions of a package: what every column added to a row's score. Thread-safe until disposed.
/// </summary>
public sealed class ModelExplainer : IDisposable
{
    private readonly GraphRows _graph;
    private readonly ImmutableArray<InputColumn> _inputs;
    private readonly ExplanationContent _content;
    private readonly ContributionSource _source;
    private readonly ModelProperties _properties;

    private ModelExplainer(GraphRows graph, ExplanationContent content, string place)
    {
        (_graph, _content) = (graph, content);
        _properties = ModelProperties.Read(graph.Metadata, place);
        _inputs = [.. _properties.Inputs.Select(c => new InputColumn(c))];
        if (content.Parts.Any(part => part.Position >= graph.Width))
            throw GyreException.Invalid($"{place}: a feature stands outside the graph's {graph.Width} columns.");
        _source = ContributionSource.Of(content);
    }

    /// <summary>The raw columns that it reads: those of the model.</summary>
    public Schema Inputs => _properties.Inputs;

    /// <summary>What contributions belong to; the order of <see cref="Contributions.Of"/>.</summary>
    public ImmutableArray<ExplainedColumn> Columns => _content.Columns;

    /// <summary>One per output: the mean score, from which contributions start: over the training rows of trees, over a
    /// sample of them of a linear model.</summary>
    public ImmutableArray<double> BaseValues => _source.BaseValues;

    /// <summary>
    /// What turns scores into predictions, calibration aside, by the name that statistics gives the inverse:
    /// <c>identity</c>,
    /// <c>logit</c>, <c>softmax</c> or <c>log</c>.
    /// </summary>
    public string LinkName => _content.Link switch
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

    /// <summary>How contributions are found: <c>treeshap</c>, or <c>linear</c> of linear models; both are
    /// exact.</summary>
    public string Method => _source.Method;

    /// <summary>The unit of scores, base values and contributions, such as <c>log-odds of income = >50K</c>.</summary>
    public string Unit => ExplanationUnit.Of(
        _content.Link, Task, _properties.TargetName, Classes, _content.IsCalibrated);

    /// <summary>The memory it takes, in bytes, as well as can be told.</summary>
    public long SizeBytes => _graph.SizeBytes + _source.SizeBytes;

    /// <summary>Loads a package's explanation.</summary>
    /// <param name="folder">The package.</param>
    /// <exception cref="GyreException">
    /// The package has none: <see cref="ErrorCode.NotFound"/>, saying why; or its file cannot be read, or is of
    /// another model.
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
        return new Contributions(
            rows.RowCount, BaseValues, Columns, _source.Explain(_graph, _inputs, rows, threads, cancellationToken));
    }

    /// <inheritdoc/>
    public void Dispose() => _graph.Dispose();

    internal static ModelExplainer FromBytes(byte[] bytes, string place) => Create(bytes, place, null);

    private static ModelExplainer Create(byte[] bytes, string place, byte[]? modelHash)
    {
        var content = ExplanationBytes.Read(bytes, place);
        if (modelHash is not null && !content.ModelHash.AsSpan().SequenceEqual(modelHash))
            throw GyreException.Invalid($"{place}: the explanation was made for another {ModelPackage.ModelFile}.");
        var graph = GraphRows.Open(content.Graph, place);
        try
        {
            return new ModelExplainer(graph, content, place);
        }
        catch
        {
            graph.Dispose();
            throw;
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
}
