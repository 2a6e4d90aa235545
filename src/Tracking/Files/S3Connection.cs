using Amazon.Runtime;
using Amazon.S3;

namespace Gyre.Tracking;

/// <summary>
/// The client of an S3-compatible store. Keys come from the usual places (environment, profiles, the machine's role);
/// an endpoint other than Amazon's from <c>MLFLOW_S3_ENDPOINT_URL</c>, as for MLflow, or <c>AWS_ENDPOINT_URL_S3</c>.
/// </summary>
internal static class S3Connection
{
    private static readonly string[] Endpoints = ["MLFLOW_S3_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"];
    private static readonly string[] Regions = ["AWS_REGION", "AWS_DEFAULT_REGION"];

    public static IArtifactRepository Open(ArtifactRoot root) => new S3Artifacts(new AmazonS3Client(Settings()), root);

    /// <summary>Settings that other servers than Amazon's understand too.</summary>
    public static AmazonS3Config Settings()
    {
        var settings = new AmazonS3Config
        {
            // Checksums in trailers are new; many compatible servers refuse them.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        var region = First(Regions) ?? "us-east-1";
        if (First(Endpoints) is { } endpoint)
        {
            settings.ServiceURL = endpoint;
            settings.AuthenticationRegion = region;
            settings.ForcePathStyle = true;
        }
        else
        {
            settings.RegionEndpoint = Amazon.RegionEndpoint.GetBySystemName(region);
        }

        return settings;
    }

    private static string? First(string[] names) => names
        .Select(Environment.GetEnvironmentVariable)
        .FirstOrDefault(value => !string.IsNullOrEmpty(value));
}
