using System.Net;
using System.Text;

namespace Gyre.Client.Tests;

/// <summary>Answers requests from a script and remembers them.</summary>
internal sealed class StubServer(Func<HttpRequestMessage, string, HttpResponseMessage> answer) : HttpMessageHandler
{
    private readonly Lock _lock = new();

    /// <summary>Path and body of every request, in the order of arrival.</summary>
    public List<(string Path, string Body)> Requests { get; } = [];

    public static HttpResponseMessage Json(string body, HttpStatusCode status = HttpStatusCode.OK) =>
        new(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

    public MlflowClient Connect(int retries = 3) => new(new MlflowClientOptions
    {
        TrackingUri = new Uri("http://stub"), Handler = this, Retries = retries, RetryDelay = TimeSpan.FromMilliseconds(1),
        Token = null, UserName = null,
    });

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        lock (_lock) Requests.Add((request.RequestUri!.PathAndQuery, body)); // set by the client
        return answer(request, body);
    }
}
