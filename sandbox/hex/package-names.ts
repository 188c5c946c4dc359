/** `@reserved_names` in hexpm's `lib/hexpm/repository/package.ex`. */
export const reservedNames: ReadonlySet<string> = new Set([
  ...words('eex elixir elixirc ex_unit iex logger mix'),
  ...words('erlang typer to_erl run_erl escript erlc erl epmd dialyzer ct_run rebar rebar3 hex hexpm mix_hex'),
  ...words(
    'otp asn1 common_test compiler crypto debugger dialyzer diameter edoc eldap erl_docgen erl_interface erts et'
  ),
  ...words('eunit ftp hipe inets jinterface kernel megaco mnesia observer odbc os_mon parsetools public_key reltool'),
  ...words('runtime_tools sasl snmp ssh ssl stdlib syntax_tools toolbar tools typer wx xmerl tftp httpc httpd'),
  ...words('net http net_http gen_http'),
  ...words('nul con prn aux com1 com2 com3 com4 com5 com6 com7 com8 com9'),
  ...words('lpt1 lpt2 lpt3 lpt4 lpt5 lpt6 lpt7 lpt8 lpt9'),
  ...words('package organization www myapp lock locked all assets api docs preview search staging stats static')
])

export const packageNameForm = /^[a-z][a-z0-9_]*$/

function words(text: string): readonly string[] {
  return text.split(' ')
}
