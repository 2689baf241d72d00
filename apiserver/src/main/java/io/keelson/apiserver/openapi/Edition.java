package io.keelson.apiserver.openapi;

import io.keelson.apiserver.resource.GroupVersion;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ResourceRegistry;
import io.keelson.apiserver.resource.ServedVersion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * All documents about one snapshot of the registry, each made when it is first asked for. A document whose resources are
 * those of the edition before is taken over from it, so that a new custom kind costs its own group only. Thread-safe.
 */
final class Edition {
    private final ResourceRegistry.Snapshot snapshot;
    private final String version;
    private final Set<GroupVersion> versions = new LinkedHashSet<>();
    private final Map<String, Supplier<Document>> sources = new LinkedHashMap<>();
    private final Map<String, Document> made = new ConcurrentHashMap<>();
    private final Map<GroupVersion, List<Resource>> resources = new ConcurrentHashMap<>();

    /**
     * @param version of Kubernetes, as it stands in the documents
     * @param before the edition before; null if there is none
     */
    Edition(ResourceRegistry.Snapshot snapshot, String version, @Nullable Edition before) {
        this.snapshot = snapshot;
        this.version = version;
        Set<String> groups = new LinkedHashSet<>();
        for (Resource resource : snapshot.resources()) {
            for (ServedVersion served : resource.versions()) {
                versions.add(new GroupVersion(resource.name().group(), served.version()));
            }
            groups.add(resource.name().group());
        }
        groups.remove("");
        sources.put("api", () -> common(List.of(CommonPaths.core())));
        sources.put("apis", () -> common(List.of(CommonPaths.groups())));
        groups.forEach(group -> sources.put("apis/" + group, () -> common(List.of(CommonPaths.group(group)))));
        versions.forEach(one -> sources.put((one.group().isEmpty() ? "api/" : "apis/") + one, () -> resources(one)));
        sources.put("version", () -> common(List.of(CommonPaths.version())));
        if (before != null) {
            takeOver(before);
        }
    }

    private void takeOver(Edition before) {
        before.made.forEach((name, document) -> {
            GroupVersion groupVersion = GroupVersion.parse(name.substring(name.indexOf('/') + 1));
            boolean same = versions.contains(groupVersion)
                    ? through(groupVersion).equals(before.resources.get(groupVersion))
                    : sources.containsKey(name) && !name.isEmpty();
            if (same) {
                made.put(name, document);
                if (versions.contains(groupVersion)) {
                    resources.put(groupVersion, through(groupVersion));
                }
            }
        });
    }

    /** Which snapshot it is about. */
    long number() {
        return snapshot.number();
    }

    /** The names of all documents of v3: {@code api/v1}, {@code apis/apps/v1}, {@code version}. */
    Set<String> names() {
        return sources.keySet();
    }

    /** A document of v3; null if there is none of that name. */
    @Nullable
    Document find(String name) {
        Supplier<Document> source = sources.get(name);
        return source == null ? null : made.computeIfAbsent(name, _ -> source.get());
    }

    /** The document of v2. */
    Document swagger() {
        return made.computeIfAbsent("", _ -> {
            Schemas schemas = new Schemas();
            List<PathItem> paths = new ArrayList<>();
            for (String name : names()) {
                switch (name) {
                    case "api" -> paths.add(CommonPaths.core());
                    case "apis" -> paths.add(CommonPaths.groups());
                    case "version" -> paths.add(CommonPaths.version());
                    default -> {
                        GroupVersion one = GroupVersion.parse(name.substring(name.indexOf('/') + 1));
                        if (versions.contains(one)) {
                            paths.addAll(schemas.add(one, through(one)));
                        } else {
                            paths.add(CommonPaths.group(name.substring(name.indexOf('/') + 1)));
                        }
                    }
                }
            }
            schemas.want(paths);
            return new Document(SwaggerDocument.of(paths, schemas.all(), version), Document.Format.V2);
        });
    }

    private Document common(List<PathItem> paths) {
        Schemas schemas = new Schemas();
        schemas.want(paths);
        return new Document(OpenApiDocument.of(paths, schemas.all(), version), Document.Format.V3);
    }

    private Document resources(GroupVersion groupVersion) {
        Schemas schemas = new Schemas();
        List<Resource> served = through(groupVersion);
        resources.put(groupVersion, served);
        List<PathItem> paths = schemas.add(groupVersion, served);
        return new Document(OpenApiDocument.of(paths, schemas.all(), version), Document.Format.V3);
    }

    private List<Resource> through(GroupVersion groupVersion) {
        return snapshot.in(groupVersion).stream()
                .map(resource -> resource.through(groupVersion.version()))
                .toList();
    }
}
