using System.Globalization;

namespace Gyre.Training;

/// <summary>How hyperparameters are written into runs: invariant and exact.</summary>
internal static class OptionText
{
    /// <summary>Stands for a value that follows from the task.</summary>
    public const string Auto = "auto";

    public static string Of(int value) => value.ToString(CultureInfo.InvariantCulture);

    public static string Of(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    public static string Of(int? value, string none) => value is { } number ? Of(number) : none;

    public static string Of(double? value, string none) => value is { } number ? Of(number) : none;

    public static string Of(bool value) => value ? "true" : "false";
}
