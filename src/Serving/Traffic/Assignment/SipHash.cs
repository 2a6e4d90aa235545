using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Gyre.Serving.Traffic.Assignment;

/// <summary>
/// SipHash-2-4 with 64 bits (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012): the same bytes under the
/// same key give the same number on every machine, and a client who chooses the bytes cannot aim at a number.
/// </summary>
internal static class SipHash
{
    /// <summary>The hash of the bytes under the key (k0, k1).</summary>
    public static ulong Compute(ReadOnlySpan<byte> bytes, ulong k0, ulong k1)
    {
        var state = new State(
            k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573);
        var rest = bytes;
        for (; rest.Length >= 8; rest = rest[8..]) state.Absorb(BinaryPrimitives.ReadUInt64LittleEndian(rest));
        var last = (ulong)bytes.Length << 56;
        for (var i = 0; i < rest.Length; i++) last |= (ulong)rest[i] << (8 * i);
        state.Absorb(last);
        return state.Finish();
    }

    [StructLayout(LayoutKind.Auto)]
    private struct State(ulong v0, ulong v1, ulong v2, ulong v3)
    {
        public void Absorb(ulong word)
        {
            v3 ^= word;
            Round();
            Round();
            v0 ^= word;
        }

        public ulong Finish()
        {
            v2 ^= 0xff;
            for (var i = 0; i < 4; i++) Round();
            return v0 ^ v1 ^ v2 ^ v3;
        }

        private void Round()
        {
            v0 += v1;
            v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
            v0 = BitOperations.RotateLeft(v0, 32);
            v2 += v3;
            v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
            v0 += v3;
            v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
            v2 += v1;
            v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
            v2 = BitOperations.RotateLeft(v2, 32);
        }
    }
}
