package io.keelson.apiserver.discovery;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.resource.GroupVersion;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.Subresource;
import io.keelson.apiserver.resource.Verb;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Writes the documents of discovery. */
final class DiscoveryDocuments {
    static final GroupVersionKind AGGREGATED_KIND =
            new GroupVersionKind("apidiscovery.k8s.io", "v2", "APIGroupDiscoveryList");

    /** Media type parameters of the aggregated form. */
    static final String AGGREGATED_PARAMETERS = ";g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    private static final int HASH_BYTES = 8;
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final DiscoveryGroups groups;
    private final AggregatedPart others;

    DiscoveryDocuments(DiscoveryGroups groups, AggregatedPart others) {
        this.groups = groups;
        this.others = others;
    }

    /** {@code /api}: the versions of the core group. */
    ObjectNode coreVersions(String serverAddress) {
        ObjectNode document = JSON.objectNode().put("kind", "APIVersions");
        ArrayNode versions = document.putArray("versions");
        groups.versions("").keySet().forEach(versions::add);
        document.putArray("serverAddressByClientCIDRs")
                .addObject()
                .put("clientCIDR", "0.0.0.0/0")
                .put("serverAddress", serverAddress);
        return document;
    }

    /** {@code /apis}: all groups but the core one. */
    ObjectNode groupList() {
        ObjectNode document = JSON.objectNode().put("kind", "APIGroupList").put("apiVersion", "v1");
        ArrayNode list = document.putArray("groups");
        for (String name : groups.names()) {
            if (!name.isEmpty()) {
                list.add(describeGroup(JSON.objectNode(), name));
            }
        }
        others.addTo(list);
        return document;
    }

    /** {@code /apis/<group>}. */
    ObjectNode group(String name) {
        return describeGroup(JSON.objectNode().put("kind", "APIGroup").put("apiVersion", "v1"), name);
    }

    private ObjectNode describeGroup(ObjectNode document, String name) {
        document.put("name", name);
        ArrayNode versions = document.putArray("versions");
        for (String version : groups.versions(name).keySet()) {
            versions.add(describeVersion(new GroupVersion(name, version)));
        }
        document.set("preferredVersion", versions.path(0).deepCopy());
        others.describe(document, name);
        return document;
    }

    private static ObjectNode describeVersion(GroupVersion groupVersion) {
        return JSON.objectNode().put("groupVersion", groupVersion.toString()).put("version", groupVersion.version());
    }

    /** {@code /api/v1} and {@code /apis/<group>/<version>}. */
    ObjectNode resourceList(GroupVersion groupVersion) {
        ObjectNode document = JSON.objectNode().put("kind", "APIResourceList");
        if (!groupVersion.group().isEmpty()) {
            document.put("apiVersion", "v1");
        }
        document.put("groupVersion", groupVersion.toString());
        ArrayNode list = document.putArray("resources");
        for (Resource resource : sorted(groupVersion)) {
            describe(list.addObject(), resource);
            for (Subresource subresource : sorted(resource)) {
                describe(list.addObject(), groupVersion, resource, subresource);
            }
        }
        return document;
    }

    private List<Resource> sorted(GroupVersion groupVersion) {
        return groups.versions(groupVersion.group()).getOrDefault(groupVersion.version(), List.of()).stream()
                .sorted(Comparator.comparing(resource -> resource.name().resource()))
                .toList();
    }

    private static List<Subresource> sorted(Resource resource) {
        return resource.subresources().values().stream()
                .sorted(Comparator.comparing(Subresource::name))
                .toList();
    }

    private static void describe(ObjectNode entry, Resource resource) {
        entry.put("name", resource.name().resource())
                .put("singularName", resource.singular())
                .put("namespaced", resource.namespaced())
                .put("kind", resource.kind().kind());
        verbs(entry, resource.shownVerbs());
        texts(entry, "shortNames", resource.shortNames());
        texts(entry, "categories", resource.categories());
        if (resource.verbs().contains(Verb.LIST)) {
            entry.put("storageVersionHash", storageVersionHash(resource));
        }
    }

