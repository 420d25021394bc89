/** TypeScript source as CommonJS that Node runs. */
export function process(source: string, filename: string): { code: string };
