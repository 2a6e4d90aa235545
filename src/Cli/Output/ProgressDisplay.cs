using System.Globalization;
using Gyre.Loop;
using Spectre.Console;

namespace Gyre.Cli.Output;

/// <summary>Shows a pipeline run: bars on a terminal, one plain line per step when piped.</summary>
internal static class ProgressDisplay
{
    /// <summary>Runs the work and shows its events until it ends.</summary>
    public static async Task<T> ShowAsync<T>(Func<IProgress<LoopEvent>, Task<T>> work)
    {
        if (Console.IsOutputRedirected) return await work(new PlainLines());
        T? result = default;
        await AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new ElapsedTimeColumn())
            .StartAsync(async context => result = await work(new Bars(context)));
        return result!; // the work has run to its end, or its exception has left this method
    }

    /// <summary>A plain line for each thing worth reading; training steps are left out.</summary>
    public static string? LineOf(LoopEvent news) => news switch
    {
        StepFinished step => string.Create(CultureInfo.InvariantCulture,
            $"{step.Name,-9} {step.Outcome} ({step.Elapsed.TotalSeconds:0.00} s)"),
        SearchAdvanced { Improved: true } search => LineOf(search),
        Remark remark => $"note      {remark.Message}",
        _ => null,
    };

    private static string LineOf(SearchAdvanced search) => string.Create(CultureInfo.InvariantCulture,
        $"search    {search.Metric} {search.Best:0.####} by {search.Trainer}; {search.Ended} trials in {search.Used.TotalSeconds:0} s") +
        (search.Left is { } left ? string.Create(CultureInfo.InvariantCulture, $", {left.TotalSeconds:0} s left") : "");

    private sealed class PlainLines : IProgress<LoopEvent>
    {
        public void Report(LoopEvent value)
        {
            if (LineOf(value) is { } line) Console.WriteLine(line);
        }
    }

    private sealed class Bars(ProgressContext context) : IProgress<LoopEvent>
    {
        private readonly Dictionary<string, ProgressTask> _tasks = new(StringComparer.Ordinal);

        public void Report(LoopEvent value)
        {
            lock (_tasks) Show(value);
        }

        private void Show(LoopEvent value)
        {
            switch (value)
            {
                case StepStarted step:
                    Task(step.Name).IsIndeterminate = true;
                    break;
                case TrainingAdvanced training:
                    var bar = Task("  " + training.Trainer);
                    bar.MaxValue = training.TotalSteps;
                    bar.Value = training.Step;
                    if (training.Loss is { } loss)
                        bar.Description = string.Create(CultureInfo.InvariantCulture, $"  {training.Trainer} (loss {loss:0.####})");
                    break;
                case SearchAdvanced search:
                    var searched = Task("  trials");
                    searched.Description = "  " + Markup.Escape(LineOf(search));
                    if (search.Left is { } left)
                    {
                        searched.MaxValue = (search.Used + left).TotalSeconds;
                        searched.Value = search.Used.TotalSeconds;
                    }

                    break;
                case StepFinished step:
                    StopTrainers();
                    var task = Task(step.Name);
                    task.IsIndeterminate = false;
                    task.Value = task.MaxValue;
                    task.Description = $"{step.Name}: {Markup.Escape(step.Outcome)}";
                    task.StopTask();
                    break;
                case Remark remark:
                    AnsiConsole.MarkupLineInterpolated($"[yellow]{remark.Message}[/]");
                    break;
            }
        }

        /// <summary>A trainer's own bar ends with its step; a later refit of the same trainer gets a new one.</summary>
        private void StopTrainers()
        {
            foreach (var name in _tasks.Keys.Where(n => n.StartsWith(' ')).ToList())
            {
                _tasks[name].Value = _tasks[name].MaxValue;
                _tasks[name].StopTask();
                _tasks.Remove(name);
            }
        }

        private ProgressTask Task(string name) =>
            _tasks.TryGetValue(name, out var task) ? task : _tasks[name] = context.AddTask(name);
    }
}
