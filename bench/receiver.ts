import { createServer } from 'node:http';

/* The least a server does with a body: it receives all of it. What that takes is not the service's to answer for. */

createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = String(Buffer.concat(chunks).length);
    response.writeHead(200, { 'content-length': body.length }).end(body);
  });
}).listen(Number(process.env['PORT']), '127.0.0.1');

process.on('SIGTERM', () => process.exit(0));
