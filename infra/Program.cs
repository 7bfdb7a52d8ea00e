using Amazon.CDK;
using Raktar.Infra;

// Synthesises into CDK_OUTDIR, which the CDK command line sets, or into ./cdk.out.
try
{
    var app = new App();
    _ = new RaktarStack(app, Settings.Read(app.Node));
    app.Synth();
    return 0;
}
catch (SettingsException e)
{
    await Console.Error.WriteLineAsync($"raktar: {e.Message}");
    return 2;
}
