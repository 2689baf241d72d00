package io.keelson.apiserver.admission.devices;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.authn.ServiceAccountUser;
import io.keelson.apiserver.authz.Attributes;
import io.keelson.apiserver.authz.Authorizer;
import io.keelson.apiserver.authz.Decision;
import io.keelson.apiserver.kinds.devices.DeviceId;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.request.UserInfo;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.resource.Subresource;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import io.keelson.apiserver.validation.SemanticEquality;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Keeps those who write the status of claims to their own parts of it. To write {@code resourceclaims/status} is not enough:
 *
 * <ul>
 *   <li>what was given and for whom it is reserved needs the request's verb on {@code resourceclaims/binding}, in the whole
 *       cluster: a scheduler's permission. What drivers say of devices that are taken back goes with them;
 *   <li>what a driver says of its devices needs {@code arbitrary-node:VERB} on {@code resourceclaims/driver} under the name of
 *       this driver. A service account that is known to run on the one node that the claim was given devices of needs no
 *       more than {@code associated-node:VERB}.
 * </ul>
 *
 * Neither subresource has a path; they are names for permissions.
 */
public record ClaimStatusPermissions(Authorizer authorizer) {
    private static final GroupResource CLAIMS = new GroupResource("resource.k8s.io", "resourceclaims");
    private static final String BINDING = "binding";
    private static final String DRIVER = "driver";
    private static final String ASSOCIATED_NODE = "associated-node:";
    private static final String ARBITRARY_NODE = "arbitrary-node:";

    /**
     * Checks a change of a claim's status; everything else passes.
     *
     * @param request what was asked for, and has been allowed
     * @param claim as it is to become, in the form in which it is stored
     * @param old as it is, in that form
     * @param errors receives what the user has no permission for
     */
    public void check(Attributes request, ObjectNode claim, ObjectNode old, FieldErrors errors) {
        if (!request.apiGroup().equals(CLAIMS.group())
                || !request.resource().equals(CLAIMS.resource())
                || !request.subresource().equals(Subresource.STATUS)) {
            return;
        }
        FieldPath status = FieldPath.of("status");
        if (isBoundAnew(claim, old)) {
            String refusal = refusal(asking(request, request.verb(), BINDING, "", ""));
            if (refusal != null) {
                errors.forbidden(
                        status,
                        "changing status.allocation or status.reservedFor requires"
                                + " resource=\"resourceclaims/binding\", verb=\"" + request.verb()
                                + "\" permission: " + refusal);
            }
        }
        List<String> verbs = driverVerbs(request, claim.path("status").path("allocation"));
        for (String driver : changedDrivers(claim, old)) {
            String refusal = driverRefusal(request, verbs, driver);
            if (refusal != null) {
                errors.forbidden(
                        status.child("devices"),
                        "changing status.devices requires resource=\"resourceclaims/driver\", verb=\"["
                                + String.join(" ", verbs) + "]\" permission: " + refusal);
            }
        }
    }

    private static boolean isBoundAnew(ObjectNode claim, ObjectNode old) {
        JsonNode status = claim.path("status");
        JsonNode before = old.path("status");
        return !isSame(status.path("allocation"), before.path("allocation"))
                || !isSame(status.path("reservedFor"), before.path("reservedFor"));
    }

    /** In the order of their names. */
    private static Set<String> changedDrivers(ObjectNode claim, ObjectNode old) {
        Map<DeviceId, JsonNode> gone = new HashMap<>();
        devices(old).forEach(device -> gone.put(DeviceId.of(device), device.value()));
        Set<String> drivers = new TreeSet<>(GoText::compare);
        for (Place device : devices(claim)) {
            DeviceId id = DeviceId.of(device);
            JsonNode before = gone.remove(id);
            if (before == null || !isSame(device.value(), before)) {
                drivers.add(id.driver());
            }
        }
        gone.keySet().removeAll(DeviceId.takenBack(claim, old));
        gone.keySet().forEach(id -> drivers.add(id.driver()));
        return drivers;
    }

    private static List<Place> devices(ObjectNode claim) {
        return Place.of(claim, new FieldErrors()).at("status", "devices").items();
    }

    /**
     * Whether nothing has changed. It is enough to compare what is there: in the form in which objects are stored, what may be
     * left out is left out, and an object that stands there empty means something.
     */
    private static boolean isSame(JsonNode one, JsonNode other) {
        return one.equals(SemanticEquality.SAME_NUMBERS, other);
    }

    /** Each of these is enough. */
    private static List<String> driverVerbs(Attributes request, JsonNode allocation) {
        String arbitrary = ARBITRARY_NODE + request.verb();
        String node = nodeOf(allocation);
        return !node.isEmpty() && runsOn(request.user(), node)
                ? List.of(ASSOCIATED_NODE + request.verb(), arbitrary)
                : List.of(arbitrary);
    }

    /** The only node that a claim can be used on, if its name is what says so; empty otherwise. */
    private static String nodeOf(JsonNode allocation) {
        JsonNode terms = allocation.path("nodeSelector").path("nodeSelectorTerms");
        JsonNode term = terms.path(0);
        JsonNode field = term.path("matchFields").path(0);
        boolean one = terms.size() == 1
                && term.path("matchExpressions").isEmpty()
                && term.path("matchFields").size() == 1
                && field.path("key").asText("").equals("metadata.name")
                && field.path("operator").asText("").equals("In")
                && field.path("values").size() == 1;
        return one ? field.path("values").path(0).asText("") : "";
    }

    private static boolean runsOn(UserInfo user, String node) {
        return ServiceAccountUser.parse(user.name()) != null
                && user.extra()
                        .getOrDefault(ServiceAccountUser.NODE_NAME, List.of())
                        .equals(List.of(node))
                && Names.dnsSubdomain(node).isEmpty();
    }

    /** Why none of the verbs is allowed, which is why the first is not; null if one is. */
    private @Nullable String driverRefusal(Attributes request, List<String> verbs, String driver) {
        String first = null;
        for (String verb : verbs) {
            String refusal = refusal(asking(request, verb, DRIVER, request.namespace(), driver));
            if (refusal == null) {
                return null;
            }
            first = first == null ? refusal : first;
        }
        return first;
    }

    private @Nullable String refusal(Attributes attributes) {
        Decision decision = authorizer.authorize(attributes);
        if (decision.allowed()) {
            return null;
        }
        boolean both = !decision.error().isEmpty() && !decision.reason().isEmpty();
        return attributes
                .forbidden(decision.error() + (both ? ": " : "") + decision.reason())
                .message();
    }

    private static Attributes asking(
            Attributes request, String verb, String subresource, String namespace, String name) {
        return new Attributes(
                request.user(),
                verb,
                namespace,
                request.apiGroup(),
                request.apiVersion(),
                request.resource(),
                subresource,
                name,
                true,
                request.path(),
                List.of(),
                List.of());
    }
}
