namespace Gyre.Serving.Requests;

/// <summary>
/// Why a request was refused. A closed set: it labels metrics, which clients must not be able to widen.
/// </summary>
internal enum RejectionReason
{
    /// <summary>A column of the model is not in the request.</summary>
    MissingColumn,

    /// <summary>The request names a column that the model does not have.</summary>
    UnknownColumn,

    /// <summary>The request names an output that the model does not have.</summary>
    UnknownOutput,

    /// <summary>A column or tensor is given twice.</summary>
    DuplicateColumn,

    /// <summary>A value is not of its column's type, or would lose information on the way there.</summary>
    WrongType,

    /// <summary>A value is null where the column is not nullable.</summary>
    MissingValue,

    /// <summary>A number, or the prediction that follows from it, is not finite.</summary>
    NotFinite,

    /// <summary>Shape and values of a tensor disagree, or tensors have different numbers of rows.</summary>
    BadShape,

    /// <summary>The request holds no row.</summary>
    NoRows,

    /// <summary>The body is longer than the limit.</summary>
    TooLarge,

    /// <summary>The body is no JSON, nested too deeply, or not of the route's form.</summary>
    BadJson,
}

/// <summary>Names of the reasons, as in gyre_rejections and in metrics.</summary>
internal static class RejectionReasonNames
{
    private static readonly string[] Names =
    [
        "missing-column", "unknown-column", "unknown-output", "duplicate-column", "wrong-type", "missing-value",
        "not-finite", "bad-shape", "no-rows", "too-large", "bad-json",
    ];

    /// <summary>The reason's name, such as <c>missing-column</c>.</summary>
    public static string Name(this RejectionReason reason) => Names[(int)reason];
}
