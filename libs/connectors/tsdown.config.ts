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

// As ESM and as CommonJS, each with its types; `exports` in package.json names the same files.
export default defineConfig({
  entry: { index: 'src/index.ts' },
  format: ['esm', 'cjs'],
  fixedExtension: true,
  unbundle: true,
  dts: true,
  tsconfig: 'tsconfig.build.json',
  target: 'es2022',
  platform: 'node',
  // What is installed beside it, by its own package.json.
  deps: { neverBundle: [/^@redress\/domain/, 'cockatiel', 'undici'] },
  failOnWarn: true,
  checks: { pluginTimings: false },
  inputOptions: (options) => ({ ...options, plugins: [options.plugins, commentsAboveTheirFields] }),
});
