namespace Gyre.Models.Packaging;

/// <summary>What Python needs to load a package with MLflow.</summary>
internal static class PythonFiles
{
    public const string Requirements = "mlflow>=2.9\nonnx>=1.13\nonnxruntime>=1.15\nnumpy\npandas\n";

    public const string Environment =
        "python: \"3.10\"\nbuild_dependencies:\n- pip\ndependencies:\n- -r requirements.txt\n";
}
