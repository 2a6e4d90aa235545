namespace Gyre.Training;

/// <summary>
/// All terms as a tree: a node is a sequence of tokens, found by the node of all but the last and the last token's
/// number.
/// </summary>
internal sealed class TermTree
{
    /// <summary>The empty sequence.</summary>
    public const int Root = -1;

    /// <summary>What stands for no node and no token.</summary>
    public const int None = -2;

    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<string> _tokens = [];
    private readonly Dictionary<(int Parent, int Token), int> _children = [];
    private readonly List<(int Parent, int Token)> _nodes = [];

    public TermTree()
    {
    }

    public TermTree(IEnumerable<string> tokens)
    {
        foreach (var token in tokens) AddToken(token);
    }

    public int Nodes => _nodes.Count;

    /// <summary>All tokens; a token's number is its position.</summary>
    public IReadOnlyList<string> Tokens => _tokens;

    public int Token(string token) => _numbers.GetValueOrDefault(token, None);

    public int AddToken(string token)
    {
        if (_numbers.TryGetValue(token, out var number)) return number;
        _numbers.Add(token, number = _tokens.Count);
        _tokens.Add(token);
        return number;
    }

    public int Find(int parent, int token) => token < 0 ? None : _children.GetValueOrDefault((parent, token), None);

    public int Add(int parent, int token)
    {
        if (!_children.TryGetValue((parent, token), out var node))
        {
            _children.Add((parent, token), node = _nodes.Count);
            _nodes.Add((parent, token));
        }

        return node;
    }

    public int AddTerm(ReadOnlySpan<int> tokens)
    {
        var node = Root;
        foreach (var token in tokens) node = Add(node, token);
        return node;
    }

    /// <summary>The tokens of a node, in order.</summary>
    public int[] TermOf(int node)
    {
        var tokens = new List<int>();
        for (; node >= 0; node = _nodes[node].Parent) tokens.Add(_nodes[node].Token);
        tokens.Reverse();
        return [.. tokens];
    }
}
