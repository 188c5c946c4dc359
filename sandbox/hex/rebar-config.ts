/**
 * `$HOME/.config/rebar3/rebar.config` with which rebar3 trusts the sandbox: it reads neither `SSL_CERT_FILE` nor
 * `HEX_CACERTS_PATH`, and it verifies the registry's signature.
 *
 * @param trust.caFile the sandbox's certificate authority
 * @param trust.publicKey what signs the registry (PEM)
 * @param trust.url where the repository is; without it under its real name, through the proxy
 */
export function rebarConfig(trust: {
  readonly caFile: string
  readonly publicKey: string
  readonly url?: string
}): string {
  const url = trust.url === undefined ? '' : `, repo_url => ${binary(trust.url)}`
  return `{ssl_cacerts_path, [${JSON.stringify(trust.caFile)}]}.
{hex, [{repos, [#{name => <<"hexpm">>, repo_public_key => ${binary(trust.publicKey)}${url}}]}]}.
`
}

/** JSON's escapes of quotes, backslashes and line ends are Erlang's too. */
function binary(text: string): string {
  return `<<${JSON.stringify(text)}>>`
}
