package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.apply.FieldFilter;
import io.keelson.apiserver.apply.FieldManager;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.WriteOptions;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ServedVersion;
import java.util.Map;
import java.util.function.Consumer;

/** Takes in what is posted and not stored: reads it, tracks its managers as for everything that is created, admits it. */
final class Postings {
    private final Backend backend;
    private final Incoming incoming;

    /**
     * Something that was posted.
     *
     * @param write what it is posted to
     */
    record Posted(ObjectNode object, Write write) {}

    Postings(Backend backend, Incoming incoming) {
        this.backend = backend;
        this.incoming = incoming;
    }

    /**
     * Takes one in.
     *
     * @param resource to which it is posted, or to a subresource of which
     * @param judge refuses what is wrong with it, once admission has changed it
     */
    Posted take(
            ApiRequest request, Resource resource, ServedVersion version, PostedKind kind, Consumer<ObjectNode> judge)
            throws InterruptedException {
        WriteOptions options = WriteOptions.forCreate(request.query());
        ObjectNode posted =
                incoming.read(request, kind.resource(), kind.version(), kind.older(), options.fieldValidation());
        Incoming.placeInNamespace(request, resource, posted);
        Write write = Write.of(
                request,
                resource,
                version,
                options,
                "CreateOptions",
                backend.clock().instant());
        ObjectNode managed = managers(kind, write, backend).update(null, posted, write.fieldManager());
        AdmissionRequest admission = new AdmissionRequest(
                AdmissionRequest.Operation.CREATE,
                resource,
                write.subresource(),
                kind.kind(),
                write.namespace(),
                write.name(),
                managed,
                null,
                write.options(),
                write.user(),
                write.dryRun(),
                write.warnings(),
                write.auditAnnotations());
        backend.admission().mutate(admission);
        ObjectNode object = admission.object();
        if (object == null) {
            throw new IllegalStateException("admission left nothing of what was posted");
        }
        judge.accept(object);
        backend.admission().validate(admission);
        return new Posted(object, write);
    }

    static FieldManager managers(PostedKind kind, Write write, Backend backend) {
        return new FieldManager(
                io.keelson.apiserver.apply.Versions.of(kind.resource()),
                kind.kind(),
                write.subresource(),
                Map.<String, FieldFilter>of(),
                false,
                backend.clock());
    }

    /** What is answered if all that there is to say is that it was done. */
    static ObjectNode success(int code) {
        ObjectNode status = Json.object().put("kind", "Status").put("apiVersion", "v1");
        status.putObject("metadata");
        return status.put("status", "Success").put("code", code);
    }
}
