%% hex_core 0.7.1's own adapter gives httpc no TLS options, so that no certificate is checked. This one checks them, as
%% the action does; all else is the same.
-module(hex_core_over_proxy).
-export([request/5]).

request(Method, URI, Headers, Body, #{ssl := Ssl}) ->
    Dumped = [{binary_to_list(K), binary_to_list(V)} || {K, V} <- maps:to_list(Headers)],
    Request =
        case Body of
            undefined -> {binary_to_list(URI), Dumped};
            {Type, Bytes} -> {binary_to_list(URI), Dumped, Type, Bytes}
        end,
    case httpc:request(Method, Request, [{ssl, Ssl}], [{body_format, binary}]) of
        {ok, {{_, Status, _}, Answered, Answer}} ->
            Loaded = maps:from_list([{list_to_binary(K), list_to_binary(V)} || {K, V} <- Answered]),
            {ok, {Status, Loaded, Answer}};
        {error, Reason} ->
            {error, Reason}
    end.
