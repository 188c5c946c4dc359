%% Talks to hex.pm's API and repository with the hex_core that the rebar3 on the PATH carries in its archive. Reads the
%% steps as Erlang terms from a file and prints a line of JSON for each: [status, answer], or {"failed": reason}.
%% The key is in HEX_API_KEY, the registry's public key in a file.
main([ApiUrl, RepoUrl, PublicKeyFile, StepsFile]) ->
    ok = io:setopts([{encoding, unicode}]),
    {ok, _} = application:ensure_all_started(inets),
    load(),
    {ok, PublicKey} = file:read_file(PublicKeyFile),
    Config = (r3_hex_core:default_config())#{
        api_url => list_to_binary(ApiUrl),
        api_key => list_to_binary(os:getenv("HEX_API_KEY")),
        repo_url => list_to_binary(RepoUrl),
        repo_public_key => PublicKey
    },
    {ok, Steps} = file:consult(StepsFile),
    [io:put_chars([json(told(step(Config, Step))), $\n]) || Step <- Steps].

load() ->
    {ok, Sections} = escript:extract(os:find_executable("rebar3"), []),
    {ok, Files} = zip:extract(proplists:get_value(archive, Sections), [memory]),
    [
        {module, _} = code:load_binary(list_to_atom(filename:basename(Name, ".beam")), Name, Bytes)
     || {Name, Bytes} <- Files,
        string:prefix(filename:basename(Name), "r3_") =/= nomatch,
        filename:extension(Name) =:= ".beam"
    ].

step(Config, {key, Key, Step}) ->
    step(Config#{api_key => Key}, Step);
step(Config, {create_and_publish, Metadata, Files, Params}) ->
    {ok, #{tarball := Tarball}} = r3_hex_tarball:create(Metadata, Files),
    r3_hex_api_release:publish(Config, Tarball, Params);
step(Config, {publish, File, Params}) ->
    {ok, Tarball} = file:read_file(File),
    r3_hex_api_release:publish(Config, Tarball, Params);
step(Config, {release, Name, Version}) ->
    r3_hex_api_release:get(Config, Name, Version);
step(Config, {delete, Name, Version}) ->
    r3_hex_api_release:delete(Config, Name, Version);
step(Config, {retire, Name, Version, Params}) ->
    r3_hex_api_release:retire(Config, Name, Version, Params);
step(Config, {unretire, Name, Version}) ->
    r3_hex_api_release:unretire(Config, Name, Version);
step(Config, {package, Name}) ->
    r3_hex_api_package:get(Config, Name);
step(Config, {owners, Name}) ->
    r3_hex_api_package_owner:list(Config, Name);
step(Config, keys) ->
    r3_hex_api_key:list(Config);
step(Config, me) ->
    r3_hex_api_user:me(Config);
step(Config, {resolve, Name}) ->
    r3_hex_repo:get_package(Config, Name);
step(Config, names) ->
    r3_hex_repo:get_names(Config);
step(Config, versions) ->
    r3_hex_repo:get_versions(Config);
step(Config, {fetch, Name, Version}) ->
    case r3_hex_repo:get_tarball(Config, Name, Version) of
        {ok, {200, Headers, Bytes}} ->
            {ok, #{outer_checksum := Checksum}} = r3_hex_tarball:unpack(Bytes, memory),
            {ok, {200, Headers, r3_hex_tarball:format_checksum(Checksum)}};
        Other ->
            Other
    end.

told({ok, {Status, _Headers, Body}}) -> [Status, Body];
told({error, Reason}) -> #{failed => iolist_to_binary(io_lib:format("~p", [Reason]))}.

json(nil) -> "null";
json(undefined) -> "null";
json(true) -> "true";
json(false) -> "false";
json(Number) when is_integer(Number) -> integer_to_list(Number);
json(Atom) when is_atom(Atom) -> json(atom_to_binary(Atom, utf8));
json(List) when is_list(List) -> [$[, lists:join($,, [json(Item) || Item <- List]), $]];
json(Map) when is_map(Map) ->
    [${, lists:join($,, [[json(Key), $:, json(Value)] || {Key, Value} <- maps:to_list(Map)]), $}];
json(Bytes) when is_binary(Bytes) ->
    case io_lib:printable_unicode_list(unicode:characters_to_list(Bytes)) of
        true -> [$", [escaped(Char) || Char <- unicode:characters_to_list(Bytes)], $"];
        false -> [$", [io_lib:format("~2.16.0b", [Byte]) || <<Byte>> <= Bytes], $"]
    end.

escaped($") -> "\\\"";
escaped($\\) -> "\\\\";
escaped(Char) when Char < 32 -> io_lib:format("\\u~4.16.0b", [Char]);
escaped(Char) -> unicode:characters_to_binary([Char]).
