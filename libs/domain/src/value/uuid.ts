const form = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether the text has the form of a UUID (RFC 9562 §4), whatever its version and variant, in either letter case. */
export const isUuid = (text: string): boolean => form.test(text);

/** The time at which a UUIDv7 (RFC 9562 §5.7) was made, to the millisecond. Other versions contain no such time. */
export const timeOfUuid = (id: string): Date => new Date(parseInt(id.slice(0, 8) + id.slice(9, 13), 16));
