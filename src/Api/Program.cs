using Raktar.Api.CommandLine;

return await RaktarCommand.Run(args);
