const form = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether the text has the form of a UUID (RFC 9562 §4), whatever its version and variant, in either letter case. */
export const isUuid = (text: string): boolean => form.test(text);
