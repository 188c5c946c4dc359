%% Reads tarballs with a hex_core and prints what it makes of each, a line of JSON for each file of a folder.
%% With "rebar3": the hex_core that the rebar3 on the PATH carries in its archive; otherwise a folder of compiled
%% modules. With "again" it packs what it unpacked once more, into NUMBER.again.
main([From, Folder]) ->
    read(load(From), Folder, fun(_, Answer) -> io:put_chars([json(told(Answer)), $\n]) end);
main([From, Folder, "again"]) ->
    Tarball = load(From),
    read(Tarball, Folder, fun(Number, {ok, #{metadata := Metadata, contents := Contents}}) ->
        {ok, #{tarball := Bytes}} = Tarball:create(Metadata, Contents),
        ok = file:write_file(filename:join(Folder, integer_to_list(Number) ++ ".again"), Bytes)
    end).

read(Tarball, Folder, Do) ->
    {ok, Names} = file:list_dir(Folder),
    Numbers = lists:sort([list_to_integer(filename:rootname(Name)) || Name <- Names]),
    lists:foreach(
        fun(Number) ->
            {ok, Bytes} = file:read_file(filename:join(Folder, integer_to_list(Number) ++ ".tar")),
            Do(Number, unpack(Tarball, Bytes))
        end,
        Numbers
    ).

load("rebar3") ->
    {ok, Sections} = escript:extract(os:find_executable("rebar3"), []),
    {ok, Files} = zip:extract(proplists:get_value(archive, Sections), [memory]),
    [
        {module, _} = code:load_binary(list_to_atom(filename:basename(Name, ".beam")), Name, Bytes)
     || {Name, Bytes} <- Files,
        string:prefix(filename:basename(Name), "r3_") =/= nomatch,
        filename:extension(Name) =:= ".beam"
    ],
    r3_hex_tarball;
load(Folder) ->
    true = code:add_patha(Folder),
    hex_tarball.

%% What a client would do with it: it crashes, or says no, or unpacks.
unpack(Tarball, Bytes) ->
    try
        Tarball:unpack(Bytes, memory)
    catch
        _:Reason -> {error, {crash, Reason}}
    end.

told({ok, Package}) -> [{"package", package(Package)}];
told({error, Reason}) -> [{"refused", text(Reason)}].

package(#{inner_checksum := Inner, outer_checksum := Outer, metadata := Metadata, contents := Contents}) ->
    [
        {"inner", hex(Inner)},
        {"outer", hex(Outer)},
        {"name", term(maps:get(<<"name">>, Metadata, undefined))},
        {"version", term(maps:get(<<"version">>, Metadata, undefined))},
        {"requirements", term(maps:get(<<"requirements">>, Metadata, []))},
        {"buildTools", term(maps:get(<<"build_tools">>, Metadata, undefined))},
        {"listed", term(maps:get(<<"files">>, Metadata, []))},
        {"files", {list, [{list, [hex(utf8(Name)), hex(sha256(Bin))]} || {Name, Bin} <- Contents]}}
    ].

%% A name that is not even text comes as nothing.
utf8(Name) ->
    try unicode:characters_to_binary(Name) of
        Bytes when is_binary(Bytes) -> Bytes;
        _ -> <<>>
    catch
        error:badarg -> <<>>
    end.

sha256(Bin) -> crypto:hash(sha256, Bin).

%% Binaries are hexadecimal behind a colon; a map is a list of pairs.
term(Bin) when is_binary(Bin) -> ":" ++ hex(Bin);
term(Atom) when is_atom(Atom) -> atom_to_list(Atom);
term(Number) when is_integer(Number) -> integer_to_list(Number);
term(Map) when is_map(Map) -> {list, [{list, [term(Key), term(Value)]} || {Key, Value} <- maps:to_list(Map)]};
term(Tuple) when is_tuple(Tuple) -> {list, [term(Element) || Element <- tuple_to_list(Tuple)]};
term(List) when is_list(List) -> {list, [term(Element) || Element <- List]}.

hex(Bin) -> lists:flatten([io_lib:format("~2.16.0b", [Byte]) || <<Byte>> <= Bin]).

text(Reason) -> [Char || Char <- lists:flatten(io_lib:format("~0tp", [Reason])), Char >= 32, Char < 127, Char =/= $", Char =/= $\\].

json({list, Elements}) -> ["[", lists:join(",", [json(Element) || Element <- Elements]), "]"];
json([{Key, _} | _] = Pairs) when is_list(Key) ->
    ["{", lists:join(",", [[$", Name, $", $:, json(Value)] || {Name, Value} <- Pairs]), "}"];
json(Text) -> [$", Text, $"].
