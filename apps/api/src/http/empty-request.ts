/** Nothing needs to be said; an empty object, or no body at all. */
export class EmptyRequest {}
