/**
 * Names that hex.pm gives to no new package: what Elixir and OTP bring along, tools, devices of Windows, and words
 * that its own addresses need (lib/hexpm/repository/package.ex of hexpm). Packages that had one before keep it.
 */
export const reservedNames: ReadonlySet<string> = new Set(
  [
    'eex elixir elixirc ex_unit iex logger mix',
    'otp asn1 common_test compiler crypto debugger dialyzer diameter edoc eldap erl_docgen erl_interface erts et eunit',
    'ftp hipe inets jinterface kernel megaco mnesia observer odbc os_mon parsetools public_key reltool runtime_tools',
    'sasl snmp ssh ssl stdlib syntax_tools toolbar tools typer wx xmerl tftp httpc httpd',
    'erlang to_erl run_erl escript erlc erl epmd ct_run rebar rebar3 hex hexpm mix_hex',
    'net http net_http gen_http',
    'nul con prn aux com1 com2 com3 com4 com5 com6 com7 com8 com9 lpt1 lpt2 lpt3 lpt4 lpt5 lpt6 lpt7 lpt8 lpt9',
    'package organization www myapp lock locked all assets',
    'api docs preview search staging stats static'
  ].flatMap((line) => line.split(' '))
)
