package io.keelson.apiserver.authz;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.FieldSelector;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.LabelSelector;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.RequestInfo;
import io.keelson.apiserver.request.UserInfo;
import io.keelson.apiserver.resource.GroupResource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What somebody wants to do: all that a decision may rest on. Fields that do not apply are empty.
 *
 * @param verb in lower case
 * @param namespace empty for all, or none
 * @param apiGroup empty for the core group
 * @param resource in the plural
 * @param name empty if the request is about no single object
 * @param resourceRequest whether it is about a resource; otherwise it is about the path
 * @param path of a request that is about no resource
 * @param fieldSelector what the request is limited to, for list, watch and deletecollection
 * @param labelSelector likewise
 */
public record Attributes(
        UserInfo user,
        String verb,
        String namespace,
        String apiGroup,
        String apiVersion,
        String resource,
        String subresource,
        String name,
        boolean resourceRequest,
        String path,
        List<SelectorRequirement> fieldSelector,
        List<SelectorRequirement> labelSelector) {
    public Attributes {
        fieldSelector = List.copyOf(fieldSelector);
        labelSelector = List.copyOf(labelSelector);
    }

    /** What a request wants. */
    public static Attributes of(ApiRequest request) {
        RequestInfo info = request.info();
        if (!info.resourceRequest()) {
            return ofPath(request.user(), info.verb(), info.path());
        }
        List<SelectorRequirement> fields = List.of();
        List<SelectorRequirement> labels = List.of();
        String name = info.name();
        boolean many = switch (info.verb()) {
            case "list", "watch", "deletecollection" -> true;
            default -> false;
        };
        if (many) {
            FieldSelector selector = fields(request.query().text("fieldSelector"));
            fields = selector.requirements().stream()
                    .map(SelectorRequirement::of)
                    .toList();
            labels = labels(request.query().text("labelSelector")).requirements().stream()
                    .map(SelectorRequirement::of)
                    .toList();
            // A list of one object by name is a read of this object
            String only = selector.required("metadata.name");
            if (name.isEmpty() && only != null && !info.verb().equals("deletecollection") && isPathSegment(only)) {
                name = only;
            }
        }
        return new Attributes(
                request.user(),
                info.verb(),
                info.namespace(),
                info.group(),
                info.version(),
                info.resource(),
                info.subresource(),
                name,
                true,
                info.path(),
                fields,
                labels);
    }

    /** A selector that cannot be read limits nothing; the request itself will fail on it. */
    private static FieldSelector fields(String text) {
        try {
            return FieldSelector.parse(text);
        } catch (MalformedException e) {
            return FieldSelector.everything();
        }
    }

    private static LabelSelector labels(String text) {
        try {
            return LabelSelector.parse(text);
        } catch (MalformedException e) {
            return LabelSelector.everything();
        }
    }

    private static boolean isPathSegment(String name) {
        return !name.isEmpty()
                && !name.equals(".")
                && !name.equals("..")
                && name.indexOf('/') < 0
                && name.indexOf('%') < 0;
    }

    public static Attributes ofPath(UserInfo user, String verb, String path) {
        return new Attributes(user, verb, "", "", "", "", "", "", false, path, List.of(), List.of());
    }

    public static Attributes ofResource(
            UserInfo user, String verb, GroupResource resource, String subresource, String namespace, String name) {
        return new Attributes(
                user,
                verb,
                namespace,
                resource.group(),
                "*",
                resource.resource(),
                subresource,
                name,
                true,
                "",
                List.of(),
                List.of());
    }

    public Attributes withUser(UserInfo newUser) {
        return new Attributes(
                newUser,
                verb,
                namespace,
                apiGroup,
                apiVersion,
                resource,
                subresource,
                name,
                resourceRequest,
                path,
                fieldSelector,
                labelSelector);
    }

    public Attributes withVerb(String newVerb) {
        return new Attributes(
                user,
                newVerb,
                namespace,
                apiGroup,
                apiVersion,
                resource,
                subresource,
                name,
                resourceRequest,
                path,
                fieldSelector,
                labelSelector);
    }

    public Attributes withName(String newName) {
        return new Attributes(
                user,
                verb,
                namespace,
                apiGroup,
                apiVersion,
                resource,
                subresource,
                newName,
                resourceRequest,
                path,
                fieldSelector,
                labelSelector);
    }

    /** The resource with its subresource, {@code pods/log}. */
    public String combinedResource() {
        return subresource.isEmpty() ? resource : resource + "/" + subresource;
    }

    /** Whether the request is limited to objects that have this value in this field. */
    public boolean limitedTo(String field, String value) {
        for (SelectorRequirement requirement : fieldSelector) {
            if (requirement.key().equals(field) && requirement.requires(value)) {
                return true;
            }
        }
        return false;
    }

    /** {@code User "jane" cannot list resource "pods" in API group "" in the namespace "default"}. */
    public String refusal() {
        String who = "User " + quoted(user.name()) + " cannot " + verb;
        if (!resourceRequest) {
            return who + " path " + quoted(path);
        }
        String what = who + " resource " + quoted(combinedResource()) + " in API group " + quoted(apiGroup);
        return namespace.isEmpty() ? what + " at the cluster scope" : what + " in the namespace " + quoted(namespace);
    }

    /**
     * What is answered when this is not allowed.
     *
     * @param reason why not; empty if nothing is known but that nobody allowed it
     */
    public ApiException forbidden(@Nullable String reason) {
        String why = reason == null || reason.isEmpty() ? refusal() : refusal() + ": " + reason;
        return ApiException.forbidden(new GroupResource(apiGroup, resource), name, why);
    }

    static String quoted(String text) {
        return GoText.quoted(text);
    }
}
