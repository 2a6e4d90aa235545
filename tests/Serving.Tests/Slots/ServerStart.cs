using Gyre.Serving.Measurements;
using Gyre.Serving.Slots;
using Gyre.Tracking;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gyre.Serving.Tests.Slots;

/// <summary>Slots and a follower as another server on the same database would have them at its start.</summary>
internal sealed class ServerStart : IDisposable
{
    public ServerStart(ServingFixture serving)
    {
        var registry = serving.Service<ModelRegistry>();
        var options = serving.Service<ServingOptions>();
        var metrics = new ServingMetrics(
            serving.Service<System.Diagnostics.Metrics.IMeterFactory>(), new InferenceMeasurements());
        Slots = new ModelSlots(
            new VersionLoader(_ => new FakeScorer(), options, metrics),
            version => registry.Get(version.Model, version.Version).Folder, options,
            metrics, NullLogger<ModelSlots>.Instance);
        Follower = new ChampionFollower(registry, Slots, options, NullLogger<ChampionFollower>.Instance);
    }

    public ModelSlots Slots { get; }

    public ChampionFollower Follower { get; }

    public void Dispose()
    {
        Follower.Dispose();
        Slots.Dispose();
    }
}
