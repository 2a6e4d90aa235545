using Gyre.Primitives;

namespace Gyre.Tracking.Tests.Files;

public sealed class ArtifactPathTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData("", "")]
    [InlineData("a", "a")]
    [InlineData("a/b/", "a/b")]
    [InlineData("a//./b", "a/b")]
    [InlineData("a%2Fb%252Fc", "a/b/c")]
    [InlineData("a%20b", "a b")]
    [InlineData("a%2520b", "a b")]
    [InlineData("100%", "100%")]
    [InlineData("%ff", "%ff")]
    [InlineData("log-12:30.txt", "log-12:30.txt")]
    [InlineData("..a/b..", "..a/b..")]
    [InlineData("%E6%A8%A1/Größe", "模/Größe")]
    public void Parse_PathBelowTheRoot_IsTidied(string? text, string expected) =>
        Assert.Equal(expected, ArtifactPath.Parse(text));

    [Fact]
    public void Parse_TooLong_IsRefused()
    {
        Assert.Throws<Gyre.Tracking.Rest.RestException>(() => ArtifactPath.Parse(new string('a', 256)));
        Assert.Throws<Gyre.Tracking.Rest.RestException>(
            () => ArtifactPath.Parse(string.Concat(Enumerable.Repeat("a/", 3000))));
    }

    [Fact]
    public void Parse_AnyText_IsRefusedOrStaysBelowTheRoot()
    {
        string[] pieces =
        [
            ".", "..", "/", @"\", "%2e", "%2f", "%5c", "%25", "2e", "%00", ":", "c:", "#", "%23", "a", "%", "~",
        ];
        var random = new Random(4);
        var root = Path.GetFullPath("/srv/root");
        for (var i = 0; i < 200_000; i++)
        {
            var count = random.Next(1, 9);
            var text = string.Concat(Enumerable.Range(0, count).Select(_ => pieces[random.Next(pieces.Length)]));
            string path;
            try
            {
                path = ArtifactPath.Parse(text);
            }
            catch (GyreException error)
            {
                Assert.Equal(ErrorCode.InvalidInput, error.Code);
                continue;
            }

            Assert.True(path.Length == 0 || Path.GetFullPath(Path.Combine(root, path)) == $"{root}/{path}", text);
            Assert.Equal(path, ArtifactPath.Parse(path)); // nothing is left that a second reader would decode
        }
    }
}
