#!/bin/sh
# What AWS Lambda starts, by way of the web adapter; its .NET runtime says in DOTNET_ROOT where dotnet is.
cd "$(dirname "$0")" && exec "${DOTNET_ROOT:+$DOTNET_ROOT/}dotnet" Raktar.Api.dll
