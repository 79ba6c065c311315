/** A process that has nothing to do with PostgreSQL. It ends with its parent. */
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
