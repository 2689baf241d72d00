package io.keelson.dist.faults;

/**
 * An object of the namespace that a round is about, or all of a resource.
 *
 * @param resource {@code configmaps} or {@code pods}
 * @param name empty for all
 */
record ObjectKey(String resource, String name) {
    @Override
    public String toString() {
        return resource + "/" + name;
    }
}
