using System.Globalization;
using System.Security.Cryptography;

namespace Gyre.Tracking;

/// <summary>Names for what nobody named: <c>adjective-animal-number</c>.</summary>
internal static class RandomNames
{
    private const int Numbers = 1000;

    private static readonly string[] Adjectives =
    [
        "able", "amber", "ancient", "bold", "brave", "bright", "brisk", "calm", "careful", "clever", "crisp", "curious",
        "dapper", "daring", "eager", "early", "fair", "fast", "fond", "gentle", "glad", "golden", "grand", "happy",
        "hardy", "honest", "humble", "jolly", "keen", "kind", "lively", "loyal", "lucid", "lucky", "merry", "mighty",
        "mild", "modest", "neat", "nimble", "noble", "patient", "polite", "proud", "quick", "quiet", "rapid", "ready",
        "robust", "serene", "sharp", "silent", "sincere", "smooth", "steady", "sunny", "swift", "tidy", "upbeat",
        "valiant", "vivid", "warm", "wise", "witty",
    ];

    private static readonly string[] Animals =
    [
        "ant", "badger", "bat", "bear", "bee", "bison", "boar", "calf", "carp", "cat", "colt", "crab", "crane", "crow",
        "deer", "dog", "dove", "duck", "eagle", "eel", "elk", "ermine", "finch", "fish", "flea", "foal", "fox", "frog",
        "gnu", "goat", "goose", "grouse", "gull", "hare", "hawk", "hen", "heron", "horse", "hound", "ibex", "jay",
        "kite", "koi", "lamb", "lark", "lynx", "mink", "mole", "moose", "moth", "mouse", "mule", "newt", "otter", "owl",
        "ox", "panda", "perch", "quail", "ram", "raven", "robin", "seal", "shrew", "skunk", "snail", "stag", "stork",
        "swan", "tern", "toad", "trout", "vole", "wasp", "whale", "wolf", "wren", "yak", "zebra",
    ];

    /// <summary>Another name; not unique.</summary>
    public static string Next() => string.Create(CultureInfo.InvariantCulture,
        $"{Pick(Adjectives)}-{Pick(Animals)}-{RandomNumberGenerator.GetInt32(Numbers)}");

    private static string Pick(string[] words) => words[RandomNumberGenerator.GetInt32(words.Length)];
}
