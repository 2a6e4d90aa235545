using System.Text;
using System.Text.Json.Nodes;
using Gyre.Loop.Pipeline;
using Gyre.Primitives;

namespace Gyre.Cli.Commands;

/// <summary>Which model of which server a client command talks to.</summary>
internal sealed record ServedModel(string Model, Uri Address)
{
    /// <summary>Completes what the command line leaves out from gyre.yaml.</summary>
    public static async Task<ServedModel> FindAsync(
        string workspace, string? model, Uri? url, CancellationToken cancellationToken)
    {
        if (model is not null && url is not null) return new ServedModel(model, WithSlash(url));
        var definition = await PipelineReader.ReadAsync(workspace, cancellationToken);
        var address = url ?? new Uri(definition.Serving.Urls.Split(';')[0]);
        return new ServedModel(model ?? definition.Model, WithSlash(address));
    }

    /// <summary>Posts JSON and returns the answer.</summary>
    /// <exception cref="GyreException">No server answers there, or it refused.</exception>
    public async Task<JsonObject> PostAsync(
        HttpClient client, string path, JsonNode body, CancellationToken cancellationToken)
    {
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        return await AnswerAsync(() => client.PostAsync(new Uri(path, UriKind.Relative), content, cancellationToken),
            cancellationToken);
    }

    /// <summary>The data types of the model's inputs and outputs, by name.</summary>
    /// <exception cref="GyreException">No server answers there, or it does not serve the model.</exception>
    public async Task<(IReadOnlyDictionary<string, string> Inputs, IReadOnlyDictionary<string, string> Outputs)> MetadataAsync(
        HttpClient client, CancellationToken cancellationToken)
    {
        var metadata = await AnswerAsync(
            () => client.GetAsync(new Uri($"v2/models/{Model}", UriKind.Relative), cancellationToken), cancellationToken);
        return (Datatypes("inputs"), Datatypes("outputs"));

        Dictionary<string, string> Datatypes(string side) => (metadata[side]?.AsArray() ?? []).ToDictionary(
            tensor => tensor?["name"]?.ToString() ?? "", tensor => tensor?["datatype"]?.ToString() ?? "", StringComparer.Ordinal);
    }

    private async Task<JsonObject> AnswerAsync(
        Func<Task<HttpResponseMessage>> send, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await send();
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            var answer = JsonNode.Parse(text) as JsonObject ?? [];
            if (response.IsSuccessStatusCode) return answer;
            var cause = answer["detail"]?.ToString() ?? answer["error"]?.ToString() ?? text;
            throw new GyreException(
                (int)response.StatusCode < 500 ? ErrorCode.InvalidInput : ErrorCode.Unavailable, $"{Model}: {cause}");
        }
        catch (HttpRequestException error)
        {
            throw new GyreException(ErrorCode.Unavailable,
                $"no server answers at {Address}: {error.Message}; start one with `gyre up`", error);
        }
    }

    private static Uri WithSlash(Uri url) => url.AbsoluteUri.EndsWith('/') ? url : new Uri(url.AbsoluteUri + "/");
}
