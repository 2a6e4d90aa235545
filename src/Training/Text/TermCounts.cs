using Gyre.Tabular;

namespace Gyre.Training;

/// <summary>How often, and in how many rows, each term of some texts occurs.</summary>
internal sealed class TermCounts
{
    private readonly List<int> _rows = [];
    private readonly List<long> _total = [];
    private readonly List<int> _lastText = [];
    private readonly List<bool> _isTerm = [];

    public TermCounts(CategoricalColumn column, TextOptions options, CancellationToken token)
    {
        var (texts, distinct) = TextVectorizer.UsedTexts(column);
        var times = new int[distinct.Count];
        foreach (var text in texts) times[text]++;
        var tokens = new List<string>();
        for (var i = 0; i < times.Length; i++)
        {
            if ((i & 0xff) == 0) token.ThrowIfCancellationRequested();
            tokens.Clear();
            TextTokens.Cut(distinct[i], options.Analyzer, tokens);
            Count(tokens, i, times[i], options);
        }
    }

    public TermTree Tree { get; } = new();

    /// <summary>The nodes of the terms that stand in at least so many rows, the most frequent up to a limit.</summary>
    public IEnumerable<int> Keep(int minDf, int? limit)
    {
        var frequent = Enumerable.Range(0, Tree.Nodes).Where(node => _isTerm[node] && _rows[node] >= minDf);
        return limit is null ? frequent : frequent.OrderByDescending(node => _total[node]).Take(limit.Value);
    }

    /// <summary>In how many rows a node's term stands.</summary>
    public int RowsWith(int node) => _rows[node];

    private void Count(List<string> tokens, int text, int times, TextOptions options)
    {
        var numbers = new int[tokens.Count];
        for (var i = 0; i < numbers.Length; i++) numbers[i] = Tree.AddToken(tokens[i]);
        for (var from = 0; from < numbers.Length; from++)
        {
            var node = TermTree.Root;
            for (var i = from; i < numbers.Length && i < from + options.MostLength; i++)
            {
                node = Tree.Add(node, numbers[i]);
                if (node == _rows.Count) AddNode();
                if (i - from + 1 < options.LeastLength) continue;
                _isTerm[node] = true;
                _total[node] += times;
                if (_lastText[node] == text) continue;
                _lastText[node] = text;
                _rows[node] += times;
            }
        }
    }

    private void AddNode()
    {
        _rows.Add(0);
        _total.Add(0);
        _lastText.Add(-1);
        _isTerm.Add(false);
    }
}
