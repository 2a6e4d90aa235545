// Uses the public package `mlflow` (MIT) as its README shows, and prints what it got back as JSON.
const MLflow = require('mlflow');
const { ViewType } = require('mlflow/enum');

console.log = () => {}; // the package prints every request body

async function main(endpoint) {
  const { Experiments, Runs, Metrics, Artifacts } = new MLflow({ endpoint });
  const { experiment_id } = await Experiments.create({ name: 'from node' });
  await Experiments.update({ experiment_id, new_name: 'from node, renamed' });
  const start = 1700000000000;
  const { run } = await Runs.create({
    experiment_id, start_time: start, tags: [{ key: 'mlflow.runName', value: 'first' }],
  });
  const run_id = run.info.run_id;
  for (let step = 0; step < 3; step++)
    await Runs.logMetric({ run_id, key: 'auc', value: 0.7 + step / 10, timestamp: start + step, step });
  await Runs.logParameter({ run_id, key: 'depth', value: '6' });
  await Runs.setTag({ run_id, key: 'kind', value: 'test' });
  await Runs.logBatch({
    run_id, metrics: [{ key: 'loss', value: 'NaN', timestamp: start, step: 0 }],
    params: [{ key: 'rate', value: '0.1' }], tags: [{ key: 'more', value: 'yes' }],
  });
  await Runs.deleteTag({ run_id, key: 'more' });
  await Runs.update({ run_id, status: 'FINISHED', end_time: start + 10 });
  await Runs.delete({ run_id });
  await Runs.restore({ run_id });

  let refusal = null;
  try {
    await Runs.logParameter({ run_id, key: 'depth', value: '7' });
  } catch (error) {
    refusal = JSON.parse(error.message.replace(/^(Error: )+/, ''));
  }

  const search = filter => Runs.search({
    experiment_ids: [experiment_id], filter, run_view_type: ViewType.ACTIVE_ONLY, order_by: ['metrics.auc DESC'],
  });
  return {
    experiment: (await Experiments.get({ experiment_id })).experiment,
    run: (await Runs.get({ run_id })).run,
    history: (await Metrics.getHistory({ run_id, metric_key: 'auc' })).metrics,
    found: (await search("metrics.auc > 0.85 and params.depth = '6'")).runs.map(found => found.info.run_id),
    notFound: await search("metrics.auc > 0.95"),
    artifacts: await Artifacts.list({ run_id }),
    refusal,
  };
}

main(process.argv[2]).then(
  result => process.stdout.write(JSON.stringify(result)),
  error => { process.stderr.write(String(error.stack)); process.exit(1); });
