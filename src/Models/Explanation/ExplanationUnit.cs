using System.Collections.Immutable;
using Gyre.Tabular;
using Gyre.Training;

namespace Gyre.Models.Explanation;

/// <summary>Names the unit in which a model's scores are added up.</summary>
internal static class ExplanationUnit
{
    public static string Of(
        OutputLink link, TaskKind task, string target, ImmutableArray<string> classes, bool isCalibrated)
    {
        var unit = link switch
        {
            OutputLink.Logistic => $"log-odds of {target} = {classes[^1]}",
            OutputLink.Softmax => $"score of each {target} before the softmax",
            OutputLink.Exp => $"logarithm of {target}",
            _ when task == TaskKind.Binary => $"probability of {target} = {classes[^1]}",
            _ when task.HasClasses() => $"probability of each {target}",
            _ => target,
        };
        return isCalibrated ? unit + ", before calibration" : unit;
    }
}
