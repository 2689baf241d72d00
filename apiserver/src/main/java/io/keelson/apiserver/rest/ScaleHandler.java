package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.apply.FieldManager;
import io.keelson.apiserver.apply.ScaleFields;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.patch.PatchType;
import io.keelson.apiserver.printing.WorkloadColumns;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.WriteOptions;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.resource.GroupVersion;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ServedVersion;
import io.keelson.apiserver.resource.Subresource;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.MetadataValidation;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Says and changes how many replicas an object wants, in the same form for all kinds that have replicas: {@code
 * deployments/scale} and the like. A write turns the object into its scale, changes that, and takes the number back into the
 * object; managers of the number go the same way.
 */
final class ScaleHandler implements ResourceHandler.SubresourceHandler {
    private static final PostedKind SCALE = PostedKind.of("autoscaling", "v1", "Scale", WorkloadColumns.SCALES);

    private final Backend backend;
    private final Update update;
    private final Incoming incoming;
    private final ResourceHandler.ConfigReader configs;
    private final Answers answers;

    ScaleHandler(Backend backend, Incoming incoming, ResourceHandler.ConfigReader configs, Answers answers) {
        this.backend = backend;
        this.update = new Update(backend.withoutAdmission(), ContentCheck.NONE);
        this.incoming = incoming;
        this.configs = configs;
        this.answers = answers;
    }

    @Override
    public ApiResponse handle(ApiRequest request, Resource resource, ServedVersion version)
            throws InterruptedException {
        Verbs.require(request, resource, "get", "update", "patch");
        return switch (request.info().verb()) {
            case "get" -> get(request, resource, version);
            case "update" -> put(request, resource, version);
            default -> patch(request, resource, version);
        };
    }

    private ApiResponse get(ApiRequest request, Resource resource, ServedVersion version) throws InterruptedException {
        String name = request.info().name();
        Backend.Stored stored = backend.read(resource, request.info().namespace(), name);
        if (stored == null) {
            throw ApiException.notFound(resource.name(), name);
        }
        return answer(request, resource, version, stored.object());
    }

    private ApiResponse answer(ApiRequest request, Resource resource, ServedVersion version, ObjectNode stored) {
        ObjectNode object = Versions.fromStorage(resource, stored.deepCopy(), version.version());
        return answers.object(
                request,
                200,
                SCALE.version(),
                ScaleView.of(resource).scale(object),
                answers.negotiate(request, SCALE.resource()));
    }

    private ApiResponse put(ApiRequest request, Resource resource, ServedVersion version) throws InterruptedException {
        WriteOptions options = WriteOptions.forUpdate(request.query());
        ObjectNode sent = incoming.read(request, SCALE.resource(), SCALE.version(), options.fieldValidation());
        Incoming.place(request, resource, sent);
        Write write = Write.of(
                request,
                resource,
                version,
                options,
                "UpdateOptions",
                backend.clock().instant());
        FieldManager managers = Postings.managers(SCALE, write, backend);
        return write(request, write, old -> managers.update(old, sent.deepCopy(), write.fieldManager()));
    }

    private ApiResponse patch(ApiRequest request, Resource resource, ServedVersion version)
            throws InterruptedException {
        String contentType = request.headers().first("Content-Type");
        PatchType type = PatchType.of(contentType == null ? "" : contentType, resource.custom());
        WriteOptions options = WriteOptions.forPatch(request.query(), type == PatchType.APPLY);
        Write write = Write.of(
                request,
                resource,
                version,
                options,
                "UpdateOptions",
                backend.clock().instant());
        FieldManager managers = Postings.managers(SCALE, write, backend);
        if (type == PatchType.APPLY) {
            List<String> duplicates = new ArrayList<>();
            byte[] body = request.body().bytes(Incoming.BYTES_MAX);
            request.audit().patches(body, true);
            ObjectNode config = configs.read(body, duplicates);
            Incoming.place(request, resource, config);
            return write(
                    request,
                    write,
                    old -> incoming.appliedInForm(
                            request,
                            SCALE.resource(),
                            SCALE.version(),
                            managers.apply(old, config, write.fieldManager(), options.forced()),
                            options.fieldValidation(),
                            duplicates));
        }
        Patching patch = Patching.read(request, type, SCALE.version());
        return write(
                request,
                write,
                old -> managers.update(old, patched(request, options, patch, old), write.fieldManager()));
    }

