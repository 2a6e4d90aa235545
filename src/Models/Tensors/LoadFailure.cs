using System.Globalization;
using System.Text.RegularExpressions;
using Gyre.OnnxRuntime;
using Gyre.Primitives;

namespace Gyre.Models;

/// <summary>Why a graph cannot be loaded, in words of who exported it.</summary>
internal static partial class LoadFailure
{
    /// <summary>The error to throw for what the engine said of a file.</summary>
    public static GyreException Explain(string path, OnnxRuntimeException error)
    {
        // That a file which is there cannot be loaded lies in the file, whatever kind the engine calls it.
        var code = error.Error is OnnxRuntimeError.NoSuchFile or OnnxRuntimeError.EngineError
            ? error.Code : ErrorCode.InvalidInput;
        return new GyreException(code, $"{path}: {Describe(error.Message)}", error);
    }

    private static string Describe(string message)
    {
        if (NewerFormat().Match(message) is { Success: true } format)
        {
            return $"the file is of ONNX's IR version {format.Groups["is"]}, ONNX Runtime {InferenceSession.EngineVersion} "
                + $"reads versions up to {format.Groups["most"]}. Export it with an older onnx.";
        }

        if (NewerOperators().Match(message) is { Success: true } operators)
        {
            return $"the graph uses opset {operators.Groups["is"]} of '{operators.Groups["domain"]}', ONNX Runtime "
                + $"{InferenceSession.EngineVersion} knows opsets up to {operators.Groups["most"]}. "
                + "Export it with an older opset.";
        }

        return SourceLocation().Replace(message, "");
    }

    [GeneratedRegex(@"Unsupported model IR version: (?<is>\d+), max supported IR version: (?<most>\d+)")]
    private static partial Regex NewerFormat();

    [GeneratedRegex(@"Opset (?<is>\d+) is under development.*support for domain (?<domain>\S+) is till opset (?<most>\d+)")]
    private static partial Regex NewerOperators();

    // Where the engine's own source threw: a path, a line and a C++ signature.
    [GeneratedRegex(@"/onnxruntime_src/\S+:\d+ .*?\) (?=[A-Z])")]
    private static partial Regex SourceLocation();
}
