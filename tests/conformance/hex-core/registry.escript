%% Writes registry objects with the hex_core that the rebar3 on the PATH carries, NUMBER.object in a folder, and prints a
%% line of JSON for each: what went in. Signed with a key of its own.
main([Folder, Seed, Count]) ->
    load(),
    ok = io:setopts([{encoding, unicode}]),
    rand:seed(exsss, {list_to_integer(Seed), 2, 3}),
    Key = public_key:generate_key({rsa, 2048, 65537}),
    Pem = public_key:pem_encode([public_key:pem_entry_encode('RSAPrivateKey', Key)]),
    lists:foreach(fun(Number) -> write(Folder, Number, Pem) end, lists:seq(1, list_to_integer(Count))).

load() ->
    {ok, Sections} = escript:extract(os:find_executable("rebar3"), []),
    {ok, Files} = zip:extract(proplists:get_value(archive, Sections), [memory]),
    [
        {module, _} = code:load_binary(list_to_atom(filename:basename(Name, ".beam")), Name, Bytes)
     || {Name, Bytes} <- Files,
        string:prefix(filename:basename(Name), "r3_") =/= nomatch,
        filename:extension(Name) =:= ".beam"
    ].

write(Folder, Number, Pem) ->
    Releases = [release() || _ <- lists:seq(1, rand:uniform(40))],
    Package = #{name => <<"demo">>, repository => <<"hexpm">>, releases => Releases},
    Signed = r3_hex_registry:sign_protobuf(r3_hex_registry:encode_package(Package), Pem),
    Name = filename:join(Folder, integer_to_list(Number) ++ ".object"),
    ok = file:write_file(Name, zlib:gzip(Signed)),
    io:put_chars(["[", lists:join(",", [told(Release) || Release <- Releases]), "]\n"]).

release() ->
    Release = #{
        version => version(),
        inner_checksum => crypto:strong_rand_bytes(32),
        outer_checksum => crypto:strong_rand_bytes(32),
        dependencies => [dependency() || _ <- lists:seq(1, rand:uniform(4) - 1)]
    },
    case rand:uniform(3) of
        1 -> Release;
        2 -> Release#{retired => #{reason => reason()}};
        3 -> Release#{retired => #{reason => reason(), message => <<"Größe → 1.2.3"/utf8>>}}
    end.

version() ->
    Numbers = [integer_to_list(rand:uniform(3000) - 1) || _ <- [major, minor, patch]],
    Suffix = lists:nth(rand:uniform(2), ["", "-rc.1"]),
    list_to_binary([lists:join(".", Numbers), Suffix]).

dependency() ->
    #{package => <<"ecto">>, requirement => <<"~> 3.0">>, optional => rand:uniform(2) =:= 1, app => <<"ecto_app">>}.

reason() ->
    lists:nth(rand:uniform(5), [
        'RETIRED_OTHER', 'RETIRED_INVALID', 'RETIRED_SECURITY', 'RETIRED_DEPRECATED', 'RETIRED_RENAMED'
    ]).

told(#{version := Version, inner_checksum := Inner, outer_checksum := Outer} = Release) ->
    [
        "{\"version\":\"", Version,
        "\",\"innerChecksum\":\"", hex(Inner),
        "\",\"outerChecksum\":\"", hex(Outer), "\"",
        retirement(maps:get(retired, Release, none)),
        "}"
    ].

retirement(none) -> "";
retirement(#{reason := Reason} = Retired) ->
    "RETIRED_" ++ Word = atom_to_list(Reason),
    Message = case Retired of
        #{message := Text} -> [",\"message\":\"", unicode:characters_to_list(Text), "\""];
        _ -> ""
    end,
    [",\"retirement\":{\"reason\":\"", string:lowercase(Word), "\"", Message, "}"].

hex(Bin) -> lists:flatten([io_lib:format("~2.16.0b", [Byte]) || <<Byte>> <= Bin]).
