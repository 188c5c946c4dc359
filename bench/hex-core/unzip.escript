%% Writes the modules of hex_core that the rebar3 on the PATH carries in its archive into a folder.
main([Folder]) ->
    {ok, Sections} = escript:extract(os:find_executable("rebar3"), []),
    {ok, Files} = zip:extract(proplists:get_value(archive, Sections), [memory]),
    [
        ok = file:write_file(filename:join(Folder, filename:basename(Name)), Bytes)
     || {Name, Bytes} <- Files, string:prefix(filename:basename(Name), "r3_") =/= nomatch
    ].
