package io.keelson.apiserver.server;

import io.keelson.apiserver.resource.GroupResource;
import java.util.List;

/**
 * Another store for objects of a resource, or of all resources of a group: {@code --etcd-servers-overrides}.
 *
 * @param group empty for the core group
 * @param resource its plural; {@value #ALL} for all built-in ones of the group, which one by name goes before
 * @param servers where the store is, as {@code --etcd-servers} says it
 */
public record StoreOverride(String group, String resource, List<String> servers) {
    private static final String ALL = "*";

    public StoreOverride {
        servers = List.copyOf(servers);
    }

    /**
     * Reads {@code group/resource#servers}.
     *
     * @throws IllegalArgumentException naming the flag
     */
    static StoreOverride parse(String text) {
        String[] parts = text.split("#", -1);
        String[] names = parts[0].split("/", -1);
        if (parts.length != 2 || names.length != 2) {
            throw new IllegalArgumentException("--etcd-servers-overrides invalid, must be of format:"
                    + " group/resource#servers, where servers are URLs, semicolon separated");
        }
        return new StoreOverride(names[0], names[1], List.of(parts[1].split(";", -1)));
    }

    boolean ofWholeGroup() {
        return resource.equals(ALL);
    }

    boolean isFor(GroupResource name) {
        return group.equals(name.group()) && (ofWholeGroup() || resource.equals(name.resource()));
    }
}
