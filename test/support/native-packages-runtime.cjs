const { createRequire, isBuiltin } = require('node:module');
const path = require('node:path');
const vm = require('node:vm');
const { default: JestRuntime } = require('jest-runtime');

const packagesFolder = `${path.sep}node_modules${path.sep}`;
/** For these Jest has replacements that know its own module registry. */
const replaced = new Set(['module', 'process']);
/** Folder → the `require` of a file in it. */
const requires = new Map();

/**
 * Jest's module loader, except that packages are loaded by Node: once for each worker process, as they are. Sources of
 * this repository stay in the registry of Jest, which is new for each test file, and can be mocked there.
 * docs/decisions/0020-packages-are-loaded-by-node-in-tests.md has the reasons and the figures.
 */
module.exports = class NativePackagesRuntime extends JestRuntime {
  constructor(config, ...others) {
    super(config, ...others);
    const sources = config.moduleNameMapper.map(([pattern]) => new RegExp(pattern));
    this.isSource = (name) => /^[./]/.test(name) || sources.some((pattern) => pattern.test(name));
    compileInThisRealm(this.executor, () => this._environment.getVmContext() === null);
  }

  requireModule(from, name, options, isRequireActual) {
    if (name !== undefined && !options?.isInternalModule && !this.isSource(name)) {
      const required = requireByNode(from, name);
      if (required) return required.exports;
    }
    return super.requireModule(from, name, options, isRequireActual);
  }

  /** What Jest's own code in a test file requires. Its entry, which comes without a name, has state of the file. */
  requireInternalModule(from, name) {
    return name === undefined ? super.requireInternalModule(from) : requireIn(path.dirname(from))(name);
  }
};

/** Undefined for a source of this repository, and for what Jest replaces. */
function requireByNode(from, name) {
  const require = requireIn(path.dirname(from));
  if (isBuiltin(name))
    return replaced.has(name.replace(/^node:/, '')) ? undefined : { exports: require(name) };
  const file = require.resolve(name);
  return file.includes(packagesFolder) ? { exports: require(file) } : undefined;
}

function requireIn(folder) {
  if (!requires.has(folder)) requires.set(folder, createRequire(path.join(folder, 'any.js')));
  return requires.get(folder);
}

/** Jest compiles sources for the context of the environment, and Node 20 has no context that stands for the own realm. */
function compileInThisRealm(executor, isTornDown) {
  if (typeof executor?.compile !== 'function')
    throw new Error('This version of Jest compiles modules in another way.');
  executor.compile = (code, filename) =>
    isTornDown()
      ? null
      : vm.compileFunction(code, executor.injectedModuleParameters, {
          filename,
          importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
        });
}
