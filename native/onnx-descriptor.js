// Writes the FileDescriptorSet of onnx.proto for protoc. The package `onnx-buf` carries the compiled descriptor
// (base64 of a FileDescriptorProto) inside its generated module; a set of one file is that message as field 1.
const fs = require('fs');
const path = require('path');

const generated = path.join(__dirname, 'node_modules', 'onnx-buf', 'dist', 'onnx_pb.js');
const match = /fileDesc\("([A-Za-z0-9+/=_-]+)"/.exec(fs.readFileSync(generated, 'utf8'));
if (!match) throw new Error(`${generated}: no fileDesc("…") found; has onnx-buf changed its generator?`);
const file = Buffer.from(match[1], 'base64');

const length = [];
for (let rest = file.length; ; rest >>>= 7) {
  if (rest < 0x80) { length.push(rest); break; }
  length.push((rest & 0x7f) | 0x80);
}
fs.writeFileSync(process.argv[2], Buffer.concat([Buffer.from([0x0a, ...length]), file]));
