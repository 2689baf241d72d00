package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.apply.Manager;
import io.keelson.apiserver.authz.Attributes;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.UserInfo;
import io.keelson.apiserver.request.WriteOptions;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ServedVersion;
import io.keelson.apiserver.resource.WriteContext;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A write that is under way: of what, by whom, and how.
 *
 * @param version in which the client speaks
 * @param verb of the request; empty for what the server writes by itself
 * @param subresource empty for the object itself
 * @param name empty if the server is to make one up
 * @param fieldManager who owns the fields that are written
 * @param options as they go to admission: CreateOptions, UpdateOptions or DeleteOptions
 * @param warnings receives texts for the client's attention
 * @param auditAnnotations receives notes for the audit log
 */
record Write(
        Resource resource,
        ServedVersion version,
        String verb,
        String subresource,
        String namespace,
        String name,
        UserInfo user,
        boolean dryRun,
        String fieldManager,
        ObjectNode options,
        List<String> warnings,
        Map<String, String> auditAnnotations,
        Instant now) {
    static Write of(
            ApiRequest request,
            Resource resource,
            ServedVersion version,
            boolean dryRun,
            String fieldManager,
            ObjectNode options,
            Instant now) {
        return new Write(
                resource,
                version,
                request.info().verb(),
                request.info().subresource(),
                request.info().namespace(),
                request.info().name(),
                request.user(),
                dryRun,
                fieldManager,
                options,
                request.warnings(),
                request.audit().annotations(),
                now);
    }

    /**
     * The write that a request asks for.
     *
     * @param kindOfOptions as they go to admission: CreateOptions, or UpdateOptions, also of a patch
     */
    static Write of(
            ApiRequest request,
            Resource resource,
            ServedVersion version,
            WriteOptions options,
            String kindOfOptions,
            Instant now) {
        String agent = request.headers().first("User-Agent");
        String manager = Manager.nameOf(options.fieldManager(), agent == null ? "" : agent);
        ObjectNode shown = Json.object().put("kind", kindOfOptions).put("apiVersion", "meta.k8s.io/v1");
        if (options.dryRun()) {
            shown.putArray("dryRun").add("All");
        }
        if (!options.fieldManager().isEmpty()) {
            shown.put("fieldManager", options.fieldManager());
        }
        String validation = request.query().text("fieldValidation");
        if (!validation.isEmpty()) {
            shown.put("fieldValidation", validation);
        }
        return of(request, resource, version, options.dryRun(), manager, shown, now);
    }

    /** The same as the creation that an update turns out to be: admission is shown the options of one. */
    Write asCreation() {
        return new Write(
                resource,
                version,
                verb,
                subresource,
                namespace,
                name,
                user,
                dryRun,
                fieldManager,
                options.deepCopy().put("kind", "CreateOptions"),
                warnings,
                auditAnnotations,
                now);
    }

    /** What it was authorized as. */
    Attributes attributes() {
        return new Attributes(
                user,
                verb,
                namespace,
                resource.name().group(),
                version.version(),
                resource.name().resource(),
                subresource,
                name,
                true,
                "",
                List.of(),
                List.of());
    }

    WriteContext context() {
        return new WriteContext(user, now, dryRun, warnings);
    }

    /** The kind that is sent, in the version it is sent in. */
    GroupVersionKind kind() {
        return new GroupVersionKind(
                resource.name().group(), version.version(), resource.kind().kind());
    }

    /** The same of another kind, in its preferred version. */
    Write of(Resource other) {
        return new Write(
                other,
                other.versions().getFirst(),
                verb,
                subresource,
                namespace,
                name,
                user,
                dryRun,
                fieldManager,
                options,
                warnings,
                auditAnnotations,
                now);
    }

    /** The same, tried or done. */
    Write dry(boolean only) {
        return new Write(
                resource,
                version,
                verb,
                subresource,
                namespace,
                name,
                user,
                only,
                fieldManager,
                options,
                warnings,
                auditAnnotations,
                now);
    }

    /** The same for another object. */
    Write at(String newNamespace, String newName) {
        return new Write(
                resource,
                version,
                verb,
                subresource,
                newNamespace,
                newName,
                user,
                dryRun,
                fieldManager,
                options,
                warnings,
                auditAnnotations,
                now);
    }
}
