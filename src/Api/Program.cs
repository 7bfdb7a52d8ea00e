using Raktar.Api.CommandLine;

// Inspecting or folding a large crate keeps a thread for a tenth of a second. With as few threads as processors everybody else would wait behind it in the
// pool's line; with more, the kernel shares the processors.
ThreadPool.GetMinThreads(out var workers, out var completions);
ThreadPool.SetMinThreads(workers + 16, completions);

return await RaktarCommand.Run(args);
