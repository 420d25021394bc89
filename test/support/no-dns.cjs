const dns = require('node:dns');
const { isIP } = require('node:net');

/*
 * The resolver of tests: only the names of this machine exist. A network whose resolver is slow or missing changes
 * neither an outcome nor how long a test takes. Loaded by Jest, and by Node in the processes that tests start.
 */
const systemLookup = dns.lookup;

dns.lookup = function lookup(hostname, ...others) {
  if (isIP(hostname) !== 0 || /^localhost\.?$/i.test(hostname)) return systemLookup(hostname, ...others);
  const callback = others.at(-1);
  const error = new Error(`getaddrinfo ENOTFOUND ${hostname}`);
  const unknown = Object.assign(error, { code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname });
  process.nextTick(() => callback(unknown));
};