    private static void describe(
            ObjectNode entry, GroupVersion groupVersion, Resource resource, Subresource subresource) {
        entry.put("name", resource.name().resource() + "/" + subresource.name())
                .put("singularName", "")
                .put("namespaced", resource.namespaced());
        GroupVersionKind kind = subresource.kind();
        if (!kind.groupVersion().equals(groupVersion)) {
            entry.put("group", kind.group()).put("version", kind.version());
        }
        entry.put("kind", kind.kind());
        verbs(entry, subresource.verbs());
    }

    /** {@code /api} and {@code /apis} in the aggregated form. */
    ObjectNode aggregated(boolean core) {
        ObjectNode document =
                JSON.objectNode().put("kind", "APIGroupDiscoveryList").put("apiVersion", "apidiscovery.k8s.io/v2");
        document.putObject("metadata");
        ArrayNode items = document.putArray("items");
        for (String name : groups.names()) {
            if (name.isEmpty() == core) {
                aggregateGroup(items.addObject(), name);
            }
        }
        others.addToItems(items, core);
        return document;
    }

    private void aggregateGroup(ObjectNode item, String group) {
        ObjectNode metadata = item.putObject("metadata");
        if (!group.isEmpty()) {
            metadata.put("name", group);
        }
        metadata.putNull("creationTimestamp");
        ArrayNode versions = item.putArray("versions");
        for (String version : groups.versions(group).keySet()) {
            GroupVersion groupVersion = new GroupVersion(group, version);
            ObjectNode entry = versions.addObject().put("version", version);
            ArrayNode resources = entry.putArray("resources");
            for (Resource resource : sorted(groupVersion)) {
                aggregateResource(resources.addObject(), groupVersion, resource);
            }
            entry.put("freshness", "Current");
        }
    }

    private static void aggregateResource(ObjectNode entry, GroupVersion groupVersion, Resource resource) {
        entry.put("resource", resource.name().resource());
        entry.set("responseKind", responseKind(groupVersion.kind(resource.kind().kind())));
        entry.put("scope", resource.namespaced() ? "Namespaced" : "Cluster")
                .put("singularResource", resource.singular());
        verbs(entry, resource.shownVerbs());
        texts(entry, "shortNames", resource.shortNames());
        texts(entry, "categories", resource.categories());
        List<Subresource> subresources = sorted(resource);
        if (!subresources.isEmpty()) {
            ArrayNode list = entry.putArray("subresources");
            for (Subresource subresource : subresources) {
                ObjectNode part = list.addObject().put("subresource", subresource.name());
                part.set("responseKind", responseKind(subresource.kind()));
                verbs(part, subresource.verbs());
            }
        }
    }

    private static ObjectNode responseKind(GroupVersionKind kind) {
        return JSON.objectNode()
                .put("group", kind.group())
                .put("version", kind.version())
                .put("kind", kind.kind());
    }

    private static void verbs(ObjectNode entry, Collection<Verb> verbs) {
        ArrayNode list = entry.putArray("verbs");
        verbs.stream().map(Verb::toString).sorted().forEach(list::add);
    }

    private static void texts(ObjectNode entry, String field, List<String> texts) {
        if (!texts.isEmpty()) {
            ArrayNode list = entry.putArray(field);
            texts.forEach(list::add);
        }
    }

    /** By this, clients see whether two resources are stored in the same form. */
    private static String storageVersionHash(Resource resource) {
        byte[] digest = sha(
                "SHA-256",
                (resource.storedAs().group() + "/" + resource.storedAs().version() + "/"
                                + resource.kind().kind())
                        .getBytes(StandardCharsets.UTF_8));
        return Base64.getEncoder().encodeToString(Arrays.copyOf(digest, HASH_BYTES));
    }

    static byte[] sha(String algorithm, byte[] bytes) {
        try {
            return MessageDigest.getInstance(algorithm).digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has " + algorithm, e);
        }
    }

    /** Whether anybody serves the group. */
    boolean has(String group) {
        return !groups.versions(group).isEmpty() || others.has(group);
    }

    /** All versions of all groups, those that others serve included. */
    Set<GroupVersion> groupVersions() {
        Set<GroupVersion> all = new LinkedHashSet<>();
        for (String group : groups.names()) {
            groups.versions(group).keySet().forEach(version -> all.add(new GroupVersion(group, version)));
        }
        all.addAll(others.groupVersions());
        return all;
    }

    /** Every group, with the versions in it. */
    Map<String, List<Resource>> versions(String group) {
        return groups.versions(group);
    }
}
