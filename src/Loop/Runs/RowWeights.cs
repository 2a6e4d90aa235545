using Gyre.Loop.Pipeline;
using Gyre.Primitives;
using Gyre.Tabular;
using Gyre.Training;

namespace Gyre.Loop.Runs;

/// <summary>Gives training rows the weights that the pipeline file asks for: a column's, times those of classes.</summary>
internal static class RowWeights
{
    /// <exception cref="GyreException">A weight is negative or not finite, or a class does not exist.</exception>
    public static TrainingSet Apply(TrainingSet set, Table table, PipelineDefinition definition)
    {
        if (definition.Weight is { } name) set = set.WithWeights(Numbers(table[name]));
        return definition.Training.ClassWeights is { } classes ? classes.Apply(set) : set;
    }

    /// <summary>Missing counts as one: served rows that come back as feedback have no weight.</summary>
    private static double[] Numbers(Column column)
    {
        var weights = new double[column.Length];
        for (var row = 0; row < weights.Length; row++)
        {
            weights[row] = column switch
            {
                _ when column.IsMissing(row) => 1,
                Column<double> numbers => numbers.Values[row],
                Column<long> whole => whole.Values[row],
                _ => throw new ArgumentException($"Column '{column.Name}' is {column.Type}.", nameof(column)),
            };
            if (double.IsFinite(weights[row]) && weights[row] >= 0) continue;
            throw GyreException.Invalid(
                $"{PipelineReader.FileName}: weight: column '{column.Name}' is {weights[row]} in row {row + 1}; "
                + "a weight is a number from 0 on");
        }

        return weights;
    }
}
