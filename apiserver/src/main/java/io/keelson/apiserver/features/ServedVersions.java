package io.keelson.apiserver.features;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Filter;
import io.keelson.apiserver.request.Handler;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.resource.GroupVersion;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ResourceRegistry;
import io.keelson.apiserver.resource.ServedVersion;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which built-in resources clients may have, in which versions. The server itself goes on using all of them: what is not
 * served is stored, cached and looked at as ever, but nobody can ask for it or finds it in discovery and OpenAPI. Stands
 * before whatever answers requests for resources.
 */
public final class ServedVersions implements Filter {
    /** Nothing is switched off. */
    public static final ServedVersions ALL = new ServedVersions(Map.of());

    private final Map<GroupResource, Set<String>> off;

    private ServedVersions(Map<GroupResource, Set<String>> off) {
        this.off = off;
    }

    /** Says of each version of each resource whether it is served. */
    @FunctionalInterface
    interface Choice {
        boolean serves(GroupVersion version, String resource);
    }

    static ServedVersions of(Collection<Resource> builtIn, Choice choice) {
        Map<GroupResource, Set<String>> off = new HashMap<>();
        for (Resource resource : builtIn) {
            GroupResource name = resource.name();
            for (ServedVersion version : resource.versions()) {
                if (!choice.serves(new GroupVersion(name.group(), version.version()), name.resource())) {
                    off.computeIfAbsent(name, _ -> new HashSet<>()).add(version.version());
                }
            }
        }
        return off.isEmpty() ? ALL : new ServedVersions(off);
    }

    /** The same with nothing said of resources that are not there. */
    public ServedVersions without(Collection<Resource> absent) {
        Map<GroupResource, Set<String>> left = new HashMap<>(off);
        absent.forEach(resource -> left.remove(resource.name()));
        return left.isEmpty() ? ALL : new ServedVersions(left);
    }

    /** Whether clients may have a resource in a version, as far as flags have a say in it. */
    public boolean serves(GroupResource resource, String version) {
        return !off.getOrDefault(resource, Set.of()).contains(version);
    }

    @Override
    public ApiResponse filter(ApiRequest request, Handler next) throws InterruptedException {
        if (!off.isEmpty()
                && !serves(request.info().groupResource(), request.info().version())) {
            throw ApiException.noSuchResource();
        }
        return next.handle(request);
    }

    /** What clients are told of: the same as a registry has, now and later, without what is switched off. */
    public ResourceRegistry shown(ResourceRegistry all) {
        if (off.isEmpty()) {
            return all;
        }
        Shown shown = new Shown(all);
        all.onChange(shown::follow);
        shown.follow();
        return shown.registry;
    }

    /** Follows a registry. */
    private final class Shown {
        private final ResourceRegistry all;
        private final ResourceRegistry registry = new ResourceRegistry();
        /** What is shown, by what it was made from. Guarded by this. */
        private Map<GroupResource, Resource> sources = Map.of();

        Shown(ResourceRegistry all) {
            this.all = all;
        }

        @SuppressWarnings("ReferenceEquality") // A resource that has changed is another one.
        synchronized void follow() {
            Map<GroupResource, Resource> now = new HashMap<>();
            List<Resource> changed = new ArrayList<>();
            for (Resource resource : all.current().resources()) {
                Resource left =
                        resource.custom() ? resource : resource.servedIn(version -> serves(resource.name(), version));
                if (left != null) {
                    now.put(resource.name(), resource);
                    if (sources.get(resource.name()) != resource) {
                        changed.add(left);
                    }
                }
            }
            sources.keySet().stream().filter(name -> !now.containsKey(name)).forEach(registry::remove);
            sources = now;
            if (!changed.isEmpty()) {
                registry.put(changed);
            }
        }
    }
}
