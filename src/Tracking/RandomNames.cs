using System.Security.Cryptography;

namespace Gyre.Tracking;

/// <summary>
/// Names for what came without one: an adjective, an animal and a number, such as <c>calm-otter-417</c>.
/// </summary>
internal static class RandomNames
{
    private static readonly string[] Adjectives = """
        able agile airy amber ample apt bold brave breezy bright brisk calm candid careful charming cheerful clean clear
        clever colorful cosy crisp curious daring dapper eager earnest easy elegant fair famous fancy fast fine firm
        fond frank free fresh gentle glad golden good grand handy happy hardy honest hushed ideal jolly jovial keen kind
        lively loyal lucky lush merry mild modest neat nimble noble open orderly patient placid polite popular proud
        quick quiet rare ready resolute rich royal salty secret selective serious shiny silent simple skilled sleek
        smart smooth sober solid spry stately steady sturdy sunny swift tasteful thoughtful tidy trusting upbeat
        useful valiant victorious vivid warm welcoming whimsical wise witty zesty
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static readonly string[] Animals = """
        ant ape asp auk badger bass bat bear bee beetle bird bison boar bug calf carp cat chimp cod colt conch cow crab
        crane crow cub deer doe dog dolphin donkey dove duck eel elk falcon fawn finch fish flea fly foal fowl fox frog
        gnat gnu goat goose grouse grub gull hare hawk hen heron hog horse hound ibis jay kit kite koi lamb lark loon
        lynx mare marten mink mole moose moth mouse mule newt otter owl ox panda penguin perch pig pug quail ram rat
        ray robin roo rook seal shad shark sheep shoat shrew shrike shrimp skink skunk sloth slug smelt snail snake
        snipe sow sponge squid squirrel stag steed stoat stork swan tern toad trout turtle vole wasp whale wolf worm
        wren yak zebra
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    public static string Next() =>
        $"{Pick(Adjectives)}-{Pick(Animals)}-{RandomNumberGenerator.GetInt32(1000)}";

    private static string Pick(string[] words) => words[RandomNumberGenerator.GetInt32(words.Length)];
}
