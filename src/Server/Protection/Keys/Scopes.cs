using Gyre.Primitives;

namespace Gyre.Server.Protection.Keys;

/// <summary>What a key may be used for.</summary>
[Flags]
public enum Scopes
{
    /// <summary>Nothing beyond what every valid key may.</summary>
    None = 0,

    /// <summary><c>predict</c>: predictions and the description of models.</summary>
    Predict = 1 << 0,

    /// <summary><c>feedback</c>: reporting what really happened.</summary>
    Feedback = 1 << 1,

    /// <summary><c>tracking:read</c>: reading experiments, runs, models and artifacts.</summary>
    TrackingRead = 1 << 2,

    /// <summary><c>tracking:write</c>: logging and changing experiments, runs, logged models and artifacts.</summary>
    TrackingWrite = 1 << 3,

    /// <summary>
    /// <c>models:admin</c>: registering, promoting and deleting models, loading them, steering traffic.
    /// </summary>
    ModelsAdmin = 1 << 4,

    /// <summary><c>metrics</c>: the measurements at <c>/metrics</c>.</summary>
    Metrics = 1 << 5,

    /// <summary><c>admin</c>: everything.</summary>
    Admin = 1 << 6,
}

/// <summary>The names of <see cref="Scopes"/>.</summary>
public static class ScopeNames
{
    private static readonly (string Name, Scopes Scope)[] Names =
    [
        ("predict", Scopes.Predict),
        ("feedback", Scopes.Feedback),
        ("tracking:read", Scopes.TrackingRead),
        ("tracking:write", Scopes.TrackingWrite),
        ("models:admin", Scopes.ModelsAdmin),
        ("metrics", Scopes.Metrics),
        ("admin", Scopes.Admin),
    ];

    /// <summary>All names, separated by commas.</summary>
    public static string All { get; } = string.Join(", ", Names.Select(entry => entry.Name));

    /// <summary>Reads names separated by commas.</summary>
    /// <exception cref="GyreException">One is unknown, or there is none.</exception>
    public static Scopes Parse(string text)
    {
        var scopes = Scopes.None;
        foreach (var name in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var scope = Array.Find(Names, entry => entry.Name == name).Scope;
            if (scope == Scopes.None) throw GyreException.Invalid($"'{name}' is no scope; there are {All}.");
            scopes |= scope;
        }

        return scopes != Scopes.None ? scopes : throw GyreException.Invalid($"A key needs a scope; there are {All}.");
    }

    /// <summary>Reads what was stored; a name that only a newer program knows gives nothing.</summary>
    internal static Scopes ParseStored(string text) => text.Split(',').Aggregate(Scopes.None,
        (scopes, name) => scopes | Array.Find(Names, entry => entry.Name == name).Scope);

    /// <summary>The names, separated by commas, in a fixed order.</summary>
    public static string Format(Scopes scopes) =>
        string.Join(',', Names.Where(entry => (scopes & entry.Scope) != 0).Select(entry => entry.Name));
}
