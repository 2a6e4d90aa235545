using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Gyre.Primitives;

namespace Gyre.Bench.Serving;

/// <summary>
/// A client that does as little as HTTP allows: the request is bytes made once, the answer is read up to its
/// Content-Length. It shares the machine with the server, so what it does not do is what the server can.
/// </summary>
internal sealed class HttpLoad : IDisposable
{
    private static readonly byte[] Length = "Content-Length: "u8.ToArray();

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[64 << 10];

    public HttpLoad(Uri address) => _socket.Connect(address.Host, address.Port);

    /// <summary>The bytes of a POST with a JSON body.</summary>
    public static byte[] Post(Uri address, string path, string body)
    {
        var content = Encoding.UTF8.GetBytes(body);
        var head = string.Create(CultureInfo.InvariantCulture,
            $"POST {path} HTTP/1.1\r\nHost: {address.Authority}\r\n"
            + $"Content-Type: application/json\r\nContent-Length: {content.Length}\r\n\r\n");
        return [.. Encoding.ASCII.GetBytes(head), .. content];
    }

    /// <summary>Requests/s of several connections that each send the next request when the last is answered.</summary>
    public static double Closed(Uri address, byte[] request, int connections, TimeSpan duration)
    {
        var total = 0L;
        var clock = Stopwatch.StartNew();
        var threads = Enumerable.Range(0, connections).Select(_ => new Thread(() =>
        {
            using var connection = new HttpLoad(address);
            var count = 0L;
            for (; clock.Elapsed < duration; count++) connection.Exchange(request);
            Interlocked.Add(ref total, count);
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return total / clock.Elapsed.TotalSeconds;
    }

    /// <summary>Sends a request and waits for its answer.</summary>
    /// <exception cref="GyreException">The answer is not 200.</exception>
    public void Exchange(byte[] request)
    {
        if (Ask(request) is var status and not 200) throw GyreException.Invalid($"The server answered {status}.");
    }

    /// <summary>A port that was free a moment ago.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Waits until an address answers 200.</summary>
    /// <exception cref="GyreException">The process has ended.</exception>
    public static void WaitUntilUp(Uri address, Process process)
    {
        using var client = new HttpClient();
        while (true)
        {
            try
            {
                using var answer = client.GetAsync(address).GetAwaiter().GetResult();
                if (answer.IsSuccessStatusCode) return;
            }
            catch (HttpRequestException)
            {
                if (process.HasExited) throw GyreException.Invalid("The peer did not start.");
            }

            Thread.Sleep(100);
        }
    }

    /// <summary>Sends a request and waits for its answer.</summary>
    /// <returns>The answer's status.</returns>
    public int Ask(byte[] request)
    {
        Send(request);
        return Receive();
    }

    /// <summary>The socket, for waiting on several connections at once.</summary>
    public int Descriptor => (int)_socket.SafeHandle.DangerousGetHandle();

    /// <summary>Sends a request, whose answer must be received before the next is sent.</summary>
    public void Send(byte[] request) => _socket.Send(request);

    /// <summary>Receives the answer.</summary>
    /// <returns>Its status.</returns>
    public int Receive()
    {
        var filled = 0;
        while (true)
        {
            var read = _socket.Receive(_buffer, filled, _buffer.Length - filled, SocketFlags.None);
            if (read == 0) throw GyreException.Invalid("The server closed the connection.");
            filled += read;
            if (IsComplete(_buffer.AsSpan(0, filled), out var status)) return status;
        }
    }

    public void Dispose() => _socket.Dispose();

    private static bool IsComplete(ReadOnlySpan<byte> answer, out int status)
    {
        status = 0;
        var end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0) return false;
        if (!Utf8Parser.TryParse(answer["HTTP/1.1 ".Length..], out status, out _))
            throw GyreException.Invalid($"The server answered: {Encoding.UTF8.GetString(answer)}");
        var at = answer.IndexOf(Length);
        if (at < 0 || !Utf8Parser.TryParse(answer[(at + Length.Length)..], out int length, out _))
            throw GyreException.Invalid("The answer has no Content-Length.");
        return answer.Length >= end + 4 + length;
    }
}
