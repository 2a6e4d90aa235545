using Gyre.Primitives;

namespace Gyre.Tracking;

/// <summary>MLflow's rules for logged models.</summary>
internal static class LoggedModelNames
{
    private const string Forbidden = "/:.%\"'";
    private const int MaxName = 500;
    private const int MaxKey = 250;

    public static void CheckName(string name)
    {
        if (name.Length is 0 or > MaxName || name.AsSpan().IndexOfAny(Forbidden) >= 0)
        {
            throw GyreException.Invalid(
                $"Invalid model name ({name}) provided. Model name must be a non-empty string of at most {MaxName} "
                + "characters and cannot contain the following characters: '/', ':', '.', '%', '\"', \"'\".");
        }
    }

    public static void CheckParam(string key, string value) => Check("parameter", key, value, RunNames.MaxParameter);

    public static void CheckTag(string key, string value) => Check("tag", key, value, RunNames.MaxTag);

    private static void Check(string kind, string key, string value, int longest)
    {
        if (key.Length is 0 or > MaxKey)
        {
            throw GyreException.Invalid(
                $"The name of a {kind} has {key.Length} characters; 1 to {MaxKey} are allowed.");
        }

        if (value.Length > longest)
        {
            throw GyreException.Invalid(
                $"The value of the {kind} '{key}' has {value.Length} characters; at most {longest} are allowed.");
        }
    }
}
