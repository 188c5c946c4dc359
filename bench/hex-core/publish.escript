%% Publishes a ready tarball with hex_core, with the reads before and after that hex-publish makes: the key, the package,
%% the release, the version before it (unpacked), then release and docs, then the release, the registry and the tarball.
%% Arguments: API, repository, tarball, folder of docs, name, version before, version, `direct` or proxy port and CA file.
main([Api, Repo, File, Docs, Name, Before, Version | Road]) ->
    {ok, _} = application:ensure_all_started(inets),
    {ok, _} = application:ensure_all_started(ssl),
    Config = (r3_hex_core:default_config())#{
        api_url => list_to_binary(Api),
        api_key => list_to_binary(os:getenv("HEX_API_KEY")),
        repo_url => list_to_binary(Repo),
        %% hex-publish compares the checksum and leaves the signature to resolvers.
        repo_verify => false,
        http_adapter => adapter(Road)
    },
    Package = list_to_binary(Name),
    Release = list_to_binary(Version),
    {ok, Tarball} = file:read_file(File),
    {ok, #{outer_checksum := Checksum}} = r3_hex_tarball:unpack(Tarball, memory),

    {ok, {200, _, _}} = r3_hex_api:get(Config, <<"auth?domain=api&resource=read">>),
    {ok, {200, _, _}} = r3_hex_api_key:list(Config),
    {ok, {200, _, _}} = r3_hex_api_package:get(Config, Package),
    {ok, {404, _, _}} = r3_hex_api_release:get(Config, Package, Release),
    {ok, {200, _, Previous}} = r3_hex_repo:get_tarball(Config, Package, list_to_binary(Before)),
    {ok, _} = r3_hex_tarball:unpack(Previous, memory),
    {ok, Packed} = r3_hex_tarball:create_docs([
        {filename:basename(Path), Path}
     || Path <- filelib:wildcard(filename:join(Docs, "*"))
    ]),

    {ok, {201, _, _}} = r3_hex_api_release:publish(Config, Tarball, [{replace, false}]),
    DocsPath = r3_hex_api:join_path_segments(["packages", Package, "releases", Release, "docs"]),
    {ok, {201, _, _}} = r3_hex_api:post(Config, DocsPath, {"application/octet-stream", Packed}),

    {ok, {200, _, #{<<"has_docs">> := true}}} = r3_hex_api_release:get(Config, Package, Release),
    {ok, {200, _, Registry}} = r3_hex_repo:get_package(Config, Package),
    [Checksum] = [Outer || #{version := V, outer_checksum := Outer} <- releases(Registry), V =:= Release],
    {ok, {200, _, Tarball}} = r3_hex_repo:get_tarball(Config, Package, Release).

releases(#{releases := Releases}) -> Releases;
releases(Releases) -> Releases.

adapter(["direct"]) ->
    {r3_hex_http_httpc, #{}};
adapter([Port, CaFile]) ->
    ok = httpc:set_options([{https_proxy, {{"127.0.0.1", list_to_integer(Port)}, []}}]),
    {hex_core_over_proxy, #{
        ssl => [
            {verify, verify_peer},
            {cacertfile, CaFile},
            {depth, 3},
            {customize_hostname_check, [{match_fun, public_key:pkix_verify_hostname_match_fun(https)}]}
        ]
    }}.
