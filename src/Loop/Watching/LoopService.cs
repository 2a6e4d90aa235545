using Gyre.Loop.Pipeline;
using Gyre.Loop.Runs;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gyre.Loop.Watching;

/// <summary>
/// Lets the watcher look soon after the start and then at every interval while the server runs. The pipeline file is read anew each time, so that a
/// changed setting counts without a restart; a mistake in it is logged and the last good one stays.
/// </summary>
internal sealed class LoopService(Workspace workspace, Watcher watcher, ILogger<LoopService> logger) : BackgroundService
{
    /// <summary>Long enough for a server to be ready, short enough to see what happened while none ran.</summary>
    private static readonly TimeSpan _firstLook = TimeSpan.FromSeconds(5);

    private PipelineDefinition? _definition;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The server must answer before the first look; whatever it finds can wait for that.
        await Task.Yield();
        await RepairAsync(stoppingToken);
        var wait = _firstLook;
        while (!stoppingToken.IsCancellationRequested)
        {
            await ReadDefinitionAsync(stoppingToken);
            var every = _definition?.Monitoring.Every ?? TimeSpan.FromMinutes(1);
            try
            {
                await Task.Delay(wait < every ? wait : every, workspace.Time, stoppingToken);
                wait = TimeSpan.MaxValue;
                if (_definition is { } definition) await LookAsync(definition, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>Puts right what a killed process left; where another is at work now, it has done so itself.</summary>
    private async Task RepairAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var running = RunLock.TryTake(workspace.StateFolder);
            if (running is not null) await new Recovery(workspace).RunAsync(cancellationToken);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            Log.RepairFailed(logger, error.Message);
        }
    }

    private async Task LookAsync(PipelineDefinition definition, CancellationToken cancellationToken)
    {
        try
        {
            var look = await watcher.LookAsync(definition, progress: null, cancellationToken);
            Log.Looked(logger, definition.Model, look.Summary);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            // One failed look or run must not end the watch; the ledger has the run's own entry.
            Log.LookFailed(logger, definition.Model, error);
        }
    }

    private async Task ReadDefinitionAsync(CancellationToken cancellationToken)
    {
        try
        {
            _definition = await PipelineReader.ReadAsync(workspace.Folder, cancellationToken);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            Log.DefinitionUnreadable(logger, error.Message);
        }
    }
}
