package io.keelson.apiserver.authz;

import io.keelson.apiserver.request.UserInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lets nodes' agents do what the pods on their node need, and nothing about the pods of others. Has an opinion about users
 * of the group {@code system:nodes} with a name {@code system:node:NAME} only. What a node may do with its own Node and
 * pods is narrowed further by admission (NodeRestriction), which sees the objects.
 *
 * @param rules what every node may do with resources that are not divided up between nodes
 */
public record NodeAuthorizer(NodeGraph graph, List<PolicyRule> rules) implements Authorizer {
    private static final String LEASE_NAMESPACE = "kube-node-lease";

    public NodeAuthorizer {
        rules = List.copyOf(rules);
    }

    @Override
    public RuleList rulesFor(UserInfo user, String namespace) {
        return NodeIdentity.of(user) == null
                ? RuleList.EMPTY
                : new RuleList(List.of(), true, "node authorizer does not support user rule resolution");
    }

    @Override
    public Decision authorize(Attributes attributes) {
        String node = NodeIdentity.of(attributes.user());
        if (node == null) {
            return Decision.NO_OPINION;
        }
        if (node.isEmpty()) {
            return Decision.noOpinion("unknown node for user "
                    + Attributes.quoted(attributes.user().name()));
        }
        if (attributes.resourceRequest()) {
            Decision decision = divided(node, attributes);
            if (decision != null) {
                return decision;
            }
        }
        for (PolicyRule rule : rules) {
            if (rule.allows(attributes)) {
                return Decision.ALLOW;
            }
        }
        return Decision.NO_OPINION;
    }

    /** About a resource that is divided up between nodes; null for any other. */
    private @Nullable Decision divided(String node, Attributes attributes) {
        return switch (attributes.apiGroup() + "/" + attributes.resource()) {
            case "/secrets" -> read(node, NodeGraph.Kind.SECRET, attributes);
            case "/configmaps" -> read(node, NodeGraph.Kind.CONFIG_MAP, attributes);
            case "/persistentvolumeclaims" ->
                attributes.subresource().equals("status")
                        ? updateStatus(node, attributes)
                        : get(node, NodeGraph.Kind.VOLUME_CLAIM, attributes);
            case "/persistentvolumes" -> get(node, NodeGraph.Kind.VOLUME, attributes);
            case "resource.k8s.io/resourceclaims" -> get(node, NodeGraph.Kind.RESOURCE_CLAIM, attributes);
            case "storage.k8s.io/volumeattachments" -> get(node, NodeGraph.Kind.VOLUME_ATTACHMENT, attributes);
            case "/serviceaccounts" ->
                attributes.verb().equals("get") && attributes.subresource().isEmpty()
                        ? get(node, NodeGraph.Kind.SERVICE_ACCOUNT, attributes)
                        : createToken(node, attributes);
            case "coordination.k8s.io/leases" -> lease(node, attributes);
            case "storage.k8s.io/csinodes" -> csiNode(node, attributes);
            case "resource.k8s.io/resourceslices" -> resourceSlice(node, attributes);
            case "certificates.k8s.io/podcertificaterequests" -> certificateRequest(node, attributes);
            case "/nodes" -> node(node, attributes);
            case "/pods" -> pod(node, attributes);
            default -> null;
        };
    }

    private Decision related(String node, NodeGraph.Kind kind, Attributes attributes) {
        if (attributes.name().isEmpty()) {
            return Decision.noOpinion("No Object name found");
        }
        return graph.related(node, kind, attributes.namespace(), attributes.name())
                ? Decision.ALLOW
                : Decision.noOpinion("no relationship found between node '" + node + "' and this object");
    }

    private Decision updateStatus(String node, Attributes attributes) {
        return switch (attributes.verb()) {
            case "update", "patch" -> related(node, NodeGraph.Kind.VOLUME_CLAIM, attributes);
            default -> Decision.noOpinion("can only get/update/patch this type");
        };
    }

    private Decision get(String node, NodeGraph.Kind kind, Attributes attributes) {
        if (!attributes.verb().equals("get")) {
            return Decision.noOpinion("can only get individual resources of this type");
        }
        if (!attributes.subresource().isEmpty()) {
            return Decision.noOpinion("cannot get subresource");
        }
        return related(node, kind, attributes);
    }

    private Decision read(String node, NodeGraph.Kind kind, Attributes attributes) {
        switch (attributes.verb()) {
            case "get", "list", "watch" -> {}
            default -> {
                return Decision.noOpinion("can only read resources of this type");
            }
        }
        if (!attributes.subresource().isEmpty()) {
            return Decision.noOpinion("cannot read subresource");
        }
        if (attributes.namespace().isEmpty()) {
            return Decision.noOpinion("can only read namespaced object of this type");
        }
        return related(node, kind, attributes);
    }

