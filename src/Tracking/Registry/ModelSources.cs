using System.Data.Common;
using System.Globalization;
using Gyre.Primitives;
using Gyre.Tracking.Rest;
using Gyre.Tracking.Storage;

namespace Gyre.Tracking;

/// <summary>
/// What a model version may be made of. A client names the source; without rules it could make the server read any
/// of its own files.
/// </summary>
internal sealed class ModelSources(ArtifactStore artifacts)
{
    private const int MaxLength = 4096;
    private const string ModelScheme = "models:";

    /// <summary>Refuses steps upwards, however deeply they are percent-encoded, for every scheme.</summary>
    /// <exception cref="GyreException">The source holds one, or a NUL, or is too long.</exception>
    public static void CheckSteps(string source)
    {
        if (source.Length > MaxLength)
        {
            throw GyreException.Invalid(
                $"The model version's source has {source.Length} characters; {MaxLength} are allowed.");
        }

        var decoded = ArtifactPath.Decode(source);
        if (decoded.Contains('\0') || decoded.Split('/', '\\').Contains(".."))
        {
            throw Refused(source, "If supplying a source as an http, https, local file path, ftp, objectstore, or "
                + "mlflow-artifacts uri, an absolute path must be provided without relative path references present. "
                + "Please provide an absolute path.");
        }
    }

    /// <summary>Where the files of a new version are.</summary>
    /// <param name="connection">Inside the write that makes the version.</param>
    /// <param name="row">The version.</param>
    /// <param name="modelId">The logged model it is made of, or null.</param>
    /// <exception cref="GyreException">The source is not allowed, or does not exist.</exception>
    public string Resolve(DbConnection connection, NewVersion row, string? modelId)
    {
        var isPrompt = ModelRows.IsPrompt(row.Tags);
        if (IsLocal(row.Source)) CheckLocal(connection, row, modelId, isPrompt);
        else if (modelId is not null) RequireModel(connection, modelId);
        if (row.Source.StartsWith(ModelScheme, StringComparison.OrdinalIgnoreCase))
            return OfModel(connection, row.Source, row.Source[ModelScheme.Length..].Trim('/'));
        return row.Source;
    }

    private static string OfModel(DbConnection connection, string source, string path)
    {
        var parts = path.Split('/');
        if (parts is [['m', '-', ..] id])
            return LoggedModelRows.Find(connection, id, evenDeleted: false)?.ArtifactUri ?? throw Unfetched(source);
        if (parts is [var name, var number]
            && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
        {
            return VersionRows.Find(connection, name, version) is { } found
                ? found.Location ?? found.Source ?? throw Unfetched(source)
                : throw Unfetched(source);
        }

        throw GyreException.Invalid(
            $"Invalid model version source: '{source}'. Of models, models:/name/version and models:/model-id are "
            + "taken.");
    }

    private void CheckLocal(DbConnection connection, NewVersion row, string? modelId, bool isPrompt)
    {
        if (isPrompt)
        {
            // The text of a prompt is in its tags; clients name a source that is none.
            if (!row.Source.Contains(':') && row.Source is not ['/' or '\\', ..]) return;
            throw GyreException.Invalid(
                $"Invalid prompt source: '{row.Source}'. Local source paths are not allowed for prompts.");
        }

        var home = modelId is not null ? RequireModel(connection, modelId)
            : row.RunId is { Length: > 0 } run ? RunArtifacts(connection, run)
            : null;
        if (home is not null && artifacts.FindFolder(home) is { } folder && PathOf(row.Source) is { } path
            && ArtifactStore.IsInside(folder, path))
            return;
        throw Refused(row.Source,
            "To use a local path as a model version source, the run_id request parameter has to be specified and the "
            + "local path has to be contained within the artifact directory of the run specified by the run_id.");
    }

    private static string RequireModel(DbConnection connection, string id) =>
        LoggedModelRows.Find(connection, id, evenDeleted: false)?.ArtifactUri ?? throw LoggedModelRows.NotFound(id);

    private static string RunArtifacts(DbConnection connection, string run) =>
        connection.Scalar("SELECT artifact_uri FROM runs WHERE run_uuid = $1", run) as string
        ?? throw GyreException.NotFound($"Run with id={run} not found");

    /// <summary>A path, with or without the scheme <c>file</c>; one letter is a drive, not a scheme.</summary>
    private static bool IsLocal(string source)
    {
        var colon = source.IndexOf(':', StringComparison.Ordinal);
        return colon <= 1 || source[..colon].Equals("file", StringComparison.OrdinalIgnoreCase)
            || !source.AsSpan(0, colon).ContainsOnlySchemeLetters();
    }

    private static string? PathOf(string source)
    {
        if (Path.IsPathFullyQualified(source)) return source;
        return Uri.TryCreate(source, UriKind.Absolute, out var uri) && uri is { IsFile: true, IsUnc: false, Host: "" }
            ? uri.LocalPath
            : null;
    }

    private static GyreException Unfetched(string source) => GyreException.NotFound(
        $"Unable to fetch model from model URI source artifact location '{source}'.");

    private static GyreException Refused(string source, string reason) =>
        GyreException.Invalid($"Invalid model version source: '{source}'. {reason}");
}

file static class SchemeLetters
{
    /// <summary>Whether it is a URI's scheme (RFC 3986, section 3.1).</summary>
    public static bool ContainsOnlySchemeLetters(this ReadOnlySpan<char> text)
    {
        if (!char.IsAsciiLetter(text[0])) return false;
        foreach (var letter in text)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && letter is not ('+' or '-' or '.')) return false;
        }

        return true;
    }
}
