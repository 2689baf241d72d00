package io.keelson.apiserver.admission.policy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.admission.conditions.ConfigurationException;
import io.keelson.apiserver.admission.conditions.RequestAuthorizer;
import io.keelson.apiserver.admission.conditions.Scene;
import io.keelson.apiserver.admission.rules.Target;
import io.keelson.apiserver.authz.Authorizer;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.resource.GroupResource;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes what policies look at, once for all policies that see a request in the same version. */
final class Scenes {
    private static final GroupResource NAMESPACES = new GroupResource("", "namespaces");

    private final ObjectLookup objects;
    private final Authorizer authorizer;

    Scenes(ObjectLookup objects, Authorizer authorizer) {
        this.objects = objects;
        this.authorizer = authorizer;
    }

    /** @throws ApiException NotFound if the request is in a namespace that is not there */
    OfRequest of(AdmissionRequest request) throws InterruptedException {
        return new OfRequest(request, namespace(request), new RequestAuthorizer(request.user(), authorizer));
    }

    private @Nullable ObjectNode namespace(AdmissionRequest request) throws InterruptedException {
        String name = request.namespace();
        if (name.isEmpty() || request.resource().name().equals(NAMESPACES)) {
            return null;
        }
        ObjectNode found = objects.recent("", "namespaces", "", name);
        if (found == null) {
            // One that was made a moment ago may not be in the cache yet.
            found = objects.now("", "namespaces", "", name);
        }
        if (found == null) {
            throw ApiException.notFound(NAMESPACES, name);
        }
        return found;
    }

    /** Those of one request, as long as nobody changes its object. One thread. */
    static final class OfRequest {
        private final AdmissionRequest request;
        private final @Nullable ObjectNode namespace;
        private final RequestAuthorizer authorizer;
        private final Map<Target, Scene> made = new HashMap<>();

        private OfRequest(AdmissionRequest request, @Nullable ObjectNode namespace, RequestAuthorizer authorizer) {
            this.request = request;
            this.namespace = namespace;
            this.authorizer = authorizer;
        }

        /** @throws ConfigurationException if the object cannot be brought into that version */
        Scene in(Target target) throws ConfigurationException {
            Scene scene = made.get(target);
            if (scene == null) {
                try {
                    scene = new Scene(request, target, namespace, authorizer);
                } catch (ApiException e) {
                    throw new ConfigurationException("failed to convert object version: " + e.message());
                }
                made.put(target, scene);
            }
            return scene;
        }

        /** The object has changed. */
        void changed() {
            made.clear();
        }
    }
}
