// Includes templates in CDK apps and synthesises them: node deploy/synth.js FILE...
// The CDK parses each as its own, and its validator holds it to the schemas of all
// resources. Prints what was found, one a line, and exits with 1 if anything was.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { App, Stack } from "aws-cdk-lib";
import { CfnInclude } from "aws-cdk-lib/cloudformation-include";

function synthesise(file, outdir) {
  const app = new App({ outdir, analyticsReporting: false });
  new CfnInclude(new Stack(app, basename(file, ".yaml")), "template", { templateFile: file });
  app.synth();
  const { pluginReports } = JSON.parse(readFileSync(join(outdir, "validation-report.json"), "utf8"));
  return pluginReports.flatMap((report) => report.violations ?? [report]);
}

process.emitWarning = (text) => { // a tag that YAML's parser does not know
  console.log(String(text));
  process.exitCode = 1;
};
console.error = () => {}; // the report once more, for people
for (const file of process.argv.slice(2)) {
  const outdir = mkdtempSync(join(tmpdir(), "tictac-synth-"));
  try {
    for (const finding of synthesise(file, outdir)) {
      const at = finding.violatingConstructs?.[0]?.cloudFormationResource;
      console.log(`${file}: ${finding.ruleName} ${at?.logicalId ?? ""}: ${finding.description ?? JSON.stringify(finding)}`);
      process.exitCode = 1;
    }
  } finally {
    rmSync(outdir, { recursive: true });
  }
}
