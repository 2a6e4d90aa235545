using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Gyre.Server.Protection;
using Gyre.Server.Protection.Keys;
using Gyre.Tracking;
using Gyre.Tracking.Rest;
using Microsoft.AspNetCore.Http;

namespace Gyre.Server.Tests.Protection;

public sealed class AnonymousRuleTests
{
    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("::1", "::1", true)]
    [InlineData("::ffff:127.0.0.1", "::ffff:127.0.0.1", true)]
    [InlineData("10.0.0.2", "10.0.0.1", false)]
    [InlineData("10.0.0.1", "10.0.0.1", false)] // this machine by its outer address
    [InlineData("127.0.0.1", "10.0.0.1", false)]
    [InlineData("10.0.0.2", "127.0.0.1", false)]
    [InlineData("127.0.0.1", "127.0.0.1", false, "X-Forwarded-For", "203.0.113.9")]
    [InlineData("127.0.0.1", "127.0.0.1", false, "X-Forwarded-For", "127.0.0.1, 203.0.113.9")]
    [InlineData("127.0.0.1", "127.0.0.1", false, "X-Forwarded-For", "unknown")]
    [InlineData("127.0.0.1", "127.0.0.1", false, "X-Forwarded-For", "")]
    [InlineData("127.0.0.1", "127.0.0.1", true, "X-Forwarded-For", "::1")]
    [InlineData("127.0.0.1", "127.0.0.1", true, "X-Real-IP", "127.0.0.1")]
    [InlineData("127.0.0.1", "127.0.0.1", false, "X-Real-IP", "192.0.2.1")]
    [InlineData("127.0.0.1", "127.0.0.1", false, "Forwarded", "for=192.0.2.60;proto=http;by=127.0.0.1")]
    [InlineData("127.0.0.1", "127.0.0.1", false, "Forwarded", "proto=http;for=\"[2001:db8::1]:4711\"")]
    [InlineData("127.0.0.1", "127.0.0.1", true, "Forwarded", "for=\"[::1]:4711\";proto=http")]
    [InlineData("127.0.0.1", "127.0.0.1", false, "Host", "evil.example")]
    [InlineData("127.0.0.1", "127.0.0.1", true, "Host", "localhost:5000")]
    [InlineData("127.0.0.1", "127.0.0.1", false, "Origin", "https://evil.example")]
    [InlineData("127.0.0.1", "127.0.0.1", true, "Origin", "http://localhost:5000")]
    public void Allows_Loopback_OnlyProgramsOfThisMachine(
        string remote, string local, bool expected, string? header = null, string? value = null)
    {
        var context = new DefaultHttpContext { Request = { Method = "POST" } };
        (context.Connection.RemoteIpAddress, context.Connection.LocalIpAddress) = (IPAddress.Parse(remote), IPAddress.Parse(local));
        context.Request.Headers.Host = "127.0.0.1:5000";
        if (header is not null) context.Request.Headers[header] = value;
        var rule = new AnonymousRule(AnonymousAccess.Loopback, new HostGuard(new TrackingOptions()));
        Assert.Equal(expected, rule.Allows(context, out _));
        Assert.Equal(expected, rule.Allows(context, out _)); // also once it knows the host
        Assert.True(new AnonymousRule(AnonymousAccess.All, new HostGuard(new TrackingOptions())).Allows(context, out _));
        Assert.False(new AnonymousRule(AnonymousAccess.None, new HostGuard(new TrackingOptions())).Allows(context, out _));
    }

    [Fact]
    public async Task Send_FromAForeignPage_Is403()
    {
        await using var host = await GuardedHost.StartAsync(AnonymousAccess.Loopback);
        using var answer = await host.SendAsync("POST", "/feedback/bike", with: r => r.Headers.Add("Origin", "https://evil.example"));
        Assert.Equal(403, (int)answer.StatusCode);
        Assert.Contains("Cross-origin", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(200, await host.StatusAsync("POST", "/predict/bike"));
    }

    [OuterAddressFact]
    public async Task Send_ByTheOuterAddress_NeedsAKey()
    {
        await using var host = await GuardedHost.StartAsync(AnonymousAccess.Loopback, urls: "http://0.0.0.0:0");
        var outer = new UriBuilder(host.Fixture.Address) { Host = OuterAddressFactAttribute.Address!.ToString() }.Uri; // else skipped
        using var refused = await host.Fixture.Client.GetAsync(new Uri(outer, "/v2"));
        Assert.Equal(401, (int)refused.StatusCode);
        Assert.Equal(200, (int)(await host.Fixture.Client.GetAsync(new Uri(outer, "/health"))).StatusCode);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(outer, "/v2"));
        request.Headers.Add("X-API-Key", await host.KeyAsync(Scopes.Predict));
        Assert.Equal(200, (int)(await host.Fixture.Client.SendAsync(request)).StatusCode);
    }
}

/// <summary>A test that needs an address of this machine beside loopback.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OuterAddressFactAttribute : FactAttribute
{
    public OuterAddressFactAttribute() => Skip = Address is null ? "This machine has no address but loopback." : null;

    public static IPAddress? Address { get; } = NetworkInterface.GetAllNetworkInterfaces()
        .SelectMany(network => network.GetIPProperties().UnicastAddresses)
        .Select(unicast => unicast.Address)
        .FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address));
}
