using System.Collections.Immutable;
using Gyre.Serving;
using Gyre.Tabular;

namespace Gyre.Loop.Pipeline;

/// <summary>Reads `serving.log`: what the prediction log keeps.</summary>
internal static class LogPolicyReader
{
    public static LogPolicy Read(YamlSection serving, Schema columns)
    {
        if (serving.Section("log") is not { } section) return new LogPolicy();
        var keep = section.OptionalDuration("keep");
        if (keep <= TimeSpan.Zero) throw section.Error("keep", "must be longer than 0; `sample: 0` records nothing");
        var policy = new LogPolicy
        {
            Sample = section.Number("sample", 1, 0, 1), Redact = Redactions(section, columns), Keep = keep,
        };
        section.Close();
        return policy;
    }

    private static ImmutableDictionary<string, Redaction> Redactions(YamlSection log, Schema columns)
    {
        if (log.Section("redact") is not { } section) return ImmutableDictionary<string, Redaction>.Empty;
        var redactions = ImmutableDictionary.CreateBuilder<string, Redaction>(StringComparer.Ordinal);
        foreach (var name in section.Keys)
        {
            if (!columns.TryGet(name, out _)) throw section.Error(name, "is no column of `columns`");
            if (!section.Has(name)) throw section.Error(name, "needs one of drop, hash, mask");
            redactions[name] = section.Choice(name, Redaction.Drop);
        }

        return redactions.ToImmutable();
    }
}
