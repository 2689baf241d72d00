package io.keelson.apiserver.admission.nodes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.authz.Authorizer;
import io.keelson.apiserver.authz.NodeIdentity;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.kinds.certificates.RequestSubject;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.validation.SemanticEquality;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Keeps nodes to their own Node, lease and CSINode, and to pods that are bound to them. Others are not its business. */
public final class NodeRestriction implements AdmissionPlugin {
    private static final String LEASES = "kube-node-lease";
    private static final Set<String> SIGNERS =
            Set.of("kubernetes.io/kubelet-serving", "kubernetes.io/kube-apiserver-client-kubelet");

    /** What of a claim's status is for nodes to say. */
    private static final List<String> CLAIM_STATUS =
            List.of("capacity", "conditions", "allocatedResourceStatuses", "allocatedResources");

    private final ObjectLookup objects;
    private final TokenAudiences audiences;

    /** @param authorizer is asked whether a node may have tokens for others than its pods need them for */
    public NodeRestriction(ObjectLookup objects, Authorizer authorizer) {
        this.objects = objects;
        this.audiences = new TokenAudiences(objects, authorizer);
    }

    @Override
    public String name() {
        return "NodeRestriction";
    }

    @Override
    public void mutate(AdmissionRequest request) throws InterruptedException {
        String node = NodeIdentity.of(request.user());
        if (node == null || request.operation() == Operation.CONNECT) {
            return;
        }
        if (node.isEmpty()) {
            throw request.forbidden(
                    "could not determine node from user \"" + request.user().name() + "\"");
        }
        String wrong = wrong(request, node);
        if (wrong != null) {
            throw request.forbidden(wrong);
        }
    }

    private @Nullable String wrong(AdmissionRequest request, String node) throws InterruptedException {
        GroupResource resource = request.resource().name();
        return switch (resource.group() + "/" + resource.resource()) {
            case "/pods" ->
                switch (request.subresource()) {
                    case "" -> pod(request, node);
                    case "status" -> podStatus(request, node);
                    case "eviction" -> eviction(request, node);
                    default ->
                        "unexpected pod subresource \"" + request.subresource()
                                + "\", only 'status' and 'eviction' are allowed";
                };
            case "/nodes" -> ownNode(request, node);
            case "/persistentvolumeclaims" ->
                request.subresource().equals("status") ? claimStatus(request, node) : "may only update PVC status";
            case "/serviceaccounts" -> token(request, node);
            case "coordination.k8s.io/leases" -> lease(request, node);
            case "storage.k8s.io/csinodes" ->
                nameOf(request).equals(node)
                        ? null
                        : "can only access CSINode with the same name as the requesting node";
            case "resource.k8s.io/resourceslices" -> resourceSlice(request, node);
            case "certificates.k8s.io/certificatesigningrequests" -> signingRequest(request, node);
            case "certificates.k8s.io/podcertificaterequests" -> podRequest(request, node);
            default -> null;
        };
    }

    /** Of a creation, the name that the object itself has: there is none in its path. */
    private static String nameOf(AdmissionRequest request) {
        ObjectNode object = request.object();
        return request.operation() == Operation.CREATE && object != null ? ObjectMeta.name(object) : request.name();
    }

    private static String quoted(String node) {
        return "node \"" + node + "\"";
    }

    private static boolean isOn(String node, JsonNode pod) {
        return pod.path("spec").path("nodeName").asText("").equals(node);
    }

    private ObjectNode found(String resource, String namespace, String name) throws InterruptedException {
        ObjectNode object = objects.recent("", resource, namespace, name);
        if (object == null) {
            // It may have been made a moment ago.
            object = objects.now("", resource, namespace, name);
        }
        if (object == null) {
            throw ApiException.notFound(new GroupResource("", resource), name);
        }
        return object;
    }

