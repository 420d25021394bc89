import { defineConfig } from 'tsdown';

/** The declarations print a field's comment behind the field before it, where editors do not look for it. */
const commentsAboveTheirFields = {
  name: 'comments-above-their-fields',
  generateBundle(
    _options: unknown,
    bundle: Record<string, { type: string; fileName: string; code?: string }>,
  ) {
    for (const file of Object.values(bundle)) {
      if (file.code === undefined || !/\.d\.[cm]ts$/.test(file.fileName)) continue;
      file.code = file.code
        .replace(/^( +)(\S.*[;{]) (?=\/\*\*)/gm, '$1$2\n$1')
        .replace(/^( +)(\/\*\* .* \*\/)(?=\S)/gm, '$1$2\n$1');
    }
  },
};

// Each entry point, as ESM and as CommonJS, with its types; `exports` in package.json names the same files.
export default defineConfig({
  entry: {
    index: 'src/index.ts',
    'integrations/index': 'src/integrations/index.ts',
    'bulk/index': 'src/bulk/index.ts',
    'in-memory/index': 'src/in-memory/index.ts',
    'testing/index': 'src/testing/index.ts',
  },
  format: ['esm', 'cjs'],
  fixedExtension: true,
  // One file for each source: shared chunks would be named by chance, even like an entry point.
  unbundle: true,
  dts: true,
  tsconfig: 'tsconfig.build.json',
  target: 'es2022',
  // Knows neither Node nor a browser: an import the library must not have is a warning, and a warning fails the build.
  platform: 'neutral',
  deps: { neverBundle: ['node:assert/strict'] },
  failOnWarn: true,
  checks: { pluginTimings: false },
  inputOptions: (options) => ({ ...options, plugins: [options.plugins, commentsAboveTheirFields] }),
});
