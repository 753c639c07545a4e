// An OPC UA client of another maker (node-opcua). Each line of its input is a task in JSON; it answers with one
// line a result, marked and in JSON, and {"end": null}, or {"end": why it failed}.
//
// {"url": …, "secure": true, "user": …, "password": …, "pki": folder, "steps": [
//    {"browse": node}, {"read": node}, {"write": {"node", "type", "value"}},
//    {"monitor": {"nodes": [node], "queue": 100, "count": 50}}]}
"use strict";
const readline = require("node:readline");
const opcua = require("node-opcua-client");
const { OPCUACertificateManager } = require("node-opcua-certificate-manager");

// The library logs to the same stream, so our lines are marked.
const say = (result) => process.stdout.write("> " + JSON.stringify(result) + "\n");
const tooLate = () => new Promise((_, reject) => setTimeout(() => reject(new Error("it took over 40 s")), 40_000).unref());

const shown = (value) => ({
  value: value.value.value,
  type: opcua.DataType[value.value.dataType],
  status: value.statusCode.name,
  source: value.sourceTimestamp,
  server: value.serverTimestamp,
});

const steps = {
  async browse(session, node) {
    const found = await session.browse(node);
    return found.references.map((reference) => reference.browseName.toString());
  },
  async read(session, node) {
    return shown(await session.read({ nodeId: node, attributeId: opcua.AttributeIds.Value }));
  },
  async property(session, { node, name }) {
    const path = opcua.makeBrowsePath(node, "." + name);
    const found = await session.translateBrowsePath(path);
    const value = await session.read({ nodeId: found.targets[0].targetId, attributeId: opcua.AttributeIds.Value });
    return JSON.parse(JSON.stringify(value.value.value));
  },
  async write(session, { node, type, value }) {
    const status = await session.write({
      nodeId: node,
      attributeId: opcua.AttributeIds.Value,
      value: { value: { dataType: opcua.DataType[type], value } },
    });
    return { status: status.name };
  },
  async monitor(session, { nodes, queue, count }) {
    const subscription = await session.createSubscription2({
      requestedPublishingInterval: 20,
      requestedLifetimeCount: 1000,
      requestedMaxKeepAliveCount: 10,
      maxNotificationsPerPublish: 0,
      publishingEnabled: true,
      priority: 1,
    });
    const heard = [];
    const first = new Set();
    await new Promise((resolve) => {
      for (const node of nodes) {
        const item = opcua.ClientMonitoredItem.create(
          subscription,
          { nodeId: node, attributeId: opcua.AttributeIds.Value },
          { samplingInterval: 0, queueSize: queue, discardOldest: true },
          opcua.TimestampsToReturn.Both,
        );
        item.on("changed", (value) => {
          if (!first.has(node)) {
            first.add(node); // what the node showed already
            if (first.size === nodes.length) say({ ready: true });
            return;
          }
          heard.push({ node, ...shown(value) });
          if (heard.length === count) resolve();
        });
      }
    });
    await subscription.terminate();
    return heard;
  },
};

async function main(task) {
  const manager = new OPCUACertificateManager({
    rootFolder: task.pki,
    automaticallyAcceptUnknownCertificate: true,
  });
  await manager.initialize();
  const client = opcua.OPCUAClient.create({
    applicationName: "interop",
    clientCertificateManager: manager,
    connectionStrategy: { maxRetry: 1, initialDelay: 100 },
    endpointMustExist: false,
    securityMode: task.secure ? opcua.MessageSecurityMode.SignAndEncrypt : opcua.MessageSecurityMode.None,
    securityPolicy: task.secure ? opcua.SecurityPolicy.Basic256Sha256 : opcua.SecurityPolicy.None,
  });
  await client.connect(task.url);
  try {
    const identity = task.user
      ? { type: opcua.UserTokenType.UserName, userName: task.user, password: task.password }
      : { type: opcua.UserTokenType.Anonymous };
    const session = await client.createSession(identity);
    for (const step of task.steps) {
      const [kind] = Object.keys(step);
      say(await steps[kind](session, step[kind]));
    }
    await session.close();
  } finally {
    await client.disconnect();
  }
}

// Loading the library takes seconds, so one process does all tasks, one JSON line each.
async function serve() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    try {
      await Promise.race([main(JSON.parse(line)), tooLate()]);
      say({ end: null });
    } catch (error) {
      say({ end: error.message });
    }
  }
}

serve().then(() => process.exit(0));
