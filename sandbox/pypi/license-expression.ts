import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pythonSplit } from './python-text.ts'

/**
 * Whether a text is an SPDX license expression as PyPI takes it: known licenses and exceptions in any case,
 * `LicenseRef-` names, AND, OR, WITH and balanced parentheses. "Unlicensed" words are refused.
 *
 * @see https://packaging.python.org/en/latest/specifications/license-expression/
 */
export function isLicenseExpression(text: string): boolean {
  const words = pythonSplit(text.replaceAll(/[()]/g, ' $& '))
  const end = expression(words, 0)
  return end === words.length
}

/** Each reader gives the position behind what it read, or -1. */
function expression(words: readonly string[], start: number): number {
  let position = operand(words, start)
  while (position > 0 && ['and', 'or'].includes(words[position]?.toLowerCase() ?? ''))
    position = operand(words, position + 1)
  return position
}

function operand(words: readonly string[], start: number): number {
  const word = words[start]
  if (word === undefined) return -1
  if (word === '(') {
    const end = expression(words, start + 1)
    return words[end] === ')' ? end + 1 : -1
  }
  if (!isLicense(word)) return -1
  if (words[start + 1]?.toLowerCase() !== 'with') return start + 1
  return exceptions.has(words[start + 2]?.toLowerCase() ?? '') ? start + 3 : -1
}

function isLicense(word: string): boolean {
  if (/^licenseref-/i.test(word)) return /^licenseref-[A-Za-z0-9.-]+$/i.test(word)
  return licenses.has(word.toLowerCase().replace(/\+$/, ''))
}

function identifiers(path: string): readonly string[] {
  const list: unknown = JSON.parse(readFileSync(createRequire(import.meta.url).resolve(path), 'utf8'))
  return Array.isArray(list) ? list.filter((id) => typeof id === 'string') : []
}

const licenses = new Set(
  ['spdx-license-ids/index.json', 'spdx-license-ids/deprecated.json'].flatMap(identifiers).map((id) => id.toLowerCase())
)

/** SPDX license list 3.27; the list of licenses comes from the package above, which has no exceptions. */
const exceptions = new Set(
  `389-exception asterisk-exception asterisk-linking-protocols-exception autoconf-exception-2.0
  autoconf-exception-3.0 autoconf-exception-generic autoconf-exception-generic-3.0 autoconf-exception-macro
  bison-exception-1.24 bison-exception-2.2 bootloader-exception cgal-linking-exception classpath-exception-2.0
  clisp-exception-2.0 cryptsetup-openssl-exception digia-qt-lgpl-exception-1.1 digirule-foss-exception
  ecos-exception-2.0 erlang-otp-linking-exception fawkes-runtime-exception fltk-exception fmt-exception
  font-exception-2.0 freertos-exception-2.0 gcc-exception-2.0 gcc-exception-2.0-note gcc-exception-3.1
  gmsh-exception gnat-exception gnome-examples-exception gnu-compiler-exception gnu-javamail-exception
  gpl-3.0-389-ds-base-exception gpl-3.0-interface-exception gpl-3.0-linking-exception
  gpl-3.0-linking-source-exception gpl-cc-1.0 gstreamer-exception-2005 gstreamer-exception-2008
  harbour-exception i2p-gpl-java-exception independent-modules-exception kicad-libraries-exception
  lgpl-3.0-linking-exception libpri-openh323-exception libtool-exception linux-syscall-note llgpl llvm-exception
  lzma-exception mif-exception mxml-exception nokia-qt-exception-1.1 ocaml-lgpl-linking-exception
  occt-exception-1.0 openjdk-assembly-exception-1.0 openvpn-openssl-exception pcre2-exception
  polyparse-exception ps-or-pdf-font-exception-20170817 qpl-1.0-inria-2004-exception qt-gpl-exception-1.0
  qt-lgpl-exception-1.1 qwt-exception-1.0 romic-exception rrdtool-floss-exception-2.0 sane-exception shl-2.0
  shl-2.1 stunnel-exception swi-exception swift-exception texinfo-exception u-boot-exception-2.0 ubdl-exception
  universal-foss-exception-1.0 vsftpd-openssl-exception wxwindows-exception-3.1 x11vnc-openssl-exception`.split(/\s+/)
)
