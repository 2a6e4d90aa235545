using Gyre.Primitives;

namespace Gyre.OnnxRuntime;

/// <summary>ONNX Runtime refused a call. The message is the engine's own.</summary>
public sealed class OnnxRuntimeException(OnnxRuntimeError error, string message)
    : GyreException(CodeOf(error), $"ONNX Runtime: {message.ReplaceLineEndings(" ").Trim()}")
{
    /// <summary>The engine's kind of error.</summary>
    public OnnxRuntimeError Error { get; } = error;

    private static ErrorCode CodeOf(OnnxRuntimeError error) => error switch
    {
        OnnxRuntimeError.NoSuchFile => ErrorCode.NotFound,
        OnnxRuntimeError.InvalidArgument or OnnxRuntimeError.InvalidProtobuf or OnnxRuntimeError.InvalidGraph
            or OnnxRuntimeError.NoModel => ErrorCode.InvalidInput,
        _ => ErrorCode.Unavailable,
    };
}

/// <summary>ONNX Runtime's kinds of error (<c>OrtErrorCode</c>).</summary>
public enum OnnxRuntimeError
{
    /// <summary>Unclassified.</summary>
    Fail = 1,

    /// <summary>An input of the wrong name, type or shape.</summary>
    InvalidArgument = 2,

    /// <summary>The model file does not exist.</summary>
    NoSuchFile = 3,

    /// <summary>No model was loaded.</summary>
    NoModel = 4,

    /// <summary>The engine failed internally.</summary>
    EngineError = 5,

    /// <summary>A computation failed at run time.</summary>
    RuntimeException = 6,

    /// <summary>The bytes are not an ONNX model.</summary>
    InvalidProtobuf = 7,

    /// <summary>The model was loaded already.</summary>
    ModelLoaded = 8,

    /// <summary>An operator is not implemented for its types.</summary>
    NotImplemented = 9,

    /// <summary>The graph breaks the rules of ONNX.</summary>
    InvalidGraph = 10,

    /// <summary>The execution provider failed.</summary>
    ExecutionProviderFail = 11,
}
