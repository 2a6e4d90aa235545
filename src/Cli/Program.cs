using Gyre.Cli;

return await CommandLineHost.RunAsync(args, CancellationToken.None);
