const { options } = require('./.dependency-cruiser.cjs');

/**
 * Folders form no circle, in any package: a folder can be read, and replaced, after the ones that it imports. Specs are
 * left out, since they import what they test with.
 *
 * @type {import('dependency-cruiser').IConfiguration}
 */
module.exports = {
  forbidden: [
    {
      name: 'no-folder-circles',
      comment: 'Two folders that need each other are one folder, or lack a third.',
      severity: 'error',
      scope: 'folder',
      from: {},
      to: { circular: true },
    },
  ],
  options: { ...options, exclude: { path: [...options.exclude.path, '\\.spec\\.ts$'] } },
};
