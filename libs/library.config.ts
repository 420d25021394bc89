import { defineConfig, type UserConfig } from 'tsdown';

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

/** How every library is built: as ESM and as CommonJS, each with its types; `exports` in package.json names the files. */
export const library = (options: UserConfig) =>
  defineConfig({
    format: ['esm', 'cjs'],
    fixedExtension: true,
    // One file for each source: shared chunks would be named by chance, even like an entry point.
    unbundle: true,
    dts: true,
    tsconfig: 'tsconfig.build.json',
    target: 'es2022',
    // A warning is, for one, an import that the library must not have.
    failOnWarn: true,
    checks: { pluginTimings: false },
    inputOptions: (input) => ({ ...input, plugins: [input.plugins, commentsAboveTheirFields] }),
    ...options,
  });
