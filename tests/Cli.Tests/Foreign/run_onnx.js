// What another binding of an ONNX engine says about a model: node run_onnx.js MODULES MODEL INPUT.json
// INPUT.json: {"shape": […], "data": […]} of float32 for the model's only input; prints {name: {shape, data}}.
const [modules, model, input] = process.argv.slice(2);
const ort = require(require('path').join(modules, 'onnxruntime-node'));
const { shape, data } = JSON.parse(require('fs').readFileSync(input));
(async () => {
  const session = await ort.InferenceSession.create(model);
  const feeds = { [session.inputNames[0]]: new ort.Tensor('float32', Float32Array.from(data), shape) };
  const outputs = await session.run(feeds);
  console.log(JSON.stringify(Object.fromEntries(
    Object.entries(outputs).map(([name, t]) => [name, { shape: t.dims, data: Array.from(t.data) }]))));
})();
