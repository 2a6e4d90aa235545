using System.Diagnostics;
using Gyre.Loop.Runs;

namespace Gyre.Loop;

/// <summary>Spans of this module, from the source <c>Gyre.Loop</c>; nothing is made while nobody listens.</summary>
internal static class LoopTraces
{
    private static readonly ActivitySource Source = new("Gyre.Loop");

    /// <summary>A run of the pipeline, of whatever trigger: training, gates, promotion.</summary>
    public static Activity? Run(string model, RunTrigger trigger) => Source.StartActivity("pipeline.run")
        ?.SetTag("gyre.model", model).SetTag("gyre.trigger", trigger.ToString().ToLowerInvariant());

    /// <summary>What the run came to.</summary>
    public static void End(Activity? run, RunOutcome outcome) => run?.SetTag("gyre.run_id", outcome.RunId)
        .SetTag("gyre.version", outcome.Version).SetTag("gyre.promoted", outcome.Promoted);

    /// <summary>Why the run ended early.</summary>
    public static void Fail(Activity? run, Exception failure) =>
        run?.SetStatus(ActivityStatusCode.Error, failure.Message).SetTag("error.type", failure.GetType().FullName);
}
