package io.keelson.apiserver.encryption;

import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.resource.Resource;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the resource of an object by its key in the store. Built-in kinds lie where they always have; custom ones under their
 * group and name:
 *
 * <pre>
 * /registry/secrets/default/db                 secrets
 * /registry/services/specs/default/web         services
 * /registry/deployments/default/web            deployments.apps
 * /registry/example.com/widgets/default/one    widgets.example.com
 * /registry/ranges/servicenodeports            none
 * </pre>
 */
public final class StoredResources {
    private final String prefix;
    private final Map<String, GroupResource> byPath = new HashMap<>();

    /** @param keyPrefix what all keys begin with, {@code /registry} */
    public StoredResources(String keyPrefix, Collection<Resource> builtIn) {
        prefix = keyPrefix + "/";
        builtIn.forEach(resource -> byPath.put(resource.storagePath(), resource.name()));
    }

    /** The resource; null if it is the key of no object. */
    public @Nullable GroupResource of(String key) {
        if (!key.startsWith(prefix)) {
            return null;
        }
        int first = key.indexOf('/', prefix.length());
        if (first < 0) {
            return null;
        }
        String one = key.substring(prefix.length(), first);
        int second = key.indexOf('/', first + 1);
        if (second > 0) {
            GroupResource known = byPath.get(key.substring(prefix.length(), second));
            if (known != null) {
                return known;
            }
        }
        GroupResource known = byPath.get(one);
        if (known != null) {
            return known;
        }
        return second > 0 && one.indexOf('.') > 0 ? new GroupResource(one, key.substring(first + 1, second)) : null;
    }
}
