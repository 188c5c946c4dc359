/** `_allowed_platforms` and its neighbours in warehouse/forklift/legacy.py. */
const fixed = new Set(
  (
    'any win32 win_arm64 win_amd64 win_ia64 manylinux1_x86_64 manylinux1_i686 manylinux2010_x86_64 manylinux2010_i686 ' +
    'manylinux2014_x86_64 manylinux2014_i686 manylinux2014_aarch64 manylinux2014_armv7l manylinux2014_ppc64 ' +
    'manylinux2014_ppc64le manylinux2014_s390x linux_armv6l linux_armv7l'
  ).split(' ')
)

const macArchitectures = 'ppc|ppc64|i386|x86_64|arm64|intel|fat|fat3|fat64|universal|universal2'
const linuxArchitectures = 'x86_64|i686|aarch64|armv7l|ppc64le|s390x|riscv64'

const families = [
  // Until 10.16 only the minor number grew; since 11 a wheel names the major one and 0.
  new RegExp(`^macosx_(?:10_\\d+|(?:11|12|13|14|15|26)_0)_(?:${macArchitectures})$`),
  new RegExp(`^manylinux_\\d+_\\d+_(?:${linuxArchitectures}|ppc64)$`),
  new RegExp(`^musllinux_\\d+_\\d+_(?:${linuxArchitectures})$`),
  /^ios_\d+_\d+_(?:arm64|x86_64)_(?:iphoneos|iphonesimulator)/,
  /^android_\d+_(?:armeabi_v7a|arm64_v8a|x86|x86_64)$/,
  /^pyemscripten_\d+_\d+_wasm32/
]

/** Whether PyPI takes wheels for the platform; plain `linux_x86_64` runs nowhere for sure, so it is refused. */
export function isAllowedPlatform(tag: string): boolean {
  return fixed.has(tag) || families.some((family) => family.test(tag))
}
