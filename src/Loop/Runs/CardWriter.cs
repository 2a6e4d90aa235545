using Gyre.Models;
using Gyre.Training;
namespace Gyre.Loop.Runs;
internal sealed class CardWriter(TrainingFrame frame, HoldOut holdOut, Candidates candidates, FittedPipeline deployed, bool refit, ParityReport parity, TimeSpan latency, long bytes)
{
    public string Write(DateTimeOffset now, CancellationToken cancellationToken) => $"# {frame.Definition.Model} {holdOut} {candidates} {deployed} {refit} {parity} {latency} {bytes} {now} {cancellationToken}";
}
