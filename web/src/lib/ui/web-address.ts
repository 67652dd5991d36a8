/** An address to link to, from the free text of a `package.json`: http and https only, whatever else it may hold. */
export function webAddress(text: string | undefined): URL | undefined {
  const address = text?.replace(/^git\+/, '').replace(/\.git$/, '');
  if (address === undefined || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url : undefined;
}
