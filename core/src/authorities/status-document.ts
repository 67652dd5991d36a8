/** Most bytes of a relay's `/status.json`: 100 authorities, each a frame of at most 64 KiB, and room for the relay's own words. */
export const MAX_STATUS_DOCUMENT_BYTES = 8 * 1024 * 1024;
