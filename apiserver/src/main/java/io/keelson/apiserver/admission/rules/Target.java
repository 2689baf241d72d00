package io.keelson.apiserver.admission.rules;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ServedVersion;
import java.util.ArrayList;
import java.util.List;

/**
 * What a request is about, in one version of its resource.
 *
 * @param group of the resource; empty for the core group
 * @param resource without its subresource
 * @param kind of the object that is sent, which is another kind than the resource's at some subresources
 */
public record Target(String group, String version, String resource, GroupVersionKind kind) {
    /** As the client sent it. */
    public static Target asSent(AdmissionRequest request) {
        return in(request, versionSent(request));
    }

    /** The same in the other versions in which the resource is served. */
    static List<Target> equivalents(AdmissionRequest request) {
        String sent = versionSent(request);
        List<Target> others = new ArrayList<>();
        for (ServedVersion version : request.resource().versions()) {
            if (!version.version().equals(sent)) {
                others.add(in(request, version.version()));
            }
        }
        return others;
    }

    private static Target in(AdmissionRequest request, String version) {
        Resource resource = request.resource();
        String group = resource.name().group();
        GroupVersionKind kind = isOwnKind(request)
                ? new GroupVersionKind(group, version, resource.kind().kind())
                : request.kind();
        return new Target(group, version, resource.name().resource(), kind);
    }

    private static String versionSent(AdmissionRequest request) {
        Resource resource = request.resource();
        if (isOwnKind(request)) {
            return request.kind().version();
        }
        return resource.custom()
                ? resource.workedOnIn()
                : resource.versions().getFirst().version();
    }

    /** Whether what is sent is an object of the resource, and not something else that is posted to a part of it. */
    static boolean isOwnKind(AdmissionRequest request) {
        return request.kind().groupKind().equals(request.resource().kind());
    }

    /** As {@code kind} of an AdmissionReview. */
    public ObjectNode kindAsJson() {
        return Json.object()
                .put("group", kind.group())
                .put("version", kind.version())
                .put("kind", kind.kind());
    }

    /** As {@code resource} of an AdmissionReview. */
    public ObjectNode resourceAsJson() {
        return Json.object().put("group", group).put("version", version).put("resource", resource);
    }
}
