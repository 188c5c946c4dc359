/**
 * Whether PyPI takes wheels for this platform tag. Plain `linux_x86_64` is refused: it promises nothing about the
 * system libraries (pypi/warehouse `_valid_platform_tag`, August 2026).
 */
export function isPlatformTag(tag: string): boolean {
  return fixed.has(tag) || patterns.some((pattern) => pattern.test(tag))
}

const fixed = new Set([
  'any',
  'win32',
  'win_arm64',
  'win_amd64',
  'win_ia64',
  'manylinux1_x86_64',
  'manylinux1_i686',
  'manylinux2010_x86_64',
  'manylinux2010_i686',
  'manylinux2014_x86_64',
  'manylinux2014_i686',
  'manylinux2014_aarch64',
  'manylinux2014_armv7l',
  'manylinux2014_ppc64',
  'manylinux2014_ppc64le',
  'manylinux2014_s390x',
  'linux_armv6l',
  'linux_armv7l'
])

const macArchitectures = 'ppc|ppc64|i386|x86_64|arm64|intel|fat|fat3|fat64|universal|universal2'
const linuxArchitectures = 'x86_64|i686|aarch64|armv7l|ppc64le|s390x|riscv64'

const patterns = [
  // macOS 10 counted in its minor version; since 11 only the major one counts and the minor is 0.
  new RegExp(`^macosx_10_\\d+_(?:${macArchitectures})$`),
  new RegExp(`^macosx_(?:11|12|13|14|15|26)_0_(?:${macArchitectures})$`),
  new RegExp(`^manylinux_\\d+_\\d+_(?:${linuxArchitectures}|ppc64)$`),
  new RegExp(`^musllinux_\\d+_\\d+_(?:${linuxArchitectures})$`),
  /^ios_\d+_\d+_(?:arm64|x86_64)_(?:iphoneos|iphonesimulator)$/,
  /^android_\d+_(?:armeabi_v7a|arm64_v8a|x86|x86_64)$/,
  /^pyemscripten_\d+_\d+_wasm32$/
]
