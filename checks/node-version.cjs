// Plain JavaScript, since an older Node reads no TypeScript: npm runs it before the scripts, on the Node they would get.
const WANTED = 24;
const major = Number(process.versions.node.split('.')[0]);

if (major < WANTED) {
  console.error(
    `switchfleet: this is Node ${process.versions.node}, and ${WANTED} is needed. It comes with the npm package "node", ` +
      'whose install script puts it in place: run npm ci without --ignore-scripts.',
  );
  process.exit(1);
}