    private @Nullable String pod(AdmissionRequest request, String node) throws InterruptedException {
        ObjectNode pod = request.object();
        if (request.operation() == Operation.CREATE && pod != null) {
            String wrong = MirrorPods.wrong(node, pod);
            if (wrong != null) {
                return wrong;
            }
            String asked = MirrorPods.ownerUid(pod);
            String uid = ObjectMeta.uid(found("nodes", "", node));
            return asked.equals(uid) ? null : "node " + node + " UID mismatch: expected " + asked + " got " + uid;
        }
        ObjectNode old = request.old();
        if (request.operation() == Operation.DELETE && old != null) {
            return isOn(node, old) ? null : quoted(node) + " can only delete pods with spec.nodeName set to itself";
        }
        return "unexpected operation \"" + request.operation() + "\", " + quoted(node)
                + " can only create and delete mirror pods";
    }

    private static @Nullable String podStatus(AdmissionRequest request, String node) {
        ObjectNode pod = request.object();
        ObjectNode old = request.old();
        if (request.operation() != Operation.UPDATE || pod == null || old == null) {
            return "unexpected operation \"" + request.operation() + "\"";
        }
        if (!isOn(node, old)) {
            return quoted(node) + " can only update pod status for pods with spec.nodeName set to itself";
        }
        if (!ObjectMeta.labels(pod).equals(ObjectMeta.labels(old))) {
            return quoted(node) + " cannot update labels through pod status";
        }
        if (!sameStatus(pod, old, "resourceClaimStatuses")) {
            return quoted(node) + " cannot update resource claim statues";
        }
        return sameStatus(pod, old, "extendedResourceClaimStatus")
                ? null
                : quoted(node) + " cannot update extended resource claim status";
    }

    private static boolean sameStatus(ObjectNode object, ObjectNode old, String field) {
        return SemanticEquality.equal(
                object.path("status").path(field), old.path("status").path(field));
    }

    private @Nullable String eviction(AdmissionRequest request, String node) throws InterruptedException {
        if (request.operation() != Operation.CREATE) {
            return "unexpected operation " + request.operation();
        }
        String name = request.name().isEmpty() ? nameOf(request) : request.name();
        if (name.isEmpty()) {
            return "could not determine pod from request data";
        }
        return isOn(node, found("pods", request.namespace(), name))
                ? null
                : "node " + node + " can only evict pods with spec.nodeName set to itself";
    }

    private static @Nullable String ownNode(AdmissionRequest request, String node) {
        String name = nameOf(request);
        if (!name.equals(node)) {
            return quoted(node) + " is not allowed to modify node \"" + name + "\"";
        }
        ObjectNode object = request.object();
        ObjectNode old = request.old();
        if (request.operation() == Operation.CREATE && object != null) {
            if (object.path("spec").hasNonNull("configSource")) {
                return quoted(node) + " is not allowed to create pods with a non-nil configSource";
            }
            Set<String> labels = NodeLabels.forbidden(Map.of(), ObjectMeta.labels(object));
            return labels.isEmpty()
                    ? null
                    : quoted(node) + " is not allowed to set the following labels: " + String.join(", ", labels);
        }
        return request.operation() == Operation.UPDATE && object != null && old != null
                ? changeOfNode(node, object, old)
                : null;
    }

    private static @Nullable String changeOfNode(String node, ObjectNode object, ObjectNode old) {
        JsonNode spec = object.path("spec");
        JsonNode before = old.path("spec");
        if (spec.hasNonNull("configSource")
                && !SemanticEquality.equal(spec.path("configSource"), before.path("configSource"))) {
            return quoted(node) + " is not allowed to update configSource to a new non-nil configSource";
        }
        if (!SemanticEquality.equal(spec.path("taints"), before.path("taints"))) {
            return quoted(node) + " is not allowed to modify taints";
        }
        if (!ObjectMeta.ownerReferences(object).equals(ObjectMeta.ownerReferences(old))) {
            return quoted(node) + " is not allowed to modify ownerReferences";
        }
        Set<String> labels = NodeLabels.forbidden(ObjectMeta.labels(old), ObjectMeta.labels(object));
        return labels.isEmpty() ? null : "is not allowed to modify labels: " + String.join(", ", labels);
    }

