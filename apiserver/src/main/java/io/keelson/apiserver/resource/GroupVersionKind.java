package io.keelson.apiserver.resource;

/**
 * A kind in one version of its group.
 *
 * @param group empty for the core group
 */
public record GroupVersionKind(String group, String version, String kind) {
    public GroupVersion groupVersion() {
        return new GroupVersion(group, version);
    }

    public GroupKind groupKind() {
        return new GroupKind(group, kind);
    }

    /** As the API prints it: {@code apps/v1, Kind=Deployment}. */
    @Override
    public String toString() {
        return groupVersion() + ", Kind=" + kind;
    }
}
