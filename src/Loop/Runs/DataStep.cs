using System.Globalization;
using Gyre.Data;
using Gyre.Features;
using Gyre.Loop.Ledger;
using Gyre.Loop.Pipeline;
using Gyre.Models;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Training;

namespace Gyre.Loop.Runs;

/// <summary>From the source to rows with features: snapshot, contract, derived columns.</summary>
internal sealed class DataStep(Workspace workspace, RunJournal journal)
{
    public async Task<TrainingFrame> RunAsync(PipelineDefinition definition, CancellationToken cancellationToken)
    {
        // Features are planned first: a feature that cannot be served should fail before minutes of reading.
        var plan = new FeaturePlanner(OnnxExpressions.WhyUnsupported)
            .Plan(definition.Columns, definition.Derived, definition.Weight is { } weight ? [definition.Target, weight] : [definition.Target]);

        var snapshot = await journal.StepAsync("snapshot",
            async () => await SnapshotAsync(definition, cancellationToken),
            taken => string.Create(CultureInfo.InvariantCulture,
                $"{taken.Rows:N0} rows, {taken.Schema.Count} columns, {taken.Hash.Short}{(taken.Reused ? " (unchanged)" : "")}"));
        await journal.RecordAsync(LedgerKind.Snapshot, $"read {snapshot.Rows} rows as snapshot {snapshot.Hash.Short}",
            new { hash = snapshot.Hash.Hex, rows = snapshot.Rows, reused = snapshot.Reused, sources = definition.Source.Paths },
            cancellationToken: cancellationToken);

        var contract = await journal.StepAsync("contract",
            () => new ContractChecker().CheckAsync(snapshot, definition.Contract,
                Path.Combine(workspace.DataFolder, "quarantine"), workspace.Time.GetUtcNow(), cancellationToken),
            ContractSummary);
        await journal.RecordAsync(LedgerKind.Contract, ContractSummary(contract),
            new { broken = contract.Broken, quarantined = contract.QuarantinedRows, file = contract.QuarantinePath },
            cancellationToken: cancellationToken);
        if (contract.Failed)
        {
            var broken = contract.Broken.First(r => r.Action == RuleAction.Fail);
            throw new GyreException(ErrorCode.Refused,
                $"the data breaks the contract: {broken.Message}; see `contract:` in {PipelineReader.FileName}");
        }

        return await journal.StepAsync("features",
            () => Task.FromResult(Read(definition, snapshot, contract, plan, cancellationToken)),
            frame => string.Create(CultureInfo.InvariantCulture,
                $"{frame.Set.Inputs.Count} features ({definition.Derived.Length} derived) of {frame.Set.RowCount:N0} rows"));
    }

    private async Task<Snapshot> SnapshotAsync(PipelineDefinition definition, CancellationToken cancellationToken)
    {
        var source = new SourceDefinition(definition.Source.Paths)
        {
            Distinct = definition.Source.Distinct, Labels = definition.Source.Labels,
        };
        var snapshot = await workspace.Snapshots.TakeAsync(source, definition.Columns, cancellationToken);
        // Of an image the log keeps a hash: a served row cannot come back.
        var hasImages = definition.Columns.Any(c => c.Type == ColumnType.Image);
        if (!definition.Source.Feedback || hasImages) return snapshot;
        if (definition.RedactedInputs is { IsEmpty: false } redacted)
        {
            journal.Remark("served rows do not join the training data: the prediction log does not keep "
                + $"{string.Join(", ", redacted)} (`serving.log.redact`), which the model reads");
            return snapshot;
        }

        var newest = definition.Time is { } time ? Newest(snapshot, time, cancellationToken) : null;
        if (await FeedbackRows.WriteAsync(workspace, definition, newest, cancellationToken) is not { } feedback) return snapshot;
        journal.Remark($"{feedback.Rows} served rows with actual values join the training data");
        return await workspace.Snapshots.TakeAsync(
            source with { Paths = source.Paths.Add(feedback.Path) }, definition.Columns, cancellationToken);
    }

    private static long? Newest(Snapshot snapshot, string time, CancellationToken cancellationToken)
    {
        using var engine = new SqlEngine();
        engine.RegisterParquet("snapshot", snapshot.Path);
        var newest = engine.Query(
            $"SELECT max(\"{time.Replace("\"", "\"\"", StringComparison.Ordinal)}\") AS newest FROM snapshot",
            cancellationToken: cancellationToken);
        return newest.Columns[0].ValueAt(0) as long?;
    }

    private static TrainingFrame Read(
        PipelineDefinition definition, Snapshot snapshot, ContractReport contract, FeaturePlan plan,
        CancellationToken cancellationToken)
    {
        using var engine = SqlEngine.Sandbox(new Dictionary<string, string> { ["data"] = contract.ValidPath });
        var table = engine.Query(plan.SelectFrom("data"), plan.Schema, cancellationToken);
        if (table.RowCount == 0 && contract.QuarantinedRows > 0)
        {
            throw new GyreException(ErrorCode.Refused,
                $"every row breaks the contract and was set aside in {contract.QuarantinePath}; the first rule: {contract.Broken.First().Message}");
        }

        RefuseInfinite(table, definition);
        var labelled = WithTarget(table, definition);
        if (labelled.RowCount == 0)
            throw GyreException.Invalid($"{PipelineReader.FileName}: no row has a value of the target '{definition.Target}'");
        var set = TrainingSet.Create(
            labelled, definition.Target, definition.Task, definition.Features, definition.PositiveClass);
        set = RowWeights.Apply(set, labelled, definition);
        return new TrainingFrame(definition, snapshot, contract, plan, labelled, set);
    }

    /// <summary>A ratio whose divisor is 0 somewhere is infinite there; no model learns from that.</summary>
    private static void RefuseInfinite(Table table, PipelineDefinition definition)
    {
        foreach (var feature in definition.Derived)
        {
            if (table[feature.Name] is not Column<double> column) continue;
            var infinite = 0;
            foreach (var value in column.Values) infinite += double.IsInfinity(value) ? 1 : 0;
            if (infinite > 0)
            {
                throw GyreException.Invalid(
                    $"{PipelineReader.FileName}: features.derive.{feature.Name}: is infinite in {infinite} rows; where it divides by a " +
                    "column that can be 0, divide by nullif(column, 0) instead");
            }
        }
    }

    /// <summary>Rows without a target, or without a time where rows have one, teach nothing.</summary>
    private static Table WithTarget(Table table, PipelineDefinition definition)
    {
        var target = table[definition.Target];
        var time = definition.Time is { } name ? table[name] : null;
        if (target.MissingCount == 0 && (time is null || time.MissingCount == 0)) return table;
        var rows = Enumerable.Range(0, table.RowCount)
            .Where(row => !target.IsMissing(row) && time?.IsMissing(row) != true)
            .ToArray();
        return table.Take(rows);
    }

    private static string ContractSummary(ContractReport report)
    {
        var broken = report.Broken.ToList();
        if (broken.Count == 0) return $"all {report.Results.Length} rules hold";
        var quarantined = report.QuarantinedRows > 0 ? $"; {report.QuarantinedRows} rows set aside" : "";
        return $"{broken.Count} of {report.Results.Length} rules broken: " +
               string.Join(", ", broken.Take(3).Select(r => r.Message)) + (broken.Count > 3 ? ", …" : "") + quarantined;
    }
}
