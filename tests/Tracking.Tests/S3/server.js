// Serves one bucket from a folder until standard input ends, and says its port: node server.js FOLDER
const S3rver = require('s3rver');

const server = new S3rver({
  address: '127.0.0.1', port: 0, silent: true, directory: process.argv[2], configureBuckets: [{ name: 'gyre' }],
});
server.run().then(({ port }) => console.log(port));
process.stdin.on('end', () => process.exit(0)).resume();
