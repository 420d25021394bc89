import { createRequire } from 'node:module';

/**
 * What is wrong with the variables the app is to be started with, a sentence each. A database that `npm start` brings
 * along has no URL yet.
 *
 * @param {string} main the compiled main file of the app
 * @param {NodeJS.ProcessEnv} env
 * @returns {string[]}
 */
export function configProblems(main, env) {
  const { readConfig } = createRequire(main)('./config/config.js');
  const hasDatabase = env.DATABASE_URL || env.DATABASE_URL_FILE;
  const read = readConfig(hasDatabase ? env : { ...env, DATABASE_URL: 'postgres://127.0.0.1/redress' });
  return read.ok ? [] : read.problems;
}