    private static @Nullable String claimStatus(AdmissionRequest request, String node) {
        ObjectNode claim = request.object();
        ObjectNode old = request.old();
        if (request.operation() != Operation.UPDATE || claim == null || old == null) {
            return "unexpected operation \"" + request.operation() + "\"";
        }
        return SemanticEquality.equal(withoutNodesPart(claim), withoutNodesPart(old))
                ? null
                : quoted(node) + " is not allowed to update fields other than status.quantity and status.conditions";
    }

    private static ObjectNode withoutNodesPart(ObjectNode claim) {
        ObjectNode rest = claim.deepCopy();
        ObjectMeta.setResourceVersion(rest, "");
        ObjectMeta.setManagedFields(rest, null);
        if (rest.get("status") instanceof ObjectNode status) {
            status.remove(CLAIM_STATUS);
        }
        return rest;
    }

    private @Nullable String token(AdmissionRequest request, String node) throws InterruptedException {
        ObjectNode asked = request.object();
        if (request.operation() != Operation.CREATE || !request.subresource().equals("token") || asked == null) {
            return null;
        }
        JsonNode spec = asked.path("spec");
        JsonNode bound = spec.path("boundObjectRef");
        String name = bound.path("name").asText("");
        if (!bound.path("apiVersion").asText("").equals("v1")
                || !bound.path("kind").asText("").equals("Pod")
                || name.isEmpty()) {
            return "node requested token not bound to a pod";
        }
        String uid = bound.path("uid").asText("");
        if (uid.isEmpty()) {
            return "node requested token with a pod binding without a uid";
        }
        ObjectNode pod = found("pods", request.namespace(), name);
        if (!uid.equals(ObjectMeta.uid(pod))) {
            return "the UID in the bound object reference (" + uid
                    + ") does not match the UID in record. The object might have been deleted and then recreated";
        }
        return isOn(node, pod)
                ? audiences.wrong(request, spec.path("audiences"), pod)
                : "node requested token bound to a pod scheduled on a different node";
    }

    private static @Nullable String lease(AdmissionRequest request, String node) {
        if (!request.namespace().equals(LEASES)) {
            return "can only access leases in the \"" + LEASES + "\" system namespace";
        }
        return nameOf(request).equals(node)
                ? null
                : "can only access node lease with the same name as the requesting node";
    }

    /** What is created and, of many at once, deleted is not known to the authorizer. */
    private static @Nullable String resourceSlice(AdmissionRequest request, String node) {
        ObjectNode slice = switch (request.operation()) {
            case CREATE -> request.object();
            case DELETE -> request.old();
            case UPDATE, CONNECT -> null;
        };
        if (slice == null || isOn(node, slice)) {
            return null;
        }
        String verb = request.operation() == Operation.CREATE ? "create" : "delete";
        return "can only " + verb + " ResourceSlice with the same NodeName as the requesting node";
    }

    private @Nullable String podRequest(AdmissionRequest request, String node) throws InterruptedException {
        ObjectNode object = request.object();
        if (request.operation() != Operation.CREATE || !request.subresource().isEmpty() || object == null) {
            return "unexpected operation \"" + request.operation() + "\"";
        }
        return new PodCertificateRequests(objects).wrong(node, object);
    }

    private static @Nullable String signingRequest(AdmissionRequest request, String node) {
        ObjectNode object = request.object();
        boolean concerned = request.operation() == Operation.CREATE
                && object != null
                && SIGNERS.contains(object.path("spec").path("signerName").asText(""));
        if (!concerned || object == null) {
            return null;
        }
        try {
            String user = NodeIdentity.PREFIX + node;
            return RequestSubject.of(object).commonName().equals(user)
                    ? null
                    : "can only create a node CSR with CN=" + user;
        } catch (MalformedException e) {
            return "unable to parse csr: " + e.message();
        }
    }
}
