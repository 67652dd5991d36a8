/** Names under which every relay may be addressed from its own machine. */
const LOCAL_NAMES: readonly string[] = ['127.0.0.1', 'localhost', '[::1]'];

/** The `Host` header in lower case when its name is one of ours, whatever the port; else undefined (DNS rebinding). */
export function checkHost(header: string | undefined, names: readonly string[]): string | undefined {
  const host = header?.toLowerCase() ?? '';
  const [, name = ''] = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::\d{1,5})?$/.exec(host) ?? [];
  return [...LOCAL_NAMES, ...names].includes(name) ? host : undefined;
}
