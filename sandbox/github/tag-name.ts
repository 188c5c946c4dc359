/**
 * Whether `name` can be a tag or branch: the rules of git-check-ref-format(1). GitHub says `tag_name is not
 * well-formed` for what breaks them.
 */
export function isWellFormedRefName(name: string): boolean {
  return (
    name !== '' &&
    name !== '@' &&
    !forbidden.test(name) &&
    !name.startsWith('-') &&
    name.split('/').every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock')) &&
    !name.endsWith('.')
  )
}

// Control characters, space, ~ ^ : ? * [ \ and the sequences `..` and `@{`.
// eslint-disable-next-line no-control-regex -- control characters are what the rule forbids
const forbidden = /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{/

/** A tag in a page's path: slashes stay, the rest is percent-encoded, as in `releases/tag/%40scope/cli%402.26.0`. */
export function tagInPath(tag: string): string {
  return tag.split('/').map(encodeURIComponent).join('/')
}
