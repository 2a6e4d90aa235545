namespace Gyre.Training;

/// <summary>What a text is cut into before n-grams are made.</summary>
public enum TextAnalyzer
{
    /// <summary>Words: the longest runs of at least two letters, digits or underscores.</summary>
    Word,

    /// <summary>Single characters (code points); every kind of white space counts as a space.</summary>
    Char,
}
