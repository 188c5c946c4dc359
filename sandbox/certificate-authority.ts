import { constants, generateKeyPair, privateEncrypt } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSecureContext, type SecureContext } from 'node:tls'
import { promisify } from 'node:util'
import forge from 'node-forge'

/** A certificate authority for one run. Its private keys never leave this process's memory. */
export interface CertificateAuthority {
  /** Its certificate, PEM, in a temporary folder that only this user may enter. */
  readonly caFile: string
  /** Gives a TLS context with a certificate for this host name or IP address; made once, then kept. */
  contextFor(host: string): SecureContext
  /** The same as PEM texts, for a server that is a program of its own. */
  certificateFor(host: string): { readonly certificate: string; readonly key: string }
  /** Removes the temporary folder. */
  close(): void
}

/** Makes the authority: two RSA keys (its own, and one that all its leaves share) and `ca.pem`. */
export async function createCertificateAuthority(): Promise<CertificateAuthority> {
  const [root, leaf] = await Promise.all([createKeys(), createKeys()])
  const rootName = [{ name: 'commonName', value: `release sandbox ${serialNumber().slice(0, 8)}` }]
  const rootKeyId = keyIdentifier(root.publicKey)
  const ca = certificate({
    subject: rootName,
    issuer: rootName,
    publicKey: root.publicKey,
    signWith: root.privateKey,
    extensions: [
      // OpenSSL's strict mode (Python 3.13's default) wants a critical basicConstraints, keyCertSign and an SKI.
      { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
      { name: 'subjectKeyIdentifier' },
      { name: 'authorityKeyIdentifier', keyIdentifier: rootKeyId }
    ]
  })
  const folder = mkdtempSync(join(tmpdir(), 'release-sandbox-'))
  const caFile = join(folder, 'ca.pem')
  writeFileSync(caFile, ca, { mode: 0o600 })

  const contexts = new Map<string, SecureContext>()
  const leafFor = (host: string): string =>
    certificate({
      subject: leafName(host),
      issuer: rootName,
      publicKey: leaf.publicKey,
      signWith: root.privateKey,
      extensions: [
        { name: 'basicConstraints', cA: false, critical: true },
        { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
        { name: 'extKeyUsage', serverAuth: true },
        // Type 2 is dNSName, 7 iPAddress (RFC 5280, 4.2.1.6). Go and rustls read names from here only.
        { name: 'subjectAltName', altNames: [isIP(host) === 0 ? { type: 2, value: host } : { type: 7, ip: host }] },
        { name: 'subjectKeyIdentifier' },
        // Strict mode refuses a leaf without it.
        { name: 'authorityKeyIdentifier', keyIdentifier: rootKeyId }
      ]
    })
  return {
    caFile,
    contextFor(host) {
      const known = contexts.get(host)
      if (known !== undefined) return known
      const context = createSecureContext({ cert: leafFor(host), key: leaf.privateKeyPem })
      contexts.set(host, context)
      return context
    },
    certificateFor: (host) => ({ certificate: leafFor(host), key: leaf.privateKeyPem }),
    close() {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

interface Keys {
  readonly publicKey: forge.pki.rsa.PublicKey
  readonly privateKey: forge.pki.rsa.PrivateKey
  readonly privateKeyPem: string
}

/** Native key generation: forge's own takes seconds. */
async function createKeys(): Promise<Keys> {
  const pair = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' }
  })
  return {
    publicKey: forge.pki.publicKeyFromPem(pair.publicKey),
    privateKey: {
      ...forge.pki.privateKeyFromPem(pair.privateKey),
      // forge's own arithmetic takes 40 ms a signature, and a second inside a test runner's context.
      sign: (digest) => signDigest(pair.privateKey, typeof digest === 'string' ? digest : digest.digest().getBytes())
    },
    privateKeyPem: pair.privateKey
  }
}

/** DigestInfo of SHA-256 up to the digest (RFC 8017, 9.2, note 1). */
const sha256DigestInfo = Buffer.from('3031300d060960864801650304020105000420', 'hex')

/** RSASSA-PKCS1-v1_5 over a digest that is there already (RFC 8017, 8.2.1); bytes in and out are forge's strings. */
function signDigest(privateKeyPem: string, digest: string): string {
  const info = Buffer.concat([sha256DigestInfo, Buffer.from(digest, 'latin1')])
  return privateEncrypt({ key: privateKeyPem, padding: constants.RSA_PKCS1_PADDING }, info).toString('latin1')
}

interface CertificateParts {
  readonly subject: forge.pki.CertificateField[]
  readonly issuer: forge.pki.CertificateField[]
  readonly publicKey: forge.pki.rsa.PublicKey
  readonly signWith: forge.pki.rsa.PrivateKey
  readonly extensions: readonly object[]
}

const day = 24 * 60 * 60 * 1000

function certificate(parts: CertificateParts): string {
  const made = forge.pki.createCertificate()
  made.serialNumber = serialNumber()
  made.publicKey = parts.publicKey
  // A day back, for clocks that differ; a month on, for a sandbox that is left running.
  made.validity.notBefore = new Date(Date.now() - day)
  made.validity.notAfter = new Date(Date.now() + 30 * day)
  made.setSubject(parts.subject)
  made.setIssuer(parts.issuer)
  made.setExtensions([...parts.extensions])
  made.sign(parts.signWith, forge.md.sha256.create())
  return forge.pki.certificateToPem(made)
}

function keyIdentifier(key: forge.pki.rsa.PublicKey): string {
  return forge.pki.getPublicKeyFingerprint(key, { type: 'RSAPublicKey' }).getBytes()
}

/** A commonName holds 64 characters at most (RFC 5280, ub-common-name); the alternative name is what counts. */
function leafName(host: string): forge.pki.CertificateField[] {
  return [{ name: 'commonName', value: host.length <= 64 ? host : 'release sandbox' }]
}

/** Positive and at most 20 octets (RFC 5280, 4.1.2.2): 16 random bytes, of which the first is 01 to 7f. */
function serialNumber(): string {
  const bytes = forge.util.bytesToHex(forge.random.getBytesSync(16))
  return (parseInt(bytes.slice(0, 2), 16) & 0x7f || 1).toString(16).padStart(2, '0') + bytes.slice(2)
}
