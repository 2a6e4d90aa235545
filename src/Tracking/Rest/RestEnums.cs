using System.Collections.Frozen;

namespace Gyre.Tracking.Rest;

/// <summary>The protocol's enums: names with their numbers. Both are accepted, names are sent.</summary>
internal static class RestEnums
{
    public static readonly FrozenDictionary<string, int> ViewType =
        Make(("ACTIVE_ONLY", 1), ("DELETED_ONLY", 2), ("ALL", 3));

    public static readonly FrozenDictionary<string, int> RunStatus =
        Make(("RUNNING", 1), ("SCHEDULED", 2), ("FINISHED", 3), ("FAILED", 4), ("KILLED", 5));

    public static readonly FrozenDictionary<string, int> LoggedModelStatus = Make(
        ("LOGGED_MODEL_STATUS_UNSPECIFIED", 0), ("LOGGED_MODEL_PENDING", 1), ("LOGGED_MODEL_READY", 2),
        ("LOGGED_MODEL_UPLOAD_FAILED", 3));

    private static FrozenDictionary<string, int> Make(params (string Name, int Number)[] values) =>
        values.ToFrozenDictionary(value => value.Name, value => value.Number);
}
