export interface EnvironmentParts {
  readonly proxy: URL
  readonly caFile: string
  /** Becomes the proxy's user name, by which the sandbox tells jobs apart. */
  readonly job?: string
}

/**
 * The variables that send any program to the sandbox and make it trust its certificates. Programs read the proxy in
 * capitals or in small letters (curl takes `http_proxy` in small letters only: CVE-2016-5385).
 */
export function environmentOf({ proxy, caFile, job }: EnvironmentParts): Record<string, string> {
  const address = new URL(proxy)
  if (job !== undefined) {
    address.username = encodeURIComponent(job)
    address.password = 'x'
  }
  // Go, curl and requests all want it without the slash that `URL` puts at the end, or do not care.
  const url = address.href.replace(/\/$/, '')
  const noProxy = '127.0.0.1,localhost,::1'
  return {
    HTTPS_PROXY: url,
    https_proxy: url,
    HTTP_PROXY: url,
    http_proxy: url,
    ALL_PROXY: url,
    all_proxy: url,
    NO_PROXY: noProxy,
    no_proxy: noProxy,
    // git asks without credentials first and is let in, so its job would stay unknown (http.proxyAuthMethod).
    GIT_HTTP_PROXY_AUTHMETHOD: 'basic',
    // Node's own fetch ignores the proxy without it, and would reach the real host.
    NODE_USE_ENV_PROXY: '1',
    // Hex knows hex.pm's own key, and the registry here is signed with another; checksums are compared all the same.
    HEX_UNSAFE_REGISTRY: '1',
    ...Object.fromEntries(certificateVariables.map((name) => [name, caFile]))
  }
}

/** OpenSSL, Go, rustls-native-certs and uv read SSL_CERT_FILE; the others are of the program in their name. */
export const certificateVariables = [
  'SSL_CERT_FILE',
  'NODE_EXTRA_CA_CERTS',
  'REQUESTS_CA_BUNDLE',
  'PIP_CERT',
  'CURL_CA_BUNDLE',
  'GIT_SSL_CAINFO',
  'NPM_CONFIG_CAFILE',
  'CARGO_HTTP_CAINFO',
  'HEX_CACERTS_PATH',
  'DENO_CERT',
  'AWS_CA_BUNDLE'
] as const
