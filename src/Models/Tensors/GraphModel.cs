using System.Collections.Immutable;
using Gyre.OnnxRuntime;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Models;

/// <summary>
/// Any ONNX graph, made by whomever: named tensors in, named tensors out. It is a file, or a folder with one, which
/// may be a package of MLflow's <c>onnx</c> flavor: then its signature narrows the shapes, or says from which columns
/// the tensors are made. Outputs that are no tensors (sequences and maps) are left out. Thread-safe; a disposal lets
/// running calls finish.
/// </summary>
public sealed class GraphModel : IDisposable
{
    private const string GyreProperty = "gyre.task";

    private readonly InferenceSession _session;
    private readonly ColumnTensors? _columns;

    private GraphModel(InferenceSession session, GraphFolder folder)
    {
        _session = session;
        var place = folder.ModelPath;
        Inputs = [.. session.Inputs.Select(input => Describe(input, place))];
        Outputs = [.. session.Outputs.Select(output => Describe(output, place))];
        if (Outputs.IsEmpty) throw GyreException.Invalid($"{place}: no output of the graph is a tensor.");
        if (folder.Signature is { } signature)
        {
            Inputs = signature.NarrowInputs(Inputs);
            Outputs = signature.NarrowOutputs(Outputs);
            _columns = signature.Columns is { } columns ? new ColumnTensors(columns, Inputs, place) : null;
        }

        Columns = _columns?.Schema;
        Labels = folder.Labels;
    }

    /// <summary>The tensors it takes, in the graph's order.</summary>
    public ImmutableArray<TensorSpec> Inputs { get; }

    /// <summary>The tensors it returns, in the graph's order.</summary>
    public ImmutableArray<TensorSpec> Outputs { get; }

    /// <summary>The columns that its signature names; null when it takes tensors.</summary>
    public Schema? Columns { get; }

    /// <summary>
    /// The names of its classes in the order of its scores (<c>id2label</c>); empty when none are told.
    /// </summary>
    public ImmutableArray<string> Labels { get; }

    /// <summary>Whether a package or file was written by Gyre, so that <see cref="ModelScorer"/> serves it.</summary>
    /// <exception cref="GyreException">There is no model.</exception>
    public static bool IsGyres(string folderOrFile)
    {
        var folder = GraphFolder.Open(folderOrFile);
        if (folder.IsGyres) return true;
        using var session = OpenSession(folder.ModelPath);
        return session.Metadata(GyreProperty) is not null;
    }

    /// <summary>Loads a graph.</summary>
    /// <param name="folderOrFile">An .onnx file, or a folder with one.</param>
    /// <exception cref="GyreException">
    /// It is absent or cannot be run, takes something other than tensors, or contradicts its signature.
    /// </exception>
    public static GraphModel Load(string folderOrFile)
    {
        var folder = GraphFolder.Open(folderOrFile);
        var session = OpenSession(folder.ModelPath);
        try
        {
            return new GraphModel(session, folder);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Runs the graph.</summary>
    /// <param name="inputs">One per <see cref="Inputs"/>, in that order and of that type.</param>
    /// <returns>One per <see cref="Outputs"/>, in that order.</returns>
    /// <exception cref="GyreException">The graph cannot compute these shapes or values.</exception>
    public TensorValue[] Run(ReadOnlySpan<TensorValue> inputs)
    {
        var given = new Tensor[inputs.Length];
        var results = new Tensor?[Outputs.Length];
        try
        {
            for (var i = 0; i < given.Length; i++) given[i] = Give(inputs[i]);
            _session.Run(given, results);
            return Array.ConvertAll(results, result => Take(result!)); // a run sets every one
        }
        catch (OnnxRuntimeException error) when (error.Error is OnnxRuntimeError.InvalidArgument
            or OnnxRuntimeError.RuntimeException or OnnxRuntimeError.Fail)
        {
            // The graph was loaded and its inputs have the declared types: what is left is what the caller put in.
            throw GyreException.Invalid($"The graph cannot compute these inputs. {error.Message}", error);
        }
        finally
        {
            foreach (var tensor in given) tensor?.Dispose();
            foreach (var tensor in results) tensor?.Dispose();
        }
    }

    /// <summary>Runs the graph on rows.</summary>
    /// <param name="rows">Has the columns of <see cref="Columns"/>.</param>
    /// <exception cref="InvalidOperationException">The model takes tensors.</exception>
    /// <exception cref="GyreException">A value does not fit an input, or the engine refuses it.</exception>
    public TensorValue[] Run(Table rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return Run(_columns?.Fill(rows) ?? throw new InvalidOperationException("The model takes tensors, not columns."));
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    // From the file, not from bytes: weights may lie in files beside it.
    private static InferenceSession OpenSession(string path)
    {
        try
        {
            return InferenceSession.FromFile(path, new SessionOptions { FetchTensorsOnly = true });
        }
        catch (OnnxRuntimeException error)
        {
            throw LoadFailure.Explain(path, error);
        }
    }

    private static TensorSpec Describe(TensorDescription tensor, string place)
    {
        var type = (TensorType)(int)tensor.ElementType;
        if (type is not TensorType.Text && TensorValue.SizeOf(type) == 0)
        {
            throw GyreException.Invalid(
                $"{place}: '{tensor.Name}' is no tensor, or of a type that cannot be served ({(int)tensor.ElementType}).");
        }

        return new TensorSpec(tensor.Name, type, tensor.Shape);
    }

    private static Tensor Give(TensorValue value) => value.Type is TensorType.Text
        ? Tensor.OfStrings(value.Texts, value.Shape.AsSpan())
        : Tensor.OverBytes(value.Bytes, (TensorElementType)(int)value.Type, value.Shape.AsSpan());

    private static TensorValue Take(Tensor tensor) => tensor.ElementType is TensorElementType.String
        ? new TensorValue(tensor.Shape, tensor.GetStrings())
        : new TensorValue((TensorType)(int)tensor.ElementType, tensor.Shape, tensor.Bytes().ToArray());
}
