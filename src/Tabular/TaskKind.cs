namespace Gyre.Tabular;

/// <summary>What a model predicts.</summary>
public enum TaskKind
{
    /// <summary>A real number.</summary>
    Regression,

    /// <summary>One of two classes; the prediction is the probability of the positive one.</summary>
    Binary,

    /// <summary>One of three or more classes; the prediction is a probability per class.</summary>
    Multiclass,
}
