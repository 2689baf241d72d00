package io.keelson.apiserver.resource;

/**
 * A resource within its group, whatever the version; written {@code deployments.apps}.
 *
 * @param group empty for the core group
 */
public record GroupResource(String group, String resource) {
    @Override
    public String toString() {
        return group.isEmpty() ? resource : resource + "." + group;
    }
}
