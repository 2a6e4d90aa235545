using System.CommandLine;
using Gyre.Server.Protection;

namespace Gyre.Cli.Commands;

/// <summary>The options of `gyre up` that say who may ask.</summary>
internal sealed class ProtectionArguments
{
    private readonly Option<AnonymousAccess> _anonymous = new("--anonymous")
    {
        Description = "Which requests go without a key: none, loopback (programs on this machine) or all.",
        DefaultValueFactory = _ => AnonymousAccess.Loopback,
    };

    public void AddTo(Command command) => command.Options.Add(_anonymous);

    public ProtectionOptions In(ParseResult parsed) => new()
    {
        Anonymous = parsed.GetValue(_anonymous),
    };
}
