package io.keelson.apiserver.discovery;

import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ResourceRegistry;
import io.keelson.apiserver.resource.ServedVersion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The groups that are served, each with its versions, the preferred one first, and with what is served in each version.
 * Groups stand in the order in which they were added to the registry, built-in ones first, custom ones by name.
 */
final class DiscoveryGroups {
    private final Map<String, Map<String, List<Resource>>> groups = new LinkedHashMap<>();

    DiscoveryGroups(ResourceRegistry.Snapshot registry) {
        List<Resource> custom = new ArrayList<>();
        for (Resource resource : registry.resources()) {
            if (resource.custom()) {
                custom.add(resource);
            } else {
                add(resource);
            }
        }
        custom.sort((a, b) -> a.name().toString().compareTo(b.name().toString()));
        custom.forEach(this::add);
        groups.replaceAll((_, versions) -> byPriority(versions));
    }

    private void add(Resource resource) {
        Map<String, List<Resource>> versions =
                groups.computeIfAbsent(resource.name().group(), _ -> new LinkedHashMap<>());
        for (ServedVersion version : resource.versions()) {
            versions.computeIfAbsent(version.version(), _ -> new ArrayList<>())
                    .add(resource.through(version.version()));
        }
    }

    private static Map<String, List<Resource>> byPriority(Map<String, List<Resource>> versions) {
        List<String> names = new ArrayList<>(versions.keySet());
        names.sort(VersionPriority.FIRST_IS_PREFERRED);
        Map<String, List<Resource>> sorted = new LinkedHashMap<>();
        names.forEach(name -> sorted.put(name, versions.getOrDefault(name, List.of())));
        return sorted;
    }

    /** Names of the groups; the core group is the empty one. */
    List<String> names() {
        return List.copyOf(groups.keySet());
    }

    /** What is served in each version of a group; empty if there is no such group. */
    Map<String, List<Resource>> versions(String group) {
        return groups.getOrDefault(group, Map.of());
    }
}
