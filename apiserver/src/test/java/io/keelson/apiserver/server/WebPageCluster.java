package io.keelson.apiserver.server;

import io.keelson.apiserver.object.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;

/** A server with objects in it for a page to show: one node, whose agent is played, one deployment, one pod. */
final class WebPageCluster implements AutoCloseable {
    static final String DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";
    static final String PODS = "/api/v1/namespaces/default/pods";
    static final String REPLICA_SETS = "/apis/apps/v1/namespaces/default/replicasets";

    private final ApiServer server;
    private final TestKubelet kubelet;
    private final Caller admin;
    private final String token;

    WebPageCluster(Path folder) throws Exception {
        server = ApiServer.start(Flags.config(folder));
        kubelet = new TestKubelet();
        admin = Caller.admin(server);
        token = tokenOf("looker", "cluster-admin");
        node("node-1", "{\"node-role.kubernetes.io/control-plane\": \"\"}");
        deployment();
        replicaSet("web-5f4d", 1, 2);
        pod("web-1", "Running", "true");
    }

    String url() {
        return server.url();
    }

    Caller admin() {
        return admin;
    }

    TestKubelet kubelet() {
        return kubelet;
    }

    /** Of who may do anything. */
    String token() {
        return token;
    }

    void node(String name, String labels) throws Exception {
        create("/api/v1/nodes", "{\"metadata\": {\"name\": \"%s\", \"labels\": %s}}".formatted(name, labels));
        status("/api/v1/nodes/" + name, """
                {"conditions": [{"type": "Ready", "status": "True"}], "nodeInfo": {"kubeletVersion": "v1.36.0"},
                 "allocatable": {"cpu": "3500m", "memory": "8Gi", "pods": "110"},
                 "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
                 "daemonEndpoints": {"kubeletEndpoint": {"Port": %d}}}""".formatted(kubelet.port()));
    }

    void event(String name, String message) throws Exception {
        create("/api/v1/namespaces/default/events", """
                {"metadata": {"name": "%s"}, "type": "Warning", "reason": "Hostile", "message": %s,
                 "lastTimestamp": "%s", "source": {"component": "<b>kubelet</b>"},
                 "involvedObject": {"kind": "Pod", "namespace": "default", "name": "web-1"}}""".formatted(
                        name, Json.object().textNode(message), Instant.now()));
    }

    /** A replica set of the deployment. */
    void replicaSet(String name, int revision, int replicas) throws Exception {
        String owner = admin.get(DEPLOYMENTS + "/web").at("/metadata/uid");
        create(REPLICA_SETS, """
                {"metadata": {"name": "%s", "labels": {"app": "web"},
                 "annotations": {"deployment.kubernetes.io/revision": "%d"},
                 "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "%s",
                 "controller": true}]}, "spec": {"replicas": %d, "selector": {"matchLabels": {"app": "web"}},
                 "template": {"metadata": {"labels": {"app": "web"}},
                 "spec": {"containers": [{"name": "web", "image": "keelson/web:%d"}]}}}}""".formatted(name, revision, owner, replicas, revision));
        status(REPLICA_SETS + "/" + name, "{\"replicas\": %1$d, \"readyReplicas\": 1}".formatted(replicas));
    }

    void create(String path, String body) throws Exception {
        admin.post(path, body).succeeded();
    }

    void status(String path, String status) throws Exception {
        admin.call(
                        "PATCH",
                        path + "/status",
                        "{\"status\": " + status + "}",
                        "Content-Type",
                        "application/merge-patch+json")
                .succeeded();
    }

    void patch(String path, String body) throws Exception {
        admin.call("PATCH", path, body, "Content-Type", "application/merge-patch+json")
                .succeeded();
    }

    /** The token of an account that is made for it. */
    String tokenOf(String account, String role) throws Exception {
        create("/api/v1/namespaces/default/serviceaccounts", "{\"metadata\": {\"name\": \"%s\"}}".formatted(account));
        create("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", """
                {"metadata": {"name": "%1$s"}, "subjects": [{"kind": "ServiceAccount", "name": "%1$s",
                 "namespace": "default"}], "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole",
                 "name": "%2$s"}}""".formatted(account, role));
        return admin.post("/api/v1/namespaces/default/serviceaccounts/" + account + "/token", "{}")
                .succeeded()
                .at("/status/token");
    }

    private void deployment() throws Exception {
        create(DEPLOYMENTS, """
                {"metadata": {"name": "web", "annotations": {"deployment.kubernetes.io/revision": "1"}},
                 "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}},
                 "template": {"metadata": {"labels": {"app": "web"}},
                 "spec": {"containers": [{"name": "web", "image": "keelson/web:1"}]}}}}""");
        status(DEPLOYMENTS + "/web", """
                {"observedGeneration": 1, "replicas": 2, "updatedReplicas": 2, "readyReplicas": 1,
                 "availableReplicas": 1, "conditions": [{"type": "Progressing", "status": "True",
                 "reason": "ReplicaSetUpdated", "message": "ReplicaSet is progressing."}]}""");
    }

    void pod(String name, String phase, String ready) throws Exception {
        create(PODS, """
                {"metadata": {"name": "%s", "labels": {"app": "web"}},
                 "spec": {"nodeName": "node-1", "containers": [{"name": "web", "image": "keelson/web:1"}]}}""".formatted(name));
        String restarts = ready.equals("true") ? "4" : "0";
        status(PODS + "/" + name, """
                {"phase": "%s", "conditions": [{"type": "Ready", "status": "True"}],
                 "containerStatuses": [{"name": "web", "image": "keelson/web:1", "imageID": "", "ready": %s,
                 "restartCount": %s, "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}}]}""".formatted(phase, ready, restarts));
    }

    @Override
    public void close() throws IOException {
        admin.close();
        server.close();
        kubelet.close();
    }
}
