using System.Collections.Immutable;
using System.Text;
using Gyre.Models.Packaging;
using Gyre.Primitives;
using Gyre.Tabular;

namespace Gyre.Models;

/// <summary>
/// Writes and reads model folders in MLflow's layout: `MLmodel` with the flavors `onnx` and `python_function`,
/// `model.onnx`,
/// `input_example.json`, requirements, and the caller's own files.
/// </summary>
public static class ModelPackage
{
    /// <summary>The graph's file in a package.</summary>
    public const string ModelFile = "model.onnx";

    /// <summary>The manifest's file in a package.</summary>
    public const string ManifestFile = "MLmodel";

    private const int ExampleRows = 5;

    /// <summary>Writes a package: the folder is there whole afterwards, or not at all.</summary>
    /// <param name="folder">The folder to make; must not exist.</param>
    /// <param name="content">What goes into it.</param>
    /// <param name="cancellationToken">Stops the writing; nothing is left.</param>
    /// <exception cref="GyreException">The folder exists, cannot be written, or the model was not made by
    /// Gyre.</exception>
    public static async Task WriteAsync(
        string folder, ModelPackageContent content, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        RefuseBadNames(content.Files);
        if (Directory.Exists(folder))
            throw new GyreException(ErrorCode.AlreadyExists, $"{folder}: a model package is there already.");
        using var scorer = ModelScorer.FromBytes(content.Onnx.Span);
        try
        {
            await DurableFile.CreateFolderAsync(
                folder, (at, token) => FillAsync(at, content, scorer, token), cancellationToken);
        }
        catch (IOException error) when (Directory.Exists(folder))
        {
            throw new GyreException(ErrorCode.AlreadyExists, $"{folder}: a model package is there already.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GyreException(
                ErrorCode.Unavailable, $"{folder}: the package cannot be written ({error.Message})", error);
        }
    }

    /// <summary>Reads a package's manifest.</summary>
    /// <exception cref="GyreException">There is no package, or its manifest cannot be read.</exception>
    public static ModelPackageManifest Read(string folder)
    {
        var path = Path.Combine(folder, ManifestFile);
        try
        {
            return ManifestYaml.Read(File.ReadAllText(path), folder);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new GyreException(ErrorCode.NotFound, $"{folder}: there is no model package.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GyreException(ErrorCode.Unavailable, $"{path}: cannot be read ({error.Message})", error);
        }
    }

    private static async Task FillAsync(
        string folder, ModelPackageContent content, ModelScorer scorer, CancellationToken token)
    {
        var example = Example(content.InputExample, scorer.Inputs);
        await WriteAsync(
            ManifestFile, Encoding.UTF8.GetBytes(ManifestYaml.Write(content, scorer, example is not null)));
        await WriteAsync(ModelFile, content.Onnx);
        await WriteAsync("requirements.txt", Encoding.UTF8.GetBytes(PythonFiles.Requirements));
        await WriteAsync("python_env.yaml", Encoding.UTF8.GetBytes(PythonFiles.Environment));
        if (example is not null)
        {
            await WriteAsync(InputExample.FileName, InputExample.Split(example));
            await WriteAsync(InputExample.ServingFileName, InputExample.Serving(example));
        }

        foreach (var file in content.Files) await WriteAsync(file.Name, file.Content);

        async Task WriteAsync(string name, ReadOnlyMemory<byte> bytes)
        {
            var path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path) ?? folder);
            await File.WriteAllBytesAsync(path, bytes, token);
        }
    }

    private static Table? Example(Table? rows, Schema inputs)
    {
        if (rows is null || rows.RowCount == 0) return null;
        var columns = rows.Select(inputs.Select(c => c.Name));
        return columns.Take(Enumerable.Range(0, Math.Min(ExampleRows, rows.RowCount)).ToArray());
    }

    private static void RefuseBadNames(ImmutableArray<PackageFile> files)
    {
        string[] own =
        [
            ManifestFile, ModelFile, "requirements.txt", "python_env.yaml", InputExample.FileName,
            InputExample.ServingFileName,
        ];
        var seen = new HashSet<string>(own, StringComparer.OrdinalIgnoreCase);
        foreach (var file in files)
        {
            var parts = file.Name.Split('/', '\\');
            if (Path.IsPathRooted(file.Name) || parts.Any(p => p is "" or "." or ".."))
                throw new ArgumentException($"'{file.Name}' is no file name inside a package.", nameof(files));
            if (!seen.Add(file.Name))
                throw new ArgumentException($"The package has a file '{file.Name}' already.", nameof(files));
        }
    }
}

/// <summary>What goes into a package.</summary>
/// <param name="Onnx">The model of <see cref="OnnxExporter"/>.</param>
/// <param name="ModelId">Unique, 32 hex digits.</param>
/// <param name="RunId">The run that trained it.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="InputExample">Rows with the model's raw columns, of which the first 5 are written; null for
/// none.</param>
/// <param name="Files">More files, such as the model card.</param>
public sealed record ModelPackageContent(
    ReadOnlyMemory<byte> Onnx,
    string ModelId,
    string RunId,
    DateTimeOffset CreatedAt,
    Table? InputExample,
    ImmutableArray<PackageFile> Files)
{
    /// <summary>Names and values of the caller's, kept in the manifest.</summary>
    public ImmutableSortedDictionary<string, string> Metadata { get; init; } =
        ImmutableSortedDictionary<string, string>.Empty;
}

/// <summary>A file of the caller's in a package.</summary>
/// <param name="Name">Its path in the package, with `/`.</param>
/// <param name="Content">Its bytes.</param>
public sealed record PackageFile(string Name, ReadOnlyMemory<byte> Content)
{
    /// <summary>A text file in UTF-8.</summary>
    public static PackageFile OfText(string name, string text) => new(name, Encoding.UTF8.GetBytes(text));
}

/// <summary>What a package says of itself.</summary>
/// <param name="Folder">Where it lies.</param>
/// <param name="ModelId">Its unique id.</param>
/// <param name="RunId">The run that trained it.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Signature">What it takes and gives.</param>
/// <param name="SizeBytes">The size of `model.onnx`.</param>
/// <param name="Metadata">The names and values given when it was written.</param>
public sealed record ModelPackageManifest(
    string Folder,
    string ModelId,
    string RunId,
    DateTimeOffset CreatedAt,
    ModelSignature Signature,
    long SizeBytes,
    ImmutableSortedDictionary<string, string> Metadata)
{
    /// <summary>The full path of the graph.</summary>
    public string ModelPath => Path.Combine(Folder, ModelPackage.ModelFile);
}
