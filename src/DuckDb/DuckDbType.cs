namespace Gyre.DuckDb;

/// <summary>The engine's type of a column; numbers as in `duckdb_type` of the C API.</summary>
public enum DuckDbType
{
    /// <summary>Not known.</summary>
    Invalid = 0,

    /// <summary>`bool`, one byte.</summary>
    Boolean = 1,

    /// <summary>`sbyte`.</summary>
    TinyInt = 2,

    /// <summary>`short`.</summary>
    SmallInt = 3,

    /// <summary>`int`.</summary>
    Integer = 4,

    /// <summary>`long`.</summary>
    BigInt = 5,

    /// <summary>`byte`.</summary>
    UTinyInt = 6,

    /// <summary>`ushort`.</summary>
    USmallInt = 7,

    /// <summary>`uint`.</summary>
    UInteger = 8,

    /// <summary>`ulong`.</summary>
    UBigInt = 9,

    /// <summary>`float`.</summary>
    Float = 10,

    /// <summary>`double`.</summary>
    Double = 11,

    /// <summary>Microseconds since 1970-01-01, `long`.</summary>
    Timestamp = 12,

    /// <summary>Days since 1970-01-01, `int`.</summary>
    Date = 13,

    /// <summary>Microseconds of a day, `long`.</summary>
    Time = 14,

    /// <summary>Months, days, microseconds.</summary>
    Interval = 15,

    /// <summary>128 bits.</summary>
    HugeInt = 16,

    /// <summary>UTF-8, <see cref="DuckDbString"/>.</summary>
    Varchar = 17,

    /// <summary>Bytes, laid out like <see cref="Varchar"/>.</summary>
    Blob = 18,

    /// <summary>A fixed-point number.</summary>
    Decimal = 19,

    /// <summary>Seconds since 1970-01-01, `long`.</summary>
    TimestampSeconds = 20,

    /// <summary>Milliseconds since 1970-01-01, `long`.</summary>
    TimestampMilliseconds = 21,

    /// <summary>Nanoseconds since 1970-01-01, `long`.</summary>
    TimestampNanoseconds = 22,

    /// <summary>An enumeration.</summary>
    Enum = 23,

    /// <summary>A list.</summary>
    List = 24,

    /// <summary>A struct.</summary>
    Struct = 25,

    /// <summary>A map.</summary>
    Map = 26,

    /// <summary>128 bits.</summary>
    Uuid = 27,

    /// <summary>A union.</summary>
    Union = 28,

    /// <summary>A bit string.</summary>
    Bit = 29,

    /// <summary>A time with an offset.</summary>
    TimeTz = 30,

    /// <summary>Microseconds since 1970-01-01 UTC, `long`.</summary>
    TimestampTz = 31,

    /// <summary>128 bits, unsigned.</summary>
    UHugeInt = 32,

    /// <summary>A fixed-length list.</summary>
    Array = 33,

    /// <summary>The type of a bare NULL.</summary>
    SqlNull = 36,
}
