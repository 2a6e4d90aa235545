using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Gyre.Client;

/// <summary>Sends requests of the REST API, repeats what may succeed later, turns refusals into exceptions.</summary>
internal sealed class RestTransport : IDisposable
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly MlflowClientOptions _options;
    private readonly HttpClient _http;
    private readonly string _root;

    public RestTransport(MlflowClientOptions options)
    {
        _options = options;
        _root = options.TrackingUri.AbsoluteUri.TrimEnd('/');
        _http = options.Handler is { } handler
            ? new HttpClient(handler, disposeHandler: false)
            : new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) });
        _http.Timeout = System.Threading.Timeout.InfiniteTimeSpan; // per try, below
        _http.DefaultRequestHeaders.UserAgent.ParseAdd(
            $"gyre-client/{typeof(RestTransport).Assembly.GetName().Version?.ToString(3)}");
        if (options.Token is { Length: > 0 } token)
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        else if (options.UserName is { Length: > 0 } user)
        {
            var pair = Encoding.UTF8.GetBytes($"{user}:{options.Password}");
            _http.DefaultRequestHeaders.Authorization =
                new AuthenticationHeaderValue("Basic", Convert.ToBase64String(pair));
        }
    }

    /// <summary>Sends a JSON body and reads a JSON answer.</summary>
    public Task<TAnswer> SendAsync<TBody, TAnswer>(
        HttpMethod method, string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> answerType,
        CancellationToken cancellationToken)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, bodyType);
        return ReadAsync(method, path, () => JsonContent(bytes), answerType, cancellationToken);
    }

    /// <summary>Reads a JSON answer.</summary>
    public Task<TAnswer> GetAsync<TAnswer>(
        string path, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken) =>
        ReadAsync(HttpMethod.Get, path, () => null, answerType, cancellationToken);

    /// <summary>Sends a file; it is opened anew for each try.</summary>
    public async Task UploadAsync(string path, Func<Stream> open, CancellationToken cancellationToken)
    {
        using var response = await TryAsync(
            HttpMethod.Put, path, () => new StreamContent(open()), isTransfer: true, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens a file for reading.</summary>
    public async Task<Stream> DownloadAsync(string path, CancellationToken cancellationToken)
    {
        var response = await TryAsync(HttpMethod.Get, path, () => null, isTransfer: true, cancellationToken)
            .ConfigureAwait(false);
        return new ResponseStream(response, await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false));
    }

    public void Dispose() => _http.Dispose();

    private static ByteArrayContent JsonContent(byte[] bytes) =>
        new(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

    private async Task<TAnswer> ReadAsync<TAnswer>(
        HttpMethod method, string path, Func<HttpContent?> content, JsonTypeInfo<TAnswer> answerType,
        CancellationToken cancellationToken)
    {
        using var response = await TryAsync(method, path, content, isTransfer: false, cancellationToken).ConfigureAwait(false);
        try
        {
            var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                return await JsonSerializer.DeserializeAsync(stream, answerType, cancellationToken).ConfigureAwait(false)
                    ?? throw new MlflowException($"{method} {path}: the answer is empty.", "BAD_ANSWER", response.StatusCode);
            }
        }
        catch (JsonException ex)
        {
            throw new MlflowException(
                $"{method} {path}: the answer is not of MLflow's protocol: {ex.Message}", "BAD_ANSWER", response.StatusCode, ex);
        }
    }

    private async Task<HttpResponseMessage> TryAsync(
        HttpMethod method, string path, Func<HttpContent?> content, bool isTransfer, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            var last = attempt >= _options.Retries;
            TimeSpan? asked = null;
            try
            {
                var response = await SendOnceAsync(method, path, content(), isTransfer, cancellationToken).ConfigureAwait(false);
                if (response.IsSuccessStatusCode) return response;
                using (response)
                {
                    if (last || !IsPassing(response.StatusCode))
                        throw await ErrorAsync(method, path, response, cancellationToken).ConfigureAwait(false);
                    asked = response.Headers.RetryAfter?.Delta;
                }
            }
            catch (Exception ex) when (IsConnection(ex, cancellationToken))
            {
                if (last)
                    throw new MlflowException($"{_root} cannot be reached: {ex.Message}", "CONNECTION", null, ex);
            }

            await Task.Delay(Pause(attempt, asked), _options.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync(
        HttpMethod method, string path, HttpContent? content, bool isTransfer, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, $"{_root}/api/{path}") { Content = content };
        if (isTransfer)
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        using var limit = new CancellationTokenSource(_options.Timeout, _options.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        return await _http.SendAsync(request, both.Token).ConfigureAwait(false);
    }

    private TimeSpan Pause(int attempt, TimeSpan? asked)
    {
        if (asked is { } delta && delta > TimeSpan.Zero) return delta < LongestPause ? delta : LongestPause;
        var pause = _options.RetryDelay * Math.Pow(2, attempt);
        return pause < LongestPause ? pause : LongestPause;
    }

    private static bool IsPassing(HttpStatusCode status) => (int)status is 408 or 429 or 500 or 502 or 503 or 504;

    private static bool IsConnection(Exception failure, CancellationToken cancellationToken) =>
        failure is HttpRequestException or IOException
        || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private static async Task<MlflowException> ErrorAsync(
        HttpMethod method, string path, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var text = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        ErrorAnswer? error = null;
        try
        {
            error = JsonSerializer.Deserialize(text, Wire.Default.ErrorAnswer);
        }
        catch (JsonException)
        {
            // A proxy's page, say: the status tells what is known.
        }

        return new MlflowException(
            error?.Message ?? $"{method} {path}: the server answered {(int)response.StatusCode}.",
            error?.ErrorCode ?? (response.StatusCode == HttpStatusCode.NotFound ? "ENDPOINT_NOT_FOUND" : "INTERNAL_ERROR"),
            response.StatusCode);
    }
}
