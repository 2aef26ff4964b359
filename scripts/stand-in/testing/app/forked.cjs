process.send({ argv: process.argv.slice(2), electron: process.versions.electron ?? "none" });
process.disconnect();
