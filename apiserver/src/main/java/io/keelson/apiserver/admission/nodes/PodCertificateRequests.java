package io.keelson.apiserver.admission.nodes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.GroupResource;
import org.jspecify.annotations.Nullable;

/**
 * The requests for certificates that a node may make: for pods that run on it, with what these really are. Whoever signs
 * relies on that.
 */
record PodCertificateRequests(ObjectLookup objects) {
    private static final String MIRROR = "kubernetes.io/config.mirror";

    /**
     * Why a node may not make a request; null if it may.
     *
     * @throws ApiException if what it names is not there, or is another one than it names: it may be there in a moment
     */
    @Nullable
    String wrong(String node, ObjectNode request) throws InterruptedException {
        JsonNode spec = request.path("spec");
        String namespace = ObjectMeta.namespace(request);
        String pod = namespace + '/' + spec.path("podName").asText("");
        if (!is(spec, "nodeName", node)) {
            return "PodCertificateRequest.Spec.NodeName=\""
                    + spec.path("nodeName").asText("") + "\", which is not the requesting node \"" + node + '"';
        }
        ObjectNode itself = found("nodes", "", node, "node \"" + node + '"');
        if (!is(spec, "nodeUID", ObjectMeta.uid(itself))) {
            throw notNow("PodCertificateRequest for pod \"" + pod + "\" names node UID \""
                    + spec.path("nodeUID").asText("") + "\", inconsistent with the running node (\""
                    + ObjectMeta.uid(itself) + "\")");
        }
        ObjectNode running = found("pods", namespace, spec.path("podName").asText(""), "pod \"" + pod + '"');
        if (!is(spec, "podUID", ObjectMeta.uid(running))) {
            throw notNow("PodCertificateRequest for pod \"" + pod + "\" contains pod UID (\""
                    + spec.path("podUID").asText("") + "\") which differs from running pod \""
                    + ObjectMeta.uid(running) + '"');
        }
        if (!is(running.path("spec"), "nodeName", node)) {
            return "pod \"" + pod + "\" is not running on node \"" + node + "\" named in the PodCertificateRequest";
        }
        if (ObjectMeta.annotation(running, MIRROR) != null) {
            return "pod \"" + pod + "\" is a mirror pod";
        }
        String account = running.path("spec").path("serviceAccountName").asText("");
        if (!is(spec, "serviceAccountName", account)) {
            return "PodCertificateRequest for pod \"" + pod + "\" contains serviceAccountName (\""
                    + spec.path("serviceAccountName").asText("") + "\") that differs from running pod (\"" + account
                    + "\")";
        }
        ObjectNode held = found("serviceaccounts", namespace, account, "service account \"" + account + '"');
        if (!is(spec, "serviceAccountUID", ObjectMeta.uid(held))) {
            throw notNow("PodCertificateRequest for pod \"" + pod + "\" names service account UID \""
                    + spec.path("serviceAccountUID").asText("")
                    + "\", which differs from the running service account (\""
                    + ObjectMeta.uid(held) + "\")");
        }
        return null;
    }

    private static boolean is(JsonNode object, String field, String value) {
        return !value.isEmpty() && object.path(field).asText("").equals(value);
    }

    private ObjectNode found(String resource, String namespace, String name, String shown) throws InterruptedException {
        ObjectNode object = name.isEmpty() ? null : objects.now("", resource, namespace, name);
        if (object == null) {
            throw notNow("while retrieving " + shown + " named in the PodCertificateRequest: "
                    + new GroupResource("", resource) + " \"" + name + "\" not found");
        }
        return object;
    }

    private static ApiException notNow(String why) {
        return ApiException.internal(why, null);
    }
}
