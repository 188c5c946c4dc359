%% Unpacks documentation with the hex_core that the rebar3 on the PATH carries in its archive, and prints a line for
%% each file: its name in UTF-8, a tab, the SHA-256 of its bytes.
main([Path]) ->
    ok = io:setopts([{encoding, unicode}]),
    {ok, Sections} = escript:extract(os:find_executable("rebar3"), []),
    {ok, Files} = zip:extract(proplists:get_value(archive, Sections), [memory]),
    [
        {module, _} = code:load_binary(list_to_atom(filename:basename(Name, ".beam")), Name, Bytes)
     || {Name, Bytes} <- Files,
        string:prefix(filename:basename(Name), "r3_") =/= nomatch,
        filename:extension(Name) =:= ".beam"
    ],
    {ok, Docs} = file:read_file(Path),
    case r3_hex_tarball:unpack_docs(Docs, memory) of
        {ok, Contents} ->
            [io:format("~ts\t~s~n", [Name, hex(crypto:hash(sha256, Bytes))]) || {Name, Bytes} <- Contents];
        {error, Reason} ->
            io:format("error ~p~n", [Reason])
    end.

hex(Bytes) -> string:lowercase(binary:encode_hex(Bytes)).
