using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Raktar.Application.Ports;

namespace Raktar.Storage.Embedded;

/// <summary>
/// The one writer of a database. Whatever waits is written in one transaction, so that many callers share one flush to disk; a caller hears of success
/// only after that transaction is committed.
/// </summary>
internal sealed class SqliteWriter : IDisposable
{
    private const int MaxBatch = 512;

    private readonly Channel<Work> _queue = Channel.CreateUnbounded<Work>(new() { SingleReader = true });
    private readonly SqliteConnection _connection;
    private readonly Thread _thread;
    private readonly string _store;

    /// <summary>Opens <paramref name="file"/> for writing, applies <paramref name="schema"/>, and names the store <paramref name="store"/> when it fails.</summary>
    public SqliteWriter(string file, string store, string schema)
    {
        _store = store;
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ConnectionString);
        _connection.Open();
        using (var setup = _connection.CreateCommand())
        {
            setup.CommandText = schema;
            setup.ExecuteNonQuery();
        }

        _thread = new Thread(Loop) { IsBackground = true, Name = $"{store} writer" };
        _thread.Start();
    }

    /// <summary>
    /// Runs <paramref name="write"/> inside the next transaction and answers after its commit. Work that throws must have changed nothing: it checks
    /// first and writes last. <paramref name="committed"/> runs before the answer, on the writer's thread, in the order of the writes.
    /// </summary>
    public Task<T> Write<T>(Func<SqliteConnection, T> write, Action<T>? committed = null)
    {
        var work = new Work<T>(write, committed);
        return _queue.Writer.TryWrite(work) ? work.Task : throw new StoreUnavailableException(_store);
    }

    /// <summary>Writes what waits, then closes.</summary>
    public void Dispose()
    {
        if (!_queue.Writer.TryComplete())
        {
            return;
        }

        _thread.Join();
        _connection.Dispose();
    }

    private void Loop()
    {
        var batch = new List<Work>();
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            batch.Clear();
            while (batch.Count < MaxBatch && _queue.Reader.TryRead(out var work))
            {
                batch.Add(work);
            }

            try
            {
                using var transaction = _connection.BeginTransaction();
                batch.ForEach(work => work.Run(_connection));
                transaction.Commit();
            }
            catch (SqliteException e)
            {
                batch.ForEach(work => work.Fail(new StoreUnavailableException(_store, e)));
                continue;
            }

            batch.ForEach(work => work.Complete());
        }
    }

    private abstract class Work
    {
        public abstract void Run(SqliteConnection connection);

        public abstract void Complete();

        public abstract void Fail(Exception e);
    }

    private sealed class Work<T>(Func<SqliteConnection, T> write, Action<T>? committed) : Work
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _result;
        private Exception? _refused;

        public Task<T> Task => _done.Task;

        public override void Run(SqliteConnection connection)
        {
            try
            {
                _result = write(connection);
            }
            catch (Exception e) when (e is not SqliteException)
            {
                _refused = e;
            }
        }

        public override void Complete()
        {
            if (_refused is null)
            {
                committed?.Invoke(_result!);
                _done.TrySetResult(_result!);
            }
            else
            {
                _done.TrySetException(_refused);
            }
        }

        public override void Fail(Exception e) => _done.TrySetException(e);
    }
}