    private Decision createToken(String node, Attributes attributes) {
        if (!attributes.verb().equals("create") || attributes.name().isEmpty()) {
            return Decision.noOpinion("can only create tokens for individual service accounts");
        }
        if (!attributes.subresource().equals("token")) {
            return Decision.noOpinion("can only create token subresource of serviceaccount");
        }
        return related(node, NodeGraph.Kind.SERVICE_ACCOUNT, attributes);
    }

    /** The name is not known when something is created: admission looks at it then. */
    private static Decision lease(String node, Attributes attributes) {
        if (!writesOne(attributes.verb())) {
            return Decision.noOpinion("can only get, create, update, patch, or delete a node lease");
        }
        if (!attributes.namespace().equals(LEASE_NAMESPACE)) {
            return Decision.noOpinion(
                    "can only access leases in the " + Attributes.quoted(LEASE_NAMESPACE) + " system namespace");
        }
        return attributes.verb().equals("create") || attributes.name().equals(node)
                ? Decision.ALLOW
                : Decision.noOpinion("can only access node lease with the same name as the requesting node");
    }

    private static Decision csiNode(String node, Attributes attributes) {
        if (!writesOne(attributes.verb())) {
            return Decision.noOpinion("can only get, create, update, patch, or delete a CSINode");
        }
        if (!attributes.subresource().isEmpty()) {
            return Decision.noOpinion("cannot authorize CSINode subresources");
        }
        return attributes.verb().equals("create") || attributes.name().equals(node)
                ? Decision.ALLOW
                : Decision.noOpinion("can only access CSINode with the same name as the requesting node");
    }

    private static boolean writesOne(String verb) {
        return switch (verb) {
            case "get", "create", "update", "patch", "delete" -> true;
            default -> false;
        };
    }

    private Decision resourceSlice(String node, Attributes attributes) {
        if (!attributes.subresource().isEmpty()) {
            return Decision.noOpinion("cannot authorize ResourceSlice subresources");
        }
        return switch (attributes.verb()) {
            case "create" -> Decision.ALLOW;
            case "get", "update", "patch", "delete" -> related(node, NodeGraph.Kind.RESOURCE_SLICE, attributes);
            case "watch", "list", "deletecollection" ->
                attributes.limitedTo("spec.nodeName", node)
                        ? Decision.ALLOW
                        : Decision.noOpinion(
                                "can only list/watch/deletecollection resourceslices with nodeName field selector");
            default ->
                Decision.noOpinion("only the following verbs are allowed for a ResourceSlice: get, watch, list, create,"
                        + " update, patch, delete, deletecollection");
        };
    }

    private Decision certificateRequest(String node, Attributes attributes) {
        if (!attributes.subresource().isEmpty()) {
            return Decision.noOpinion("PodCertificateRequest subresources are not allowed for nodes");
        }
        return switch (attributes.verb()) {
            case "create" -> Decision.ALLOW;
            case "get" -> related(node, NodeGraph.Kind.POD_CERTIFICATE_REQUEST, attributes);
            case "list", "watch" ->
                attributes.limitedTo("spec.nodeName", node)
                        ? Decision.ALLOW
                        : Decision.noOpinion("can only list/watch podcertificaterequests with nodeName field selector");
            default -> Decision.noOpinion("can only create, get, list, and watch podcertificaterequests");
        };
    }

    /** By name, not by what is known, so that an agent may look whether its Node is there. */
    private static Decision node(String node, Attributes attributes) {
        return switch (attributes.subresource() + ":" + attributes.verb()) {
            case ":create", ":update", ":patch", "status:update", "status:patch" -> Decision.ALLOW;
            case ":get", ":list", ":watch" -> {
                if (attributes.name().equals(node)) {
                    yield Decision.ALLOW;
                }
                yield Decision.noOpinion(
                        attributes.name().isEmpty()
                                ? "node '" + node + "' cannot read all nodes, only its own Node object"
                                : "node '" + node + "' cannot read '" + attributes.name()
                                        + "', only its own Node object");
            }
            default -> Decision.NO_OPINION;
        };
    }

    private Decision pod(String node, Attributes attributes) {
        return switch (attributes.subresource() + ":" + attributes.verb()) {
            case ":get" -> get(node, NodeGraph.Kind.POD, attributes);
            case ":list", ":watch" -> {
                if (attributes.limitedTo("spec.nodeName", node)) {
                    yield Decision.ALLOW;
                }
                yield attributes.name().isEmpty()
                        ? Decision.noOpinion("can only list/watch pods with spec.nodeName field selector")
                        : related(node, NodeGraph.Kind.POD, attributes);
            }
            case ":create", ":delete", "status:update", "status:patch", "eviction:create" -> Decision.ALLOW;
            default -> Decision.NO_OPINION;
        };
    }
}
