namespace Gyre.Serving.Measurements;

/// <summary>The protocols that predictions are asked for by.</summary>
public enum InferenceProtocol
{
    /// <summary>Open Inference Protocol v2 over REST.</summary>
    OipRest,

    /// <summary>Open Inference Protocol v2 over gRPC.</summary>
    OipGrpc,

    /// <summary>MLflow's and SageMaker's <c>/invocations</c>.</summary>
    Invocations,

    /// <summary>Gyre's own <c>/predict</c>.</summary>
    Predict,
}

/// <summary>How requests for a prediction end.</summary>
public enum InferenceOutcome
{
    /// <summary>Answered.</summary>
    Ok,

    /// <summary>Refused for what the client sent.</summary>
    Rejected,

    /// <summary>
    /// Refused because the server has more to do than it can: a full queue, a deadline that has passed.
    /// </summary>
    Saturated,

    /// <summary>Given up by the client.</summary>
    Cancelled,

    /// <summary>Failed on the server's side.</summary>
    Error,
}

/// <summary>Names of protocols and outcomes, as labels of metrics and in log lines.</summary>
public static class InferenceNames
{
    private static readonly string[] Protocols = ["oip_rest", "oip_grpc", "invocations", "predict"];
    private static readonly string[] Outcomes = ["ok", "rejected", "saturated", "cancelled", "error"];

    /// <summary>How many protocols there are.</summary>
    public static int ProtocolCount => Protocols.Length;

    /// <summary>How many outcomes there are.</summary>
    public static int OutcomeCount => Outcomes.Length;

    /// <summary>The protocol's name, such as <c>oip_rest</c>.</summary>
    public static string Name(this InferenceProtocol protocol) => Protocols[(int)protocol];

    /// <summary>The outcome's name, such as <c>ok</c>.</summary>
    public static string Name(this InferenceOutcome outcome) => Outcomes[(int)outcome];
}
