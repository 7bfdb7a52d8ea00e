using Amazon.CDK;
using Amazon.CDK.AWS.Lambda;
using Constructs;

namespace Raktar.Infra;

/// <summary>Raktar on AWS: one stack, no servers.</summary>
internal sealed class RaktarStack : Stack
{
    /// <summary>Builds it; its name is <c>Raktar</c> wherever it is deployed.</summary>
    public RaktarStack(Construct scope, Settings settings)
        : base(scope, "Raktar", new StackProps { Description = "Raktar, a private registry for Rust crates" })
    {
        var storage = new Storage(this, settings.EventsStream);
        var program = new ProgramSettings(
            Code.FromAsset(settings.ApiFolder ?? PublishedApi.Publish(settings.Processor)), settings.Processor, storage);
        var fanOut = new FanOut(this, program);
        var api = new Api(this, program, settings);
        var checkpoints = new Checkpoints(this, program, fanOut.Bus);
        var tampering = new Tampering(this, storage.Events);
        _ = new Operations(this, storage, fanOut, api, checkpoints, tampering, settings.AlarmEmail);

        Amazon.CDK.Tags.Of(this).Add("application", "raktar");
        Output("Url", api.Url, "What clients use, and what is written into lock files");
        Output(
            "CargoConfiguration",
            $"[registries.raktar]\nindex = \"sparse+{api.Url}/\"\ncredential-provider = [\"cargo:token\"]\n",
            "Paste into ~/.cargo/config.toml");
        Output("EventsTable", storage.Events.TableName, "The log: the registry's truth");
        Output("DocumentsTable", storage.Documents.TableName, "The read models, rebuilt from the log");
        Output("AuditTable", storage.Audit.TableName, "The audit's rows, rebuilt from the log");
        Output("AsideTable", storage.Aside.TableName, "Sessions and the like, kept beside the log");
        Output("Bucket", storage.Files.BucketName, "Crate files and READMEs");
        Output("CheckpointsBucket", storage.Checkpoints.BucketName, "The signed checkpoints");
        Output("SigningKey", checkpoints.Key.KeyArn, "What they are signed with");
        Output("EventBus", fanOut.Bus.EventBusArn, "Where replays of the archive go");
        Output("ApiFunction", api.Function.FunctionName, "What answers requests");
        Output("Archive", fanOut.Archive.ArchiveArn, "What the bus carried in the last 30 days");
    }

    private void Output(string id, string value, string description) =>
        _ = new CfnOutput(this, id, new CfnOutputProps { Value = value, Description = description });
}