    private ObjectNode patched(ApiRequest request, WriteOptions options, Patching patch, ObjectNode old) {
        return incoming.inForm(
                request,
                SCALE.resource(),
                SCALE.version(),
                patch.apply(old),
                options.fieldValidation(),
                new ArrayList<>(patch.problems()),
                why -> patch.refusal(old, why));
    }

    private ApiResponse write(ApiRequest request, Write write, UnaryOperator<ObjectNode> change)
            throws InterruptedException {
        Resource resource = write.resource();
        Update.Updated updated =
                update.update(write, Part.of(resource, ""), Preconditions.NONE, old -> scaled(write, old, change));
        if (updated == null) {
            throw ApiException.notFound(ownName(resource), write.name());
        }
        return answer(request, resource, write.version(), updated.object());
    }

    /** As errors of writes name it: {@code deployments/scale.apps}. */
    private static GroupResource ownName(Resource resource) {
        return new GroupResource(resource.name().group(), resource.name().resource() + "/" + Subresource.SCALE);
    }

    private ObjectNode scaled(Write write, ObjectNode old, UnaryOperator<ObjectNode> change)
            throws InterruptedException {
        Resource resource = write.resource();
        ScaleView view = ScaleView.of(resource);
        ObjectNode object =
                Versions.fromStorage(resource, old.deepCopy(), write.version().version());
        ScaleFields fields = fields(write);
        ObjectNode before = view.scaleAsFar(object);
        ObjectMeta.setManagedFields(before, fields.toScale(ObjectMeta.managedFields(object)));
        ObjectNode scale = admitted(write, change.apply(before), before);

        view.setReplicas(object, scale.path("spec").path("replicas").asLong());
        ObjectMeta.setManagedFields(
                object, fields.toObject(ObjectMeta.managedFields(object), ObjectMeta.managedFields(scale)));
        String meant = ObjectMeta.resourceVersion(scale);
        if (!meant.isEmpty() || resource.strategy().updatesUnconditionally()) {
            ObjectMeta.setResourceVersion(object, meant);
        }
        return Versions.toStorage(resource, object, write.version().version());
    }

    private static ScaleFields fields(Write write) {
        Map<String, List<String>> replicas = new HashMap<>();
        Resource resource = write.resource();
        for (ServedVersion version : resource.versions()) {
            replicas.put(
                    new GroupVersion(resource.name().group(), version.version()).toString(),
                    ScaleView.of(resource.through(version.version())).replicas());
        }
        return new ScaleFields(write.kind().groupVersion().toString(), replicas);
    }

    private ObjectNode admitted(Write write, ObjectNode scale, ObjectNode before) throws InterruptedException {
        AdmissionRequest admission = new AdmissionRequest(
                AdmissionRequest.Operation.UPDATE,
                write.resource(),
                write.subresource(),
                SCALE.kind(),
                write.namespace(),
                write.name(),
                scale,
                before,
                write.options(),
                write.user(),
                write.dryRun(),
                write.warnings(),
                write.auditAnnotations());
        backend.admission().mutate(admission);
        ObjectNode admitted = admission.object();
        if (admitted == null) {
            throw new IllegalStateException("admission left nothing of the scale");
        }
        judge(write, admitted, before);
        backend.admission().validate(admission);
        return admitted;
    }

    private static void judge(Write write, ObjectNode scale, ObjectNode before) {
        FieldErrors errors = new FieldErrors();
        MetadataValidation.validate(scale, write.resource().namespaced(), Names::dnsSubdomain, errors);
        Place.of(scale, errors).at("spec", "replicas").notNegative();
        if (!errors.isEmpty()) {
            throw ApiException.invalid(SCALE.resource().kind(), write.name(), errors.list());
        }
        String uid = ObjectMeta.uid(scale);
        if (!uid.isEmpty() && !uid.equals(ObjectMeta.uid(before))) {
            throw ApiException.conflict(
                    ownName(write.resource()),
                    write.name(),
                    "Precondition failed: UID in precondition: " + uid + ", UID in object meta: "
                            + ObjectMeta.uid(before));
        }
    }
}
