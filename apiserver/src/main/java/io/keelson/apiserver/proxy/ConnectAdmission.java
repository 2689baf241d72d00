package io.keelson.apiserver.proxy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.authz.Attributes;
import io.keelson.apiserver.authz.Authorizer;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.Query;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.resource.Resource;
import java.util.List;

/**
 * Has connections admitted, as admission sees them: a {@code CONNECT} whose object are its options.
 *
 * @param authorizer asked once more where the verb of HTTP says too little about what is done
 * @param plugins all plugins of admission
 */
public record ConnectAdmission(Authorizer authorizer, Plugins plugins) {
    private static final String CORE_VERSION = "v1";

    /** Changes what is to be admitted, and refuses it if somebody is against it. */
    @FunctionalInterface
    public interface Plugins {
        void admit(AdmissionRequest request) throws InterruptedException;
    }

    /**
     * Streams into a pod need to be created, whatever the verb: one that begins with a GET, as WebSockets do, is no read.
     *
     * @throws ApiException Forbidden
     */
    void requireCreate(ApiRequest request) {
        if (!request.info().verb().equals("create")) {
            authorizer.require(Attributes.of(request).withVerb("create"));
        }
    }

    /** @param kind of the options, {@code PodExecOptions} for example */
    void admit(ApiRequest request, Resource resource, String kind, ObjectNode options) throws InterruptedException {
        ObjectNode object = Json.object().put("kind", kind).put("apiVersion", CORE_VERSION);
        object.setAll(options);
        plugins.admit(new AdmissionRequest(
                AdmissionRequest.Operation.CONNECT,
                resource,
                request.info().subresource(),
                new GroupVersionKind("", CORE_VERSION, kind),
                request.info().namespace(),
                request.info().name(),
                object,
                null,
                Json.object(),
                request.user(),
                false,
                request.warnings(),
                request.audit().annotations()));
    }

    /** A flag among options, where the query sets it. */
    static void flag(ObjectNode options, Query query, String name) {
        if (query.flag(name)) {
            options.put(name, true);
        }
    }

    /** A text among options, where the query has it. */
    static void text(ObjectNode options, Query query, String name) {
        if (!query.text(name).isEmpty()) {
            options.put(name, query.text(name));
        }
    }

    /** Texts among options, where the query has some. */
    static void texts(ObjectNode options, Query query, String name) {
        List<String> values = query.all(name);
        if (!values.isEmpty()) {
            options.set(name, Json.array(values));
        }
    }
}
