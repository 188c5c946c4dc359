/** A global node id in the form of GitHub's newer ones: a type prefix and url-safe base64 of what it stands for. */
export function nodeId(prefix: string, ...parts: readonly (string | number)[]): string {
  return `${prefix}_kwDO${Buffer.from(parts.join(':')).toString('base64url')}`
}
