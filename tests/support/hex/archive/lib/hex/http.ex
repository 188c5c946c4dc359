defmodule Hex.HTTP do
  @moduledoc """
  Reads over https, through the proxy and with the certificates that Hex's own variables name.
  """

  @doc "The status and the body of a GET. Raises where no answer came."
  def get!(url, headers) do
    configure_proxies()
    headers = [{~c"user-agent", ~c"hex-stand-in/#{Hex.version()}"} | headers]
    options = [timeout: 30_000, autoredirect: true] ++ tls(url) ++ proxy_auth(url)

    case :httpc.request(:get, {String.to_charlist(url), headers}, options, body_format: :binary) do
      {:ok, {{_, status, _}, _headers, body}} -> {status, body}
      {:error, reason} -> Mix.raise("Request failed: GET #{url} (#{inspect(reason)})")
    end
  end

  defp tls("https:" <> _ = url) do
    match = [match_fun: :public_key.pkix_verify_hostname_match_fun(:https)]
    host = String.to_charlist(URI.parse(url).host)

    [
      ssl:
        certificates() ++
          [verify: :verify_peer, depth: 4, server_name_indication: host, customize_hostname_check: match]
    ]
  end

  defp tls(_url), do: []

  defp certificates do
    case System.get_env("HEX_CACERTS_PATH") do
      nil -> [cacerts: :public_key.cacerts_get()]
      path -> [cacertfile: path]
    end
  end

  defp configure_proxies do
    exceptions =
      (variable("no_proxy") || "")
      |> String.split(",", trim: true)
      |> Enum.map(&(&1 |> String.trim() |> String.replace_prefix(".", "*.") |> String.to_charlist()))

    for {option, name} <- [proxy: "http_proxy", https_proxy: "https_proxy"],
        proxy = address(variable(name)) do
      :ok = :httpc.set_options([{option, {{String.to_charlist(proxy.host), proxy.port}, exceptions}}])
    end
  end

  defp proxy_auth(url) do
    with %URI{userinfo: info} when is_binary(info) <- address(variable("#{URI.parse(url).scheme}_proxy")) do
      destructure [user, password], String.split(info, ":", parts: 2)
      [proxy_auth: {decoded(user), decoded(password || "")}]
    else
      _ -> []
    end
  end

  defp decoded(text), do: text |> URI.decode() |> String.to_charlist()

  defp address(nil), do: nil

  defp address(text) do
    uri = URI.parse(text)
    if uri.host && uri.port, do: uri
  end

  defp variable(name), do: System.get_env(name) || System.get_env(String.upcase(name))
end
