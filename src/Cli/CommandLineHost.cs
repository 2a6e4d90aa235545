using System.CommandLine;
using Gyre.Cli.Commands;
using Gyre.Primitives;

namespace Gyre.Cli;

/// <summary>The `gyre` command: parses, runs, and turns every failure into one line and an exit code.</summary>
public static class CommandLineHost
{
    /// <summary>The exit code of a failure that is ours or the machine's.</summary>
    public const int OurFault = 1;

    /// <summary>The exit code of a mistake that the user can repair.</summary>
    public const int UserFault = 2;

    /// <summary>The exit code after Ctrl+C, as shells count it.</summary>
    public const int Interrupted = 130;

    /// <summary>Runs the command that the arguments name.</summary>
    /// <param name="args">The arguments, without the program's name.</param>
    /// <param name="cancellationToken">Stops the command, as Ctrl+C does.</param>
    /// <returns>The exit code: 0, or one of this class's constants.</returns>
    public static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        using var interrupt = new InterruptSignal(cancellationToken);
        var parsed = Root().Parse(args);
        try
        {
            var configuration = new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            var code = await parsed.InvokeAsync(configuration, interrupt.Token);
            return parsed.Errors.Count > 0 ? UserFault : code;
        }
        catch (OperationCanceledException) when (interrupt.Token.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("gyre: stopped");
            return Interrupted;
        }
        catch (GyreException error)
        {
            await Console.Error.WriteLineAsync($"gyre: {error.Message}");
            return error.IsUserError ? UserFault : OurFault;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"gyre: {error.Message}");
            return OurFault;
        }
        catch (Exception error)
        {
            await Console.Error.WriteLineAsync($"gyre: a defect of this program: {error}");
            return OurFault;
        }
    }

    private static RootCommand Root() =>
        new("Runs a team's whole machine-learning loop: data, features, training, registry, serving, monitoring, retraining.")
        {
            InitCommand.Create(),
            RunCommand.Create(),
            UpCommand.Create(),
            ServeCommand.Create(),
            PredictCommand.Create(),
            SubmitCommand.Create(),
            EvaluateCommand.Create(),
            CompareCommand.Create(),
            ExplainCommand.Create(),
            FeedbackCommand.Create(),
            LedgerCommand.Create(),
            TraceCommand.Create(),
            PredictionsCommand.Create(),
            RollbackCommand.Create(),
            TrafficCommand.Create(),
            DrillCommand.Create(),
            MlrunsCommands.CreateImport(),
            MlrunsCommands.CreateExport(),
            UpgradeCommand.Create(),
            GcCommand.Create(),
            KeysCommand.Create(),
            AuditCommand.Create(),
            AlertsCommand.Create(),
            BackupCommands.CreateBackup(),
            BackupCommands.CreateRestore(),
            DemoCommand.Create(),
        };
}
