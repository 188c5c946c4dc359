defmodule ExDoc do
  @moduledoc """
  Pages for modules and extras, in the places where ExDoc puts them, without its looks.
  """

  @doc "Writes the pages into an emptied folder."
  def write(folder, project) do
    File.rm_rf!(folder)
    File.mkdir_p!(folder)
    modules = for module <- project.modules, page = module_page(module), do: {inspect(module), page}

    extras =
      for file <- project.extras,
          do: {Path.basename(file, Path.extname(file)), "<pre>#{escape(File.read!(file))}</pre>"}

    for {name, body} <- modules, do: put(folder, "#{name}.html", project, name, body)
    for {name, body} <- extras, do: put(folder, "#{String.downcase(name)}.html", project, name, body)
    links = for {name, _} <- modules, do: "<li><a href=\"#{name}.html\">#{name}</a></li>"
    put(folder, "api-reference.html", project, "API Reference", "<ul>#{links}</ul>")
    put(folder, "404.html", project, "Page not found", "")

    # The first page only leads on, as ExDoc's does.

    refresh = "<meta http-equiv=\"refresh\" content=\"0; url=#{project.main}.html\">"
    File.write!(Path.join(folder, "index.html"), page(project, project.title, "", refresh))
  end

  defp put(folder, file, project, title, body),
    do: File.write!(Path.join(folder, file), page(project, title, body))

  defp module_page(module) do
    case Code.fetch_docs(module) do
      {:docs_v1, _, _, _, :hidden, _, _} -> nil
      {:docs_v1, _, _, _, text, _, functions} -> [paragraph(text) | Enum.map(functions, &function/1)]
      {:error, _} -> nil
    end
  end

  defp function({{kind, name, arity}, _, signature, text, _})
       when kind in [:function, :macro] and text != :hidden do
    "<h2 id=\"#{name}/#{arity}\">#{escape(Enum.join(signature, " "))}</h2>#{paragraph(text)}"
  end

  defp function(_other), do: ""

  defp paragraph(%{"en" => text}), do: "<pre>#{escape(text)}</pre>"
  defp paragraph(_none), do: ""

  defp page(project, title, body, head \\ "") do
    """
    <!DOCTYPE html>
    <html lang="en">
    <head><meta charset="utf-8"><meta name="generator" content="Stand-in for ExDoc">#{head}
    <title>#{escape(title)} — #{escape(project.title)} v#{project.version}</title></head>
    <body><h1>#{escape(title)}</h1>#{body}</body>
    </html>
    """
  end

  defp escape(text) do
    text |> String.replace("&", "&amp;") |> String.replace("<", "&lt;") |> String.replace(">", "&gt;")
  end
end
