const vm = require('node:vm');
const { ModernFakeTimers } = require('@jest/fake-timers');
const { ModuleMocker } = require('jest-mock');

// Loads the HTTP agent of Node's own `fetch`, which otherwise takes that of the package undici, of another version, when
// the package is loaded before the first `fetch`.
void globalThis.Headers;

/** Symbols of Jest that have to be new for each test file. Those of packages stay: packages set them once, when loaded. */
const perFile = new Set(['EVENT_HANDLERS', 'JEST_STATE_SYMBOL']);

/**
 * A test environment without a realm of its own: test files run on the globals of the worker process, so that packages
 * that Node loads once for all of them (native-packages-runtime.cjs) share `Error`, `Array` and the rest with the tests.
 * What a test file changes on the globals and in `process.env` is undone at its end.
 */
module.exports = class SingleRealmEnvironment {
  constructor({ projectConfig }) {
    this.global = globalThis;
    this.moduleMocker = new ModuleMocker(globalThis);
    this.fakeTimers = null;
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis });
    // Jest asks for a context, and takes its absence for the end of the environment. Nothing runs in it.
    this.context = vm.createContext();
    // Jest wraps these two for each test file.
    const { exit, getBuiltinModule } = process;
    const restoreProcess = () => Object.assign(process, { exit, getBuiltinModule });
    this.restorers = [restorerOf(globalThis, isPerFile), restorerOf(process.env), restoreProcess];
  }

  async setup() {}

  async teardown() {
    this.fakeTimersModern.dispose();
    for (const restore of this.restorers) restore();
    this.context = null;
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }

  getVmContext() {
    return this.context;
  }
};

const isPerFile = (key) => typeof key === 'string' || perFile.has(key.description);

/** A function that resets the properties of an object to what they are now, and removes those that were added. */
function restorerOf(object, isRemovable = () => true) {
  const before = new Map(Reflect.ownKeys(object).map((key) => [key, descriptorOf(object, key)]));
  return () => {
    for (const key of Reflect.ownKeys(object))
      if (!before.has(key) && isRemovable(key)) Reflect.deleteProperty(object, key);
    for (const [key, earlier] of before)
      if ('value' in earlier && descriptorOf(object, key)?.value !== earlier.value)
        Reflect.defineProperty(object, key, earlier);
  };
}

const descriptorOf = Reflect.getOwnPropertyDescriptor;
