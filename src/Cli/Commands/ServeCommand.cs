using System.CommandLine;
using System.CommandLine.Invocation;
using Gyre.Loop;
using Gyre.Primitives;
using Gyre.Tracking;

namespace Gyre.Cli.Commands;

/// <summary>`gyre serve MODEL`: makes an ONNX graph or a model folder the champion of a model, then does what `up` does.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var up = UpCommand.Create();
        var model = new Argument<string>("MODEL")
        {
            Description = "A file of ONNX, made by whomever, or a folder with one, such as a package of MLflow's onnx flavor.",
        };
        var name = new Option<string?>("--name")
        {
            Description = "Under which name it is served; by default the file's or folder's own.", HelpName = "NAME",
        };
        var command = new Command("serve",
            """
            Serve a model that was trained elsewhere: Open Inference Protocol, gRPC and /invocations, with the prediction log,
            metrics and traffic policies. It becomes a version of a registered model in the workspace, unless that model's
            champion has the same bytes already. Takes all options of `gyre up`.

            Examples:
              gyre serve resnet50.onnx
              gyre serve ./mlruns/1/abc/artifacts/model --name churn --urls http://0.0.0.0:8080
            """)
        {
            model, name,
        };
        foreach (var option in up.Options) command.Options.Add(option);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var imported = await RegisterAsync(
                parsed, up, parsed.GetRequiredValue(model), parsed.GetValue(name), cancellationToken);
            Console.WriteLine(imported.IsNew
                ? $"version {imported.Version} of '{imported.Name}' is champion"
                : $"version {imported.Version} of '{imported.Name}' has these bytes already");
            return await ((AsynchronousCommandLineAction)up.Action!).InvokeAsync(parsed, cancellationToken); // up has one
        });
        return command;
    }

    private static async Task<ImportedModel> RegisterAsync(
        ParseResult parsed, Command up, string path, string? name, CancellationToken cancellationToken)
    {
        var folder = Of<DirectoryInfo>(up, "--project", parsed)!.FullName; // has a default
        var root = Of<string?>(up, "--artifacts", parsed) is { } text ? ArtifactRoot.Parse(text) : null;
        if (root is { Bucket: not null })
        {
            throw new GyreException(ErrorCode.Refused,
                $"--artifacts: {root} is a bucket; a model is served from a folder. Log it with MLflow's client instead.");
        }

        var address = Of<string?>(up, "--store", parsed) is { } store
            ? StoreAddress.Parse(store) : StoreAddress.OfFile(Workspace.DatabasePath(folder));
        using var database = TrackingDatabase.Open(address, Durability.Device);
        var artifacts = new ArtifactStore(root?.Folder ?? Workspace.ArtifactsFolder(folder));
        return await ModelImport.RegisterAsync(path, name, database, artifacts, cancellationToken);
    }

    // The options are those of `up`, so that both commands take the same ones for ever.
    private static T? Of<T>(Command up, string option, ParseResult parsed) =>
        parsed.GetValue((Option<T>)up.Options.Single(o => o.Name == option));
}
