package io.keelson.controllers.namespace;

/**
 * What can be set.
 *
 * @param concurrentSyncs {@code --concurrent-namespace-syncs}: how many namespaces are emptied at a time
 */
public record NamespaceSettings(int concurrentSyncs) {
    /** As without flags. */
    public static final NamespaceSettings DEFAULT = new NamespaceSettings(10);
}
