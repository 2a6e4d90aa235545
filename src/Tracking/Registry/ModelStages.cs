using Gyre.Tracking.Rest;

namespace Gyre.Tracking;

/// <summary>MLflow's four stages of a version.</summary>
internal static class ModelStages
{
    public const string None = "None";
    public const string Archived = "Archived";

    /// <summary>The stage of a version that was deleted; its row stays so that its number is not used again.</summary>
    public const string Deleted = "Deleted_Internal";

    private static readonly string[] Known = [None, "Staging", "Production", Archived];

    /// <summary>The stage's own spelling of a name in any case.</summary>
    /// <exception cref="RestException">There is no such stage.</exception>
    public static string Parse(string text) =>
        Known.FirstOrDefault(stage => stage.Equals(text, StringComparison.OrdinalIgnoreCase))
        ?? throw RestException.Parameter(
            $"Invalid Model Version stage: {text}. Value must be one of {string.Join(", ", Known)}.");

    /// <summary>Refuses to archive what is in a stage that is not in use.</summary>
    /// <exception cref="RestException">The stage is neither Staging nor Production.</exception>
    public static void CheckArchives(string stage)
    {
        if (stage is None or Archived)
        {
            // The server that this one stands in for answers 500 here, and clients know it so.
            throw new RestException(RestErrors.InternalError,
                $"Model version transition cannot archive existing model versions because '{stage}' is not an Active "
                + "stage. Valid stages are Staging, Production");
        }
    }
}
