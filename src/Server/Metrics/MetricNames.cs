using Gyre.Primitives;

namespace Gyre.Server.Metrics;

/// <summary>Whose names predictions are counted under, beside Gyre's own, which are always there.</summary>
[Flags]
public enum MetricNames
{
    /// <summary>Gyre's alone.</summary>
    Gyre = 0,

    /// <summary>Also NVIDIA Triton's: <c>nv_inference_request_success</c> and others.</summary>
    Triton = 1,

    /// <summary>Also MLServer's: <c>model_infer_request_success_total</c> and others.</summary>
    Mlserver = 2,

    /// <summary>Also KServe's: <c>request_predict_seconds</c> and others.</summary>
    Kserve = 4,

    /// <summary>All of them.</summary>
    All = Triton | Mlserver | Kserve,
}

/// <summary>The names of <see cref="MetricNames"/> in options.</summary>
public static class MetricNamesText
{
    /// <summary>Reads <c>gyre</c>, <c>triton</c>, <c>mlserver</c>, <c>kserve</c> or <c>all</c>.</summary>
    /// <exception cref="GyreException">It is none of these.</exception>
    public static MetricNames Parse(string text) => text switch
    {
        "gyre" => MetricNames.Gyre,
        "triton" => MetricNames.Triton,
        "mlserver" => MetricNames.Mlserver,
        "kserve" => MetricNames.Kserve,
        "all" => MetricNames.All,
        _ => throw GyreException.Invalid(
            $"metric names '{text}': expected gyre, triton, mlserver, kserve or all."),
    };
}
