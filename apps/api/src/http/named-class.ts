/** A class that is made at run time, under the name of its schema in the API document. */
export const namedClass = <Class extends new () => object>(name: string, made: Class): Class =>
  Object.defineProperty(made, 'name', { value: name });
