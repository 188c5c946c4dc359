defmodule Ecto.Repo do
  @moduledoc """
  A repository: `use Ecto.Repo, otp_app: …, adapter: …`. It knows its configuration and takes SQL.
  """

  defmacro __using__(options) do
    quote do
      @otp_app Keyword.fetch!(unquote(options), :otp_app)
      @adapter Keyword.fetch!(unquote(options), :adapter)

      @doc "The adapter of the repository."
      def __adapter__, do: @adapter

      @doc "The configuration, with `:url` taken apart."
      def config do
        Ecto.Repo.config(@otp_app, __MODULE__)
      end

      def child_spec(options),
        do: %{id: __MODULE__, start: {__MODULE__, :start_link, [options]}, type: :supervisor}

      @doc "Starts the repository. It connects when it is asked something."
      def start_link(_options \\ []), do: Agent.start_link(&config/0, name: __MODULE__)

      def stop(timeout \\ 5000), do: Agent.stop(__MODULE__, :normal, timeout)

      @doc "Runs SQL without parameters; every value of the result is a text."
      def query!(sql, [] \\ []), do: @adapter.query!(config(), sql)
    end
  end

  @doc false
  def config(otp_app, repo) do
    config = Application.get_env(otp_app, repo, [])
    {url, config} = Keyword.pop(config, :url)
    [otp_app: otp_app] |> Keyword.merge(config) |> Keyword.merge(parse_url(url))
  end

  defp parse_url(nil), do: []

  defp parse_url(url) do
    uri = URI.parse(url)
    destructure [username, password], String.split(uri.userinfo || "", ":", parts: 2)

    if uri.host == nil or uri.path in [nil, "/"] do
      raise ArgumentError,
            "the url of a repository needs a host and a database: scheme://user:password@host/database"
    end

    [
      username: username && URI.decode(username),
      password: password && URI.decode(password),
      hostname: uri.host,
      port: uri.port,
      database: uri.path |> String.trim_leading("/") |> URI.decode()
    ]
    |> Enum.reject(fn {_, value} -> value == nil end)
  end
end
