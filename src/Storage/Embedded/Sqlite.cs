using Microsoft.Data.Sqlite;
using Raktar.Application.Ports;

namespace Raktar.Storage.Embedded;

/// <summary>Reading a database: pooled connections that cannot write.</summary>
internal sealed class SqliteReader(string file, string store)
{
    private readonly string _connectionString =
        new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadWrite, DefaultTimeout = 10 }.ConnectionString;

    /// <summary>All rows of a query. A failing database is a <see cref="StoreUnavailableException"/>.</summary>
    public List<T> Query<T>(string sql, Func<SqliteDataReader, T> row, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var rows = new List<T>();
        Read(
            sql,
            reader =>
            {
                rows.Add(row(reader));
                return true;
            },
            parameters);
        return rows;
    }

    /// <summary>The rows of a query until <paramref name="next"/> has enough.</summary>
    public void Read(string sql, Func<SqliteDataReader, bool> next, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        try
        {
            using var connection = new SqliteConnection(_connectionString);
            connection.Open();
            using var command = connection.CreateCommand(sql, parameters);
            using var reader = command.ExecuteReader();
            while (reader.Read() && next(reader))
            {
            }
        }
        catch (SqliteException e)
        {
            throw new StoreUnavailableException(store, e);
        }
    }

    /// <summary>Closes the pooled connections.</summary>
    public void Close()
    {
        using var connection = new SqliteConnection(_connectionString);
        SqliteConnection.ClearPool(connection);
    }
}

/// <summary>Commands with their parameters in one line.</summary>
internal static class SqliteCommands
{
    /// <summary>A command with its parameters.</summary>
    public static SqliteCommand CreateCommand(
        this SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command;
    }
}
