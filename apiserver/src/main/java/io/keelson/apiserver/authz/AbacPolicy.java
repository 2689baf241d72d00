package io.keelson.apiserver.authz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.request.UserInfo;
import java.io.IOException;
import java.util.List;

/**
 * A line of a policy file of the mode ABAC: somebody may do something with a resource, or at a path. {@code *} stands
 * for everything, in a user or group for everybody who is authenticated.
 *
 * @param user empty for no user in particular
 * @param group empty for no group in particular; where both are given, both have to be so
 * @param readonly whether only get, list and watch are allowed
 * @param namespace empty for what is in none
 * @param apiGroup empty for the core group
 * @param resource empty for none; subresources are what their resource is
 * @param nonResourcePath empty for none; one that ends in {@code *} stands for all that begin so
 */
record AbacPolicy(
        String user,
        String group,
        boolean readonly,
        String namespace,
        String apiGroup,
        String resource,
        String nonResourcePath) {
    private static final String ALL = "*";
    private static final String GROUP = "abac.authorization.kubernetes.io/";
    private static final String KIND = "Policy";

    /** Everybody is whoever is authenticated. */
    AbacPolicy {
        if (user.equals(ALL) || group.equals(ALL)) {
            user = "";
            group = UserInfo.AUTHENTICATED;
        }
    }

    /**
     * Reads a line: a Policy of {@code abac.authorization.kubernetes.io/v1beta1}, or one of v0, which need not say what
     * it is.
     *
     * @throws IOException with what is wrong with it
     */
    static AbacPolicy parse(byte[] line) throws IOException {
        ObjectNode policy;
        String apiVersion;
        String kind;
        try {
            policy = Json.parseObject(line);
            apiVersion = ObjectMeta.apiVersion(policy);
            kind = ObjectMeta.kind(policy);
        } catch (MalformedException e) {
            throw new IOException(e.message(), e);
        }
        boolean said = !apiVersion.isEmpty() && !kind.isEmpty();
        if (!said || (kind.equals(KIND) && apiVersion.equals(GROUP + "v0"))) {
            return ofVersion0(policy);
        }
        if (!kind.equals(KIND) || !apiVersion.equals(GROUP + "v1beta1")) {
            throw new IOException("no kind " + Attributes.quoted(kind) + " is registered for version "
                    + Attributes.quoted(apiVersion));
        }
        JsonNode spec = policy.path("spec");
        if (!spec.isMissingNode() && !spec.isNull() && !spec.isObject()) {
            throw unusable("spec", spec);
        }
        return new AbacPolicy(
                text(spec, "user"),
                text(spec, "group"),
                flag(spec, "readonly"),
                text(spec, "namespace"),
                text(spec, "apiGroup"),
                text(spec, "resource"),
                text(spec, "nonResourcePath"));
    }

    /** What is left out there stands for everything. */
    private static AbacPolicy ofVersion0(ObjectNode policy) throws IOException {
        String user = text(policy, "user");
        String group = text(policy, "group");
        String namespace = text(policy, "namespace");
        String resource = text(policy, "resource");
        return new AbacPolicy(
                user,
                user.isEmpty() && group.isEmpty() ? ALL : group,
                flag(policy, "readonly"),
                namespace.isEmpty() ? ALL : namespace,
                ALL,
                resource.isEmpty() ? ALL : resource,
                namespace.isEmpty() && resource.isEmpty() ? ALL : "");
    }

    private static String text(JsonNode object, String field) throws IOException {
        JsonNode value = object.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return "";
        }
        if (!value.isTextual()) {
            throw unusable(field, value);
        }
        return value.textValue();
    }

    private static boolean flag(JsonNode object, String field) throws IOException {
        JsonNode value = object.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return false;
        }
        if (!value.isBoolean()) {
            throw unusable(field, value);
        }
        return value.booleanValue();
    }

    private static IOException unusable(String field, JsonNode value) {
        return new IOException("json: cannot unmarshal " + Json.goKind(value) + " into field " + field);
    }

    boolean allows(Attributes attributes) {
        return isFor(attributes.user())
                && (!readonly || reads(attributes.verb()))
                && (attributes.resourceRequest() ? isForResource(attributes) : isForPath(attributes.path()));
    }

    private boolean isFor(UserInfo somebody) {
        return (!user.isEmpty() || !group.isEmpty())
                && (user.isEmpty() || user.equals(somebody.name()))
                && (group.isEmpty() || somebody.in(group));
    }

    private static boolean reads(String verb) {
        return switch (verb) {
            case "get", "list", "watch" -> true;
            default -> false;
        };
    }

    private boolean isForResource(Attributes attributes) {
        return matches(namespace, attributes.namespace())
                && matches(resource, attributes.resource())
                && matches(apiGroup, attributes.apiGroup());
    }

    private static boolean matches(String said, String value) {
        return said.equals(ALL) || said.equals(value);
    }

    private boolean isForPath(String path) {
        if (!nonResourcePath.endsWith(ALL)) {
            return nonResourcePath.equals(path);
        }
        int end = nonResourcePath.length();
        while (end > 0 && nonResourcePath.charAt(end - 1) == '*') {
            end--;
        }
        return path.startsWith(nonResourcePath.substring(0, end));
    }

    /** Adds what it allows somebody in a namespace. */
    void tell(UserInfo somebody, String where, List<PolicyRule> rules) {
        if (!isFor(somebody) || !matches(namespace, where)) {
            return;
        }
        List<String> verbs = readonly ? List.of("get", "list", "watch") : List.of(ALL);
        if (!resource.isEmpty()) {
            rules.add(PolicyRule.on(verbs, List.of(apiGroup), List.of(resource)));
        }
        if (!nonResourcePath.isEmpty()) {
            rules.add(new PolicyRule(verbs, List.of(), List.of(), List.of(), List.of(nonResourcePath)));
        }
    }
}
