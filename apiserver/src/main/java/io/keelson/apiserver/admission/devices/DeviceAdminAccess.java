package io.keelson.apiserver.admission.devices;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.resource.Subresource;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import org.jspecify.annotations.Nullable;

/**
 * Lets claims reach devices that others use only in namespaces that carry a label for it: an administrator's own. A rule of
 * the kinds and no choice of whoever runs the server, so it has no place among the plugins that can be switched.
 */
public final class DeviceAdminAccess implements AdmissionPlugin {
    private static final String LABEL = "resource.kubernetes.io/admin-access";
    private static final GroupResource CLAIMS = new GroupResource("resource.k8s.io", "resourceclaims");
    private static final GroupResource TEMPLATES = new GroupResource("resource.k8s.io", "resourceclaimtemplates");
    private static final String FIELD = "adminAccess";

    private final ObjectLookup objects;

    public DeviceAdminAccess(ObjectLookup objects) {
        this.objects = objects;
    }

    @Override
    public String name() {
        return "DeviceAdminAccess";
    }

    @Override
    public void validate(AdmissionRequest request) throws InterruptedException {
        FieldPath asked = asked(request);
        if (asked == null || isAllowed(request.namespace())) {
            return;
        }
        FieldErrors errors = new FieldErrors();
        errors.forbidden(
                asked, "admin access to devices requires the `" + LABEL + ": true` label on the containing namespace");
        ObjectNode object = request.object();
        throw ApiException.invalid(
                request.resource().kind(), object == null ? "" : ObjectMeta.name(object), errors.list());
    }

    /** Where such access is asked for, or given, that was not so before; null if it is nowhere. */
    private static @Nullable FieldPath asked(AdmissionRequest request) {
        JsonNode object = request.object() == null ? MissingNode.getInstance() : request.object();
        JsonNode old = request.old() == null ? MissingNode.getInstance() : request.old();
        boolean claim = request.resource().name().equals(CLAIMS);
        if (claim && request.subresource().equals(Subresource.STATUS)) {
            boolean given = given(old) >= 0;
            int position = given(object);
            return given || position < 0
                    ? null
                    : FieldPath.of("status", "allocation", "devices", "results")
                            .index(position)
                            .child(FIELD);
        }
        boolean template = request.resource().name().equals(TEMPLATES);
        if (request.operation() != Operation.CREATE || !request.subresource().isEmpty() || !(claim || template)) {
            return null;
        }
        JsonNode spec = object.path("spec");
        int position =
                requested((template ? spec.path("spec") : spec).path("devices").path("requests"));
        // The original calls it so for templates, too.
        return position < 0
                ? null
                : FieldPath.of("spec", "devices", "requests").index(position).child(FIELD);
    }

    private static int requested(JsonNode requests) {
        for (int i = 0; i < requests.size(); i++) {
            if (requests.get(i).path("exactly").path(FIELD).asBoolean()) {
                return i;
            }
        }
        return -1;
    }

    private static int given(JsonNode claim) {
        JsonNode results =
                claim.path("status").path("allocation").path("devices").path("results");
        for (int i = 0; i < results.size(); i++) {
            if (results.get(i).path(FIELD).asBoolean()) {
                return i;
            }
        }
        return -1;
    }

    private boolean isAllowed(String name) throws InterruptedException {
        return isLabelled(objects.recent("", "namespaces", "", name))
                || isLabelled(objects.now("", "namespaces", "", name));
    }

    private static boolean isLabelled(@Nullable ObjectNode namespace) {
        return namespace != null
                && namespace
                        .path("metadata")
                        .path("labels")
                        .path(LABEL)
                        .asText()
                        .equals("true");
    }
}
