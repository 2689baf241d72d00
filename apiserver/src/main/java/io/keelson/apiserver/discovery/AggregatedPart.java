package io.keelson.apiserver.discovery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.resource.GroupVersion;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The part of the documents that is about other servers: their groups come behind those of this one, the higher priority
 * first, their versions behind those that this server has of the same group.
 */
final class AggregatedPart {
    private static final Comparator<AggregatedVersion> ORDER = Comparator.comparingInt(AggregatedVersion::groupPriority)
            .reversed()
            .thenComparing(AggregatedVersion::group)
            .thenComparing(
                    Comparator.comparingInt(AggregatedVersion::versionPriority).reversed())
            .thenComparing(AggregatedVersion::version, VersionPriority.FIRST_IS_PREFERRED);

    private final Map<String, List<AggregatedVersion>> groups = new LinkedHashMap<>();

    AggregatedPart(List<AggregatedVersion> versions) {
        versions.stream()
                .sorted(ORDER)
                .forEach(version -> groups.computeIfAbsent(version.group(), _ -> new ArrayList<>())
                        .add(version));
    }

    boolean has(String group) {
        return groups.containsKey(group);
    }

    List<GroupVersion> groupVersions() {
        return groups.values().stream()
                .flatMap(List::stream)
                .map(version -> new GroupVersion(version.group(), version.version()))
                .toList();
    }

    /** Adds the groups to an {@code APIGroupList}. */
    void addTo(ArrayNode list) {
        groups.forEach((name, versions) -> {
            if (!name.isEmpty()) {
                ObjectNode known = find(list, group -> group.path("name"), name);
                describe(known == null ? list.addObject() : known, name, versions);
            }
        });
    }

    /** Adds what is known of a group to its description. */
    void describe(ObjectNode group, String name) {
        List<AggregatedVersion> versions = groups.get(name);
        if (versions != null) {
            describe(group, name, versions);
        }
    }

    private static void describe(ObjectNode group, String name, List<AggregatedVersion> versions) {
        group.put("name", name);
        ArrayNode list = array(group, "versions");
        for (AggregatedVersion version : versions) {
            if (find(list, one -> one.path("version"), version.version()) == null) {
                list.addObject()
                        .put("groupVersion", name + "/" + version.version())
                        .put("version", version.version());
            }
        }
        group.set("preferredVersion", list.path(0).deepCopy());
    }

    /** Adds the groups to the items of the aggregated form. */
    void addToItems(ArrayNode items, boolean core) {
        groups.forEach((name, versions) -> {
            if (name.isEmpty() == core) {
                ObjectNode item = find(items, one -> one.path("metadata").path("name"), name);
                addVersions(item == null ? begin(items, name) : item, versions);
            }
        });
    }

    private static ObjectNode begin(ArrayNode items, String name) {
        ObjectNode item = items.addObject();
        item.putObject("metadata").put("name", name).putNull("creationTimestamp");
        return item;
    }

    private static void addVersions(ObjectNode item, List<AggregatedVersion> versions) {
        ArrayNode list = array(item, "versions");
        for (AggregatedVersion version : versions) {
            if (find(list, one -> one.path("version"), version.version()) != null) {
                continue;
            }
            ObjectNode entry = list.addObject().put("version", version.version());
            ArrayNode resources = version.resources();
            if (resources != null) {
                entry.set("resources", resources.deepCopy());
            }
            entry.put("freshness", version.fresh() ? "Current" : "Stale");
        }
    }

    private interface Field {
        JsonNode of(JsonNode entry);
    }

    private static @Nullable ObjectNode find(ArrayNode list, Field field, String value) {
        for (JsonNode entry : list) {
            if (entry instanceof ObjectNode object && field.of(entry).asText("").equals(value)) {
                return object;
            }
        }
        return null;
    }

    private static ArrayNode array(ObjectNode object, String field) {
        if (object.get(field) instanceof ArrayNode there) {
            return there;
        }
        ArrayNode made = JsonNodeFactory.instance.arrayNode();
        object.set(field, made);
        return made;
    }
}
