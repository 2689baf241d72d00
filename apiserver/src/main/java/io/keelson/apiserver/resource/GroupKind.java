package io.keelson.apiserver.resource;

/**
 * A kind within its group, whatever the version; written {@code Deployment.apps}.
 *
 * @param group empty for the core group
 */
public record GroupKind(String group, String kind) {
    @Override
    public String toString() {
        return group.isEmpty() ? kind : kind + "." + group;
    }
}
