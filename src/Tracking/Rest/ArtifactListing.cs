using System.Text.Json;

namespace Gyre.Tracking.Rest;

/// <summary>The list <c>files</c> of the answers that show one level of a folder.</summary>
internal static class ArtifactListing
{
    /// <param name="json">Inside the answer's object.</param>
    /// <param name="entries">The folder's entries.</param>
    /// <param name="folder">What is put before their names; empty for nothing.</param>
    public static void Write(Utf8JsonWriter json, IReadOnlyList<ArtifactEntry> entries, string folder) =>
        json.WriteList("files", entries, (json, entry) =>
        {
            json.WriteString("path", ArtifactPath.Join(folder, entry.Name));
            json.WriteBoolean("is_dir", entry.Size is null);
            json.WriteOptional("file_size", entry.Size);
        });
}
