using System.Security.Cryptography;
using System.Text;

namespace Gyre.Cli.Commands;

/// <summary>The identity of some files: their names and contents.</summary>
internal static class PackageHash
{
    /// <summary>SHA-256 in hexadecimal; the order of the files matters.</summary>
    public static string Of(IEnumerable<(string Name, string Path)> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, path) in files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name + "\0"));
            using var stream = File.OpenRead(path);
            hash.AppendData(SHA256.HashData(stream));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
